"""A member's story: newest first, by local day, page by page, with retracted facts left out."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction
from django.test import Client

from engagement.models import Fact
from engagement.selectors import timeline
from kernel import activity
from kernel.activity import Activity
from tests import make

pytestmark = pytest.mark.django_db


@pytest.fixture
def community(db):
    return make.community(
        "lantern", owner=make.person("ada@example.org", name="Ada"), timezone="Asia/Shanghai"
    )


@transaction.atomic
def acts(community, member, many, **fields):
    for n in range(many):
        at = datetime(2026, 3, 1, tzinfo=UTC) + timedelta(hours=n // 2)
        fact = {"community_id": community.pk, "member": member.number, "verb": "commented", "at": at}
        activity.publish(Activity(**(fact | {"dedupe": f"{n}"} | fields)))


def test_pages_hold_every_fact_once_newest_first(community, monkeypatch):
    monkeypatch.setattr(timeline, "PAGE_SIZE", 4)
    bob = make.member(community, name="Bob")
    acts(community, bob, 9)
    seen, before = [], ""
    while True:
        page = timeline.of_member(community=community, number=bob.number, before=before)
        seen += [entry.at for _day, entries in page.days for entry in entries]
        before = page.older
        if not before:
            break
    assert len(seen) == 10
    assert seen == sorted(seen, reverse=True)


def test_days_are_the_communitys_own(community):
    bob = make.member(community, name="Bob")
    acts(community, bob, 1, at=datetime(2026, 3, 1, 17, tzinfo=UTC))
    found = timeline.of_member(community=community, number=bob.number)
    assert [str(day) for day, _entries in found.days] == ["2026-03-02", "2026-01-05"]


def test_an_entry_names_the_other_and_the_thing(community):
    bob, cleo = make.member(community, name="Bob"), make.member(community, name="Cleo")
    acts(community, bob, 1, verb="answered", target=cleo.number, object_kind="question", object_id="7")
    entry = timeline.of_member(community=community, number=bob.number).days[0][1][0]
    assert (entry.words, entry.target, entry.object, entry.tone) == (
        "Answered Cleo",
        cleo,
        "question 7",
        "accent",
    )


def test_what_was_retracted_is_left_out(community):
    bob = make.member(community, name="Bob")
    acts(community, bob, 2)
    Fact.objects.of(community.pk).filter(verb="commented").update(retracted_at=make.EARLY)
    found = timeline.of_member(community=community, number=bob.number)
    assert [entry.words for _day, entries in found.days for entry in entries] == ["Joined"]


def test_a_cursor_that_was_not_written_here_is_the_first_page(community):
    bob = make.member(community, name="Bob")
    for cursor in ("x", "~", "20260301T000000.0~zz", "9" * 400):
        assert len(timeline.of_member(community=community, number=bob.number, before=cursor).days) == 1


def test_the_page_and_its_next_part(community, client: Client, monkeypatch):
    monkeypatch.setattr(timeline, "PAGE_SIZE", 4)
    bob = make.member(community, name="Bob")
    acts(community, bob, 9)
    client.force_login(community.founded_by)
    assert "What they did" in client.get(f"/c/lantern/desk/members/{bob.number}/").content.decode()
    older = timeline.of_member(community=community, number=bob.number).older
    part = client.get(f"/c/lantern/desk/members/{bob.number}/timeline/?before={older}")
    assert part.templates[0].name == "engagement/member/_days.html"
    assert client.get("/c/lantern/desk/members/99/timeline/").status_code == 404
