"""An invitation opened, by whom and wherever."""

from datetime import timedelta

import pytest
from django.test import Client

from communities.services import settings as community_settings
from kernel.clock import now
from members.models import Attribution, Membership, User
from members.roles import Status
from members.services import invitations, standing
from tests import make
from tests.make import EARLY, SITE
from tests.members.accounts.conftest import PASSWORD, code_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def bob():
    community = make.community("lantern", name="Lantern", type="tool")
    community.join_questions.all().delete()
    membership = make.member(community, name="Bob")
    membership.community = community
    return membership


@pytest.fixture
def link(bob):
    return invitations.personal(membership=bob, at=EARLY)


def browser(person=None) -> Client:
    client = Client()
    if person is not None:
        client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_a_stranger_reads_who_invites_and_goes_on_to_make_an_account(client, link):
    page = client.get(f"/i/{link.code}")
    assert page.status_code == 200
    assert "Bob invites you" in page.content.decode()
    assert 'href="/accounts/signup/?next=%2Fc%2Flantern%2Fjoin%2F"' in page.content.decode()
    assert client.session["invitations"] == [link.code]
    assert not Attribution.objects.exists()


def test_signed_in_it_is_credited_at_once(link):
    person = make.person()
    page = browser(person).get(f"/i/{link.code}")
    assert 'href="/c/lantern/join/"' in page.content.decode()
    assert Attribution.objects.get().user == person


def test_it_survives_signing_up_here_confirming_and_joining_on_another_device(client, bob, link, mailbox_dir):
    from crowdecon.mailbox import box

    client.get(f"/i/{link.code}")
    client.post("/accounts/signup/", {"name": "Grace", "email": "grace@example.org", "password1": PASSWORD})
    assert Attribution.objects.get().user == User.objects.get(email="grace@example.org")
    client.post("/accounts/confirm-email/", {"code": code_in(next(iter(box.newest())).text)})

    elsewhere = browser(User.objects.get(email="grace@example.org"))
    answer = elsewhere.post("/c/lantern/join/", {})
    assert answer["Location"] == "/c/lantern/"
    assert Membership.objects.get(name="Grace").invited_by == bob


def test_signing_in_credits_what_was_opened_before(client, bob, link):
    person = make.person(password=PASSWORD)
    client.get(f"/i/{link.code}")
    client.post("/accounts/login/", {"login": person.email, "password": PASSWORD})
    assert Attribution.objects.get().user == person
    assert "invitations" not in client.session


@pytest.mark.parametrize("policy", ["open", "invitation"])
def test_joining_by_it(bob, link, policy):
    community_settings.update(
        community=bob.community, at=EARLY, by=SITE, join_policy=policy, visibility="private"
    )
    person = make.person()
    assert browser(person).get("/c/lantern/join/").status_code == 404
    guest = browser(person)
    guest.get(f"/i/{link.code}")
    assert guest.get("/c/lantern/join/").status_code == 200
    assert guest.get("/c/lantern/desk/").status_code == 404
    assert guest.post("/c/lantern/join/", {})["Location"] == "/c/lantern/"
    came = Membership.objects.get(user=person)
    assert (came.status, came.invited_by, came.channel) == (Status.ACTIVE, bob, "personal")


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        ({"revoked_at": EARLY}, "was taken back"),
        ({"expires_at": EARLY}, "has expired"),
        ({"limit": 1, "used": 1}, "has been used up"),
    ],
)
def test_one_that_is_over_says_so_and_credits_nobody(client, link, spoil, words):
    type(link).objects.filter(pk=link.pk).update(**spoil)
    page = client.get(f"/i/{link.code}")
    assert (page.status_code, words in page.content.decode()) == (200, True)
    assert "Ask Bob for a new one." in page.content.decode()
    assert "/join/" not in page.content.decode()
    assert "invitations" not in client.session


def test_of_a_member_who_is_gone(client, bob, link):
    standing.act("leave", membership=bob, at=now(), by=SITE)
    assert "does not work any more" in client.get(f"/i/{link.code}").content.decode()


def test_an_unknown_code_is_told_as_such(client):
    answer = client.get("/i/nosuchcode")
    assert (answer.status_code, "There is no invitation at this address" in answer.content.decode()) == (
        404,
        True,
    )


def test_a_member_is_led_home_and_nobody_comes_by_their_own(bob, link):
    for person in (bob.user, make.member(bob.community).user):
        page = browser(person).get(f"/i/{link.code}").content.decode()
        assert 'href="/c/lantern/"' in page and "/join/" not in page
    assert not Attribution.objects.exists()


def test_it_costs_few_queries(client, link, django_assert_num_queries):
    client.get(f"/i/{link.code}")
    with django_assert_num_queries(1):
        client.get(f"/i/{link.code}")


def test_the_browser_keeps_the_latest_ones(client, bob):
    codes = [invitations.renew(membership=bob, at=EARLY + timedelta(days=n)).code for n in range(3)]
    for code in codes:
        client.get(f"/i/{code}")
    assert client.session["invitations"] == [codes[-1]]
