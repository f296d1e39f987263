"""A key for programs is given only to somebody who has proven lately who they are."""

import time
from urllib.parse import parse_qs, urlsplit

import pytest

from communities.models import ApiKey
from communities.services import founding
from kernel.clock import now
from members.actors import Actor
from tests.members.accounts.conftest import PASSWORD, sign_in

KEYS = "/c/pottery/desk/settings/keys/"
ASKED = {"name": "the newsletter", "scopes": ["read"]}


@pytest.fixture
def owner(client, ada):
    founding.found(
        name="Pottery",
        slug="pottery",
        type="interest",
        owner=ada,
        timezone="Europe/London",
        language="en",
        currency="GBP",
        at=now(),
        by=Actor.person(ada),
    )
    sign_in(client)
    return ada


def grow_old(client, seconds: int) -> None:
    """Let the person's last proof lie some seconds in the past."""
    session = client.session
    session["account_authentication_methods"] = [{"method": "password", "at": time.time() - seconds}]
    session.save()


def test_just_signed_in_is_proof_enough(client, owner):
    answer = client.post(KEYS, ASKED)
    assert answer.status_code == 200
    assert ApiKey.objects.get().name == "the newsletter"


def test_later_it_is_asked_again_and_the_form_is_kept(client, owner):
    grow_old(client, 901)
    answer = client.post(KEYS, ASKED)
    assert answer.status_code == 302
    where = urlsplit(answer["Location"])
    back = f"{KEYS}?name=the+newsletter&scopes=read"
    assert (where.path, parse_qs(where.query)) == ("/accounts/reauthenticate/", {"next": [back]})
    assert not ApiKey.objects.exists()

    answer = client.post(where.path, {"password": PASSWORD, "next": back})
    assert (answer.status_code, answer["Location"]) == (302, back)
    form = client.get(back).context["form"]
    assert (form["name"].value(), form["scopes"].value()) == ("the newsletter", ["read"])
    assert client.post(KEYS, ASKED).status_code == 200
    assert ApiKey.objects.count() == 1


def test_a_wrong_password_proves_nothing(client, owner):
    grow_old(client, 901)
    client.post("/accounts/reauthenticate/", {"password": "guess", "next": KEYS})
    assert client.post(KEYS, ASKED).status_code == 302
    assert not ApiKey.objects.exists()


def test_the_page_itself_is_read_without_being_asked(client, owner):
    grow_old(client, 901)
    assert client.get(KEYS).status_code == 200
