"""The member card, and how little it tells to whoever scans it."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from kernel.clock import now
from members.models import MemberCard, Membership
from members.selectors import card as seen
from members.services import cards, standing
from tests import api, make
from tests.security.races import together

pytestmark = pytest.mark.django_db


@pytest.fixture
def member() -> Membership:
    return make.member(
        make.community("lantern", name="Lantern"), name="Ada Lovelace", email="ada@example.org"
    )


def token(member, *, at=None):
    return seen.token(cards.current(membership=member, at=at or now()))


def scan(text):
    return Client().get(reverse("members:verify", args=[text]))


def at_home(member: Membership) -> Client:
    client = Client()
    client.force_login(member.user)
    return client


def test_a_scan_tells_first_name_number_tier_and_nothing_else(member):
    answer = scan(token(member))
    page = answer.content.decode()
    assert answer.status_code == 200
    for told in ("Valid member", "Ada", "No. 2", "Lantern", str(member.tier)):
        assert told in page
    for kept in ("Lovelace", "ada@example.org", "/c/lantern"):
        assert kept not in page
    assert (answer["Cache-Control"], answer["X-Robots-Tag"]) == ("no-store", "noindex")


@pytest.mark.parametrize(
    ("act", "reason"),
    [("pause", ""), ("suspend", ""), ("restrict", "x"), ("leave", ""), ("remove", "x"), ("ban", "x")],
)
def test_who_does_not_count_as_a_member_has_no_valid_card(member, act, reason):
    text = token(member)
    standing.act(act, membership=member, at=now(), by=make.SITE, reason=reason)
    page = scan(text).content.decode()
    assert "Not valid" in page
    assert not any(told in page for told in ("Ada", "No. 2", "Lantern", "paused"))


def test_a_picture_ends_after_thirty_days_and_the_card_goes_on(member):
    begun = now() - timedelta(days=30, seconds=1)
    old = token(member, at=begun)
    assert seen.check(old, at=begun + timedelta(days=29)) is not None
    assert "Not valid" in scan(old).content.decode()
    fresh = token(member)
    assert fresh != old and "Valid member" in scan(fresh).content.decode()
    assert token(member) == fresh and MemberCard.objects.count() == 1


def test_renewing_ends_every_picture_at_once(member):
    old = token(member)
    assert at_home(member).post("/c/lantern/card/renew/").status_code == 302
    assert "Not valid" in scan(old).content.decode()
    assert "Valid member" in scan(token(member)).content.decode()


@pytest.mark.parametrize(
    "spoil",
    [lambda t: t[:-1], lambda t: ("y" if t[0] == "x" else "x") + t[1:], lambda t: t.split(".")[0], str.upper],
)
def test_a_made_up_card_is_not_valid_and_costs_no_query(member, spoil, django_assert_num_queries):
    made_up = spoil(token(member))
    with django_assert_num_queries(0):
        answer = scan(made_up)
    assert "Not valid" in answer.content.decode()


def test_the_card_shows_itself_with_a_code_that_leads_to_the_check(member):
    answer = at_home(member).get("/c/lantern/card/")
    page = answer.content.decode()
    assert "Ada Lovelace" in page and '<svg viewBox="0 0 ' in page and "Valid now" in page
    assert answer.context["address"] == f"http://testserver/v/{token(member)}/"


def test_a_paused_member_s_card_has_no_code(member):
    standing.act("pause", membership=member, at=now(), by=make.SITE)
    page = at_home(member).get("/c/lantern/card/").content.decode()
    assert "Not valid now" in page and '<svg viewBox="0 0 ' not in page
    assert MemberCard.objects.count() == 0


def test_programs_check_cards_of_their_own_community_only(member):
    program = api.Program(member.community, "read")
    text = token(member)
    answer = program.get(f"cards/check/?token={text}").json()
    assert answer.pop("checked_at")
    assert answer == {"valid": True, "first_name": "Ada", "number": 2, "tier": str(member.tier)}
    nothing = {"valid": False, "first_name": None, "number": None, "tier": None}
    elsewhere = api.Program(make.community(), "read")
    for asking, asked in ((elsewhere, text), (program, text[:-1]), (program, "x")):
        answer = asking.get(f"cards/check/?token={asked}").json()
        assert answer.pop("checked_at") and answer == nothing
    assert program.get("cards/check/").status_code == 400


def test_a_member_has_the_card_by_the_api_too_and_a_key_has_none(member):
    client, root = api.browser(member.user), "/api/v1/communities/lantern/card/"
    assert client.get(root).json()["address"] == f"http://testserver/v/{token(member)}/"
    assert api.where(api.Program(member.community).get("card/")) == []
    assert api.Program(member.community).get("card/").status_code == 403


@pytest.mark.django_db(transaction=True)
def test_two_windows_at_once_have_one_card():
    member = make.member(make.community())
    first, second = together(*[lambda: cards.current(membership=member, at=now()).code] * 2)
    assert first == second == MemberCard.objects.get().code
