"""A member's own page: what they show, where they stand and why, a pause and its end."""

from datetime import UTC, datetime

import pytest
from django.test import Client

from communities.services import settings as community_settings
from members.models import AuditEntry, Membership
from members.services import profiles, standing
from tests import make

pytestmark = pytest.mark.django_db

ROOM = "/c/lantern/me/"
SAID = {
    "name": "李雷", "listed": "on", "introduction": "I bind books.", "show_introduction": "on",
    "interests": "paper, ink", "city": "Ulm", "show_city": "on", "country": "Germany",
}  # fmt: skip


@pytest.fixture
def member() -> Membership:
    return make.member(make.community("lantern"), name="Li")


def at_home(member: Membership) -> Client:
    client = Client()
    client.force_login(member.user)
    return client


def test_one_says_and_shows_what_one_wants(member):
    logged = AuditEntry.objects.count()
    assert at_home(member).post(ROOM, SAID).status_code == 302
    member.refresh_from_db()
    assert (member.name, member.introduction, member.interests) == ("李雷", "I bind books.", ["paper", "ink"])
    assert (member.city, member.country, member.listed) == ("Ulm", "Germany", True)
    assert member.shown == ["introduction", "city"]
    assert (member.sort_key, member.search_entry.name) == ("li lei", " 李雷")
    assert AuditEntry.objects.count() == logged


def test_a_name_is_needed_and_what_does_not_fit_changes_nothing(member):
    answer = at_home(member).post(ROOM, SAID | {"name": " ", "introduction": "x" * 2001})
    assert set(answer.context["form"].errors) == {"name", "introduction"}
    member.refresh_from_db()
    assert (member.name, member.introduction, member.shown) == ("Li", "", [])


def test_a_restricted_member_can_hide_and_nothing_else(member):
    profiles.present(membership=member, at=make.EARLY, city="Ulm", shown=["city"])
    standing.act("restrict", membership=member, at=make.EARLY, by=make.SITE, reason="Rude.")
    client = at_home(member)
    as_it_is = {"name": "Li", "city": "Ulm"}
    for more in ({"introduction": "Buy!"}, {"show_city": "on", "show_country": "on"}):
        answer = client.post(ROOM, as_it_is | {"listed": "on"} | more)
        assert answer.status_code == 200 and answer.context["form"].non_field_errors()
    assert client.post(ROOM, as_it_is).status_code == 302
    member.refresh_from_db()
    assert (member.listed, member.shown, member.introduction) == (False, [], "")


def test_the_history_is_in_plain_words_with_the_reasons_and_names_nobody(member):
    keeper = Membership.objects.get(number=1)
    Membership.objects.filter(pk=keeper.pk).update(name="Keeper Nine")
    standing.act("restrict", membership=member, at=make.EARLY, by=make.SITE, reason="Rude in the lounge.")
    page = at_home(member).get(ROOM)
    assert [(step.words, step.reason) for step in page.context["history"]] == [
        ("Your membership was restricted.", "Rude in the lounge."),
        ("You became a member.", ""),
    ]
    text = page.content.decode()
    assert "The staff have restricted your membership." in text and "Keeper Nine" not in text


def test_one_pauses_with_a_last_day_and_resumes(member):
    client = at_home(member)
    answer = client.post(f"{ROOM}pause/", {"until": "2099-05-01", "reason": "A long walk."})
    assert answer.status_code == 302
    member.refresh_from_db()
    assert (member.status, member.status_until) == ("paused", datetime(2099, 5, 2, tzinfo=UTC))
    assert "It goes on by itself" in client.get(ROOM).content.decode()
    client.post(f"{ROOM}resume/")
    member.refresh_from_db()
    assert (member.status, member.status_until) == ("active", None)
    changes = member.changes.filter(kind="status").values_list("after", "reason", "by")
    assert list(changes)[1:] == [("paused", "A long walk.", member.pk), ("active", "", member.pk)]


def test_a_day_that_is_over_is_no_last_day(member):
    answer = at_home(member).post(f"{ROOM}pause/", {"until": "2020-01-01"})
    assert list(answer.context["form"].errors) == ["until"]
    member.refresh_from_db()
    assert member.status == "active"


def test_the_last_owner_cannot_pause(member):
    owner = Membership.objects.get(number=1)
    answer = at_home(owner).post(f"{ROOM}pause/", {})
    assert answer.context["form"].non_field_errors() == [
        "A community needs an owner: make somebody else one first."
    ]


def test_resuming_what_is_not_paused_says_so_and_changes_nothing(member):
    assert at_home(member).post(f"{ROOM}resume/").status_code == 302
    member.refresh_from_db()
    assert (member.status, member.changes.filter(kind="status").count()) == ("active", 1)


@pytest.mark.parametrize("act", ["remove", "ban"])
def test_who_was_sent_away_reads_why_and_can_do_nothing(member, act):
    standing.act(act, membership=member, at=make.EARLY, by=make.SITE, reason="Third time.")
    client = at_home(member)
    page = client.get(ROOM).content.decode()
    assert "Third time." in page and "introduction" not in page
    assert client.post(ROOM, SAID).status_code == 404
    assert [client.get(f"/c/lantern/{room}/").status_code for room in ("card", "people", "me/pause")] == [
        404, 404, 404,
    ]  # fmt: skip
    community_settings.update(community=member.community, at=make.EARLY, by=make.SITE, visibility="private")
    assert client.get(ROOM).status_code == 404


def test_a_visitor_has_no_page_here(member):
    stranger = Client()
    stranger.force_login(make.person())
    assert stranger.get(ROOM).status_code == 404
    assert Client().get(ROOM).status_code == 302


def test_the_tier_and_its_perks_are_told(member):
    member.tier.perks = ["A seat at the table"]
    member.tier.save()
    page = at_home(member).get(ROOM).content.decode()
    assert "A seat at the table" in page and str(member.tier) in page
