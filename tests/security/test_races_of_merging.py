"""Merging while others write: one outcome, and nothing lost. Each in a connection of its own."""

from datetime import UTC, datetime, timedelta
from functools import partial

import pytest

from communities.models import Circle, CircleMembership
from communities.services import circles
from engagement.models import ActiveDay, Fact
from engagement.services import facts, refresh
from engagement.services.facts import Row
from members.models import Membership, Merge, MergeProposal
from members.services import memberships, merge_proposals, merging, notes, profiles
from tests import make
from tests.members.imports.files import counts, send
from tests.security.races import together

pytestmark = pytest.mark.django_db(transaction=True)
AT = datetime(2026, 6, 1, 12, tzinfo=UTC)
ROUNDS = 3


def two(place, n=0, **more):
    kept = make.member(place, name=f"Kept {n}", at=AT - timedelta(days=9))
    fields = {"name": f"Old {n}", "external_id": f"u{n}", "joined_at": AT - timedelta(days=20)} | more
    return kept, memberships.add(community=place, at=AT, by=make.SITE, **fields)


def merge(kept, record, **more):
    return lambda: merging.merge(kept=kept, merged=record, at=AT, by=make.SITE, **more)


def test_two_of_the_staff_merge_the_same_two_and_either_way_round():
    place = make.community()
    for n in range(ROUNDS):
        one, other = (
            memberships.add(community=place, at=AT, by=make.SITE, name=f"{n}") for _record in range(2)
        )
        crossed = n % 2 == 1
        second = merge(other, one) if crossed else merge(one, other)
        results = together(merge(one, other), second)
        assert sorted(isinstance(each, Merge) for each in results) == [False, True]
        assert "merged" in results
        one.refresh_from_db()
        other.refresh_from_db()
        assert (one.merged_into_id is None) != (other.merged_into_id is None)


def test_the_member_writes_meanwhile():
    place = make.community()
    circle = Circle.objects.of(place.pk).filter(kind="open").first()
    for n in range(ROUNDS):
        kept, record = two(place, n, city="Lyon", tags=["old"])
        notes.write(membership=record, text="Before", at=AT, by=make.SITE)
        results = together(
            merge(kept, record),
            partial(
                profiles.present, membership=kept, at=AT, introduction="I bind books.", interests=["tea"]
            ),
            partial(circles.join, circle=circle, membership=kept, at=AT),
            partial(circles.put_in, circle=circle, membership=record, at=AT, by=make.SITE),
            partial(notes.write, membership=record, text="Meanwhile", at=AT, by=make.SITE),
        )
        assert isinstance(results[0], Merge)
        kept.refresh_from_db()
        assert (kept.introduction, kept.interests, kept.city, kept.tags) == (
            "I bind books.",
            ["tea"],
            "Lyon",
            ["old"],
        )
        assert CircleMembership.objects.filter(circle=circle, membership=kept).count() == 1
        assert not CircleMembership.objects.filter(membership=record).exists()
        written = set(kept.notes.values_list("text", flat=True))
        assert written == {"Before"} if results[4] == "merged" else written == {"Before", "Meanwhile"}
        assert not record.notes.exists()


def test_files_and_facts_come_in_meanwhile():
    place = make.community()
    for n in range(ROUNDS):
        kept, record = two(place, n)
        text = f"member,joined_at,name,invited_by\nu{n},2026-05-12,Renamed,\nnew{n},2026-05-13,Bea,u{n}\n"
        load = [Row(one.number, "posted", AT - timedelta(days=2, hours=n)) for one in (kept, record)]
        results = together(
            merge(kept, record),
            lambda text=text: counts(send(place, text)),
            lambda load=load: facts.load(community_id=place.pk, rows=load, at=AT).inserted,
            lambda: refresh.refresh(community_id=place.pk, at=AT) and None,
        )
        assert isinstance(results[0], Merge) and results[2] == 2
        brought = Membership.objects.get(community=place, external_id=f"new{n}")
        record.refresh_from_db()
        assert (brought.invited_by_id, record.name) == (kept.pk, "Renamed")
        assert counts(send(place, text)) == (0, 0, 2, 0)
        refresh.refresh(community_id=place.pk, at=AT)
        before = [(row.day, bytes(row.members)) for row in ActiveDay.objects.order_by("day")]
        refresh.refresh(community_id=place.pk, at=AT, full=True)
        assert before == [(row.day, bytes(row.members)) for row in ActiveDay.objects.order_by("day")]
    assert Fact.objects.filter(verb="posted").count() == 2 * ROUNDS


def test_a_merge_is_undone_once_and_while_another_is_made_on_top():
    place = make.community()
    for n in range(ROUNDS):
        kept, record = two(place, n)
        third = memberships.add(community=place, at=AT, by=make.SITE, name="Third")
        done = merge(kept, record)()
        undo = lambda done=done: merging.undo(merge=done, at=AT, by=make.SITE)  # noqa: E731
        results = together(undo, undo, merge(kept, third))
        undone = [each for each in results[:2] if isinstance(each, Merge)]
        done.refresh_from_db()
        record.refresh_from_db()
        assert isinstance(results[2], Merge)
        assert len(undone) == (1 if done.undone_at else 0)
        assert (record.merged_into_id is None) == bool(undone)
        refused = {each for each in results[:2] if not isinstance(each, Merge)}
        assert refused <= {"undone", "later_first"}


def test_both_say_yes_at_once():
    place = make.community()
    for n in range(ROUNDS):
        kept, twin = make.member(place), make.member(place)
        asked = merge_proposals.propose(kept=kept, merged=twin, at=AT, by=make.SITE)

        def say(member, yes=True, asked=asked):
            return lambda: merge_proposals.answer(
                proposal=asked, membership=member, yes=yes, at=AT, by=make.SITE
            )

        yes = n != 1
        together(say(kept), say(twin, yes))
        asked = MergeProposal.objects.get(pk=asked.pk)
        twin.refresh_from_db()
        assert (asked.state, twin.merged_into_id) == (("done", kept.pk) if yes else ("declined", None))
