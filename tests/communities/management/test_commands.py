"""`create_community` and `create_api_key`."""

import re
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from communities.models import ApiKey, Community
from members.models import Membership, User
from tests import api, make

pytestmark = pytest.mark.django_db

FOUND = {"slug": "lantern", "name": "Lantern 灯", "type": "product", "timezone": "Asia/Shanghai"}


def run(command: str, /, **options) -> str:
    out = StringIO()
    call_command(command, stdout=out, **options)
    return out.getvalue()


def test_a_community_with_a_new_owner_and_a_password():
    run("create_community", **FOUND, owner="Ann@Example.org", password="a long word to sign in")
    owner = Membership.objects.get()
    assert (owner.role, owner.user.email, owner.community.timezone) == (
        "owner",
        "ann@example.org",
        "Asia/Shanghai",
    )
    assert owner.user.check_password("a long word to sign in")


def test_without_a_password_a_link_sets_one_once(client):
    printed = run("create_community", **FOUND, owner="ann@example.org")
    link = re.search(r"/accounts/\S+", printed)[0]
    assert not User.objects.get().has_usable_password()
    page = client.get(link, follow=True)
    assert page.status_code == 200
    word = "a long word to sign in"
    client.post(page.redirect_chain[-1][0], {"password1": word, "password2": word})
    assert User.objects.get().check_password(word)


def test_somebody_who_is_here_already_keeps_their_password():
    person = make.person("ann@example.org", password="as it was before")
    printed = run("create_community", **FOUND, owner="ann@example.org", password="something else now")
    person.refresh_from_db()
    assert person.check_password("as it was before")
    assert "stays as it was" in printed


@pytest.mark.parametrize(
    "wrong",
    [
        {"slug": "new"},
        {"slug": "a b"},
        {"name": " "},
        {"timezone": "Mars/Base"},
        {"owner": "nobody"},
        {"password": "12345"},
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_made(wrong):
    with pytest.raises(CommandError):
        run("create_community", **(FOUND | {"owner": "ann@example.org"} | wrong))
    assert (Community.objects.count(), User.objects.count()) == (0, 0)


def test_a_taken_address_is_refused():
    make.community("lantern")
    with pytest.raises(CommandError, match="taken"):
        run("create_community", **FOUND, owner="ann@example.org")


def test_a_key_is_the_last_word_and_works():
    community = make.community("lantern")
    printed = run("create_api_key", community="lantern", name="sync", scopes="read, write")
    key = printed.split()[-1]
    assert ApiKey.objects.get().scopes == ["read", "write"]
    assert api.Program(community, key=key).get("").status_code == 200
    assert key not in str(ApiKey.objects.values().get())


@pytest.mark.parametrize(
    "wrong", [{"community": "nowhere"}, {"scopes": "read,fly"}, {"scopes": ","}, {"name": "x" * 81}]
)
def test_a_key_that_cannot_be_made_is_refused(wrong):
    make.community("lantern")
    with pytest.raises(CommandError):
        run("create_api_key", **({"community": "lantern", "name": "sync", "scopes": "read"} | wrong))
    assert ApiKey.objects.count() == 0
