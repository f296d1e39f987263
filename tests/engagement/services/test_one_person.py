"""Figures of a community in which two records were merged, beside one in which they had been one person all along."""

import random
from datetime import datetime, timedelta

import pytest

from engagement.models import ActiveDay, Fact, MemberStanding, PairDay
from engagement.services import facts, presence, refresh
from engagement.services.facts import Row
from kernel.activity import VERBS, VerbClass
from kernel.metrics import metrics
from members.models import Membership
from members.services import memberships, merging, numbers, standing
from tests import api, make
from tests.engagement.stream import at

pytestmark = pytest.mark.django_db
NOW = at("04-20 12:00")
ACTS = [verb for verb, kind in VERBS.items() if kind not in (VerbClass.GROWTH, VerbClass.MONEY)]
KEPT, MERGED = 2, 3

#: When each record joined, what befell it, and what would have befallen one person in their place.
STORIES = {
    "left and came anew": (
        ("01-05", [("leave", "01-20")]),
        ("02-01", []),
        ("01-05", [("leave", "01-20"), ("return", "02-01")]),
    ),
    "two at once": (
        ("01-25", []),
        ("01-06", [("pause", "01-10"), ("resume", "02-20")]),
        ("01-06", [("pause", "01-10"), ("resume", "01-25")]),
    ),
    "a short record within": (
        ("01-15", [("leave", "01-22")]),
        ("01-06", [("pause", "01-10"), ("resume", "01-30")]),
        ("01-06", [("pause", "01-10"), ("resume", "01-15"), ("pause", "01-22"), ("resume", "01-30")]),
    ),
}


def acts(seed: int) -> list[Row]:
    """Half a thousand acts of everybody, towards one another too; the two records meet and visit on one day."""
    chance = random.Random(seed)
    rows = []
    for n in range(500):
        when = at("01-04 00:00") + timedelta(minutes=chance.randrange(100 * 24 * 60))
        member = chance.choice([1, KEPT, KEPT, MERGED, MERGED, 4, 5, 6])
        target = chance.choice([None, None, KEPT, MERGED, 4, 5, 6])
        verb = chance.choice(ACTS)
        name = presence.name(number=member, day=when.date()) if verb == "visited" else f"n{n}"
        rows.append(Row(member, verb, when, target, "post", str(n % 7), dedupe=name))
    return rows


def as_one(rows: list[Row]) -> list[Row]:
    found = []
    for row in rows:
        row = row._replace(
            member=KEPT if row.member == MERGED else row.member,
            target=KEPT if row.target == MERGED else row.target,
        )
        if row.verb == "visited":
            row = row._replace(dedupe=presence.name(number=row.member, day=row.at.date()))
        found.append(row)
    # Of two visits of a day the first is the one there is.
    return sorted(found, key=lambda row: row.at)


def live(membership: Membership, story: list[tuple[str, str]]) -> None:
    for act, day in story:
        standing.act(act, membership=membership, at=noon(day), by=make.SITE)


def noon(day: str) -> datetime:
    return at(f"{day} 12:00")


def founded(slug: str):
    place = make.community(slug, at=at("01-04 08:00"))
    return place


def others(place, merged) -> None:
    for number, day in ((4, "01-05"), (5, "01-18"), (6, "02-02")):
        inviter = merged if number == 5 else None
        made = memberships.add(community=place, at=NOW, by=make.SITE, joined_at=noon(day), invited_by=inviter)
        assert made.number == number


def figures(place, *, full=False):
    refresh.refresh(community_id=place.pk, at=NOW, full=full)
    program = api.Program(place)
    found = {metric.key: program.get(f"metrics/{metric.key}/").json().get("data") for metric in metrics}
    for row in found["score"]["members"]:
        row.pop("member")
    found["days"] = [
        (row.day, bytes(row.members))
        for row in ActiveDay.objects.filter(community_id=place.pk).order_by("day")
    ]
    found["pairs"] = [
        (row.day, bytes(row.pairs)) for row in PairDay.objects.filter(community_id=place.pk).order_by("day")
    ]
    found["standing"] = list(
        MemberStanding.objects.filter(community_id=place.pk)
        .order_by("membership__number")
        .values_list(
            "membership__number",
            "stage",
            "at_risk",
            "score",
            "parts",
            "active_days",
            "days_before",
            "last_active_day",
        )  # fmt: skip
    )
    return found


@pytest.mark.parametrize("story", STORIES)
def test_figures_are_those_of_one_person_and_an_undone_merge_leaves_none_changed(story):
    (merged_from, merged_story), (kept_from, kept_story), (one_from, one_story) = STORIES[story]
    rows = acts(len(story))

    place = founded("two")
    kept = make.member(place, at=noon(kept_from))
    merged = memberships.add(
        community=place, at=NOW, by=make.SITE, joined_at=noon(merged_from), name="Old record"
    )
    assert (kept.number, merged.number) == (KEPT, MERGED)
    others(place, merged)
    live(merged, merged_story)
    live(kept, kept_story)
    facts.load(community_id=place.pk, rows=rows, at=NOW)
    before = figures(place)

    done = merging.merge(kept=kept, merged=merged, at=NOW - timedelta(days=2), by=make.SITE)
    after = figures(place)

    alone = founded("one")
    one = make.member(alone, at=noon(one_from))
    numbers.take(community_id=alone.pk)
    others(alone, one)
    live(one, one_story)
    facts.load(community_id=alone.pk, rows=as_one(rows), at=NOW)
    wanted = figures(alone)

    assert {key for key in after if after[key] != wanted[key]} == set()
    assert after != before

    stored = Fact.objects.of(place.pk).count()
    merging.undo(merge=done, at=NOW - timedelta(days=1), by=make.SITE)
    assert figures(place) == before
    assert Fact.objects.of(place.pk).count() == stored


def test_facts_that_come_later_for_either_number_count_for_who_is_kept():
    place = founded("late")
    kept, merged = make.member(place, at=noon("01-05")), make.member(place, at=noon("01-06"))
    Membership.objects.filter(pk=merged.pk).update(user=None)
    merging.merge(kept=kept, merged=Membership.objects.get(pk=merged.pk), at=NOW, by=make.SITE)
    figures(place)
    late = [
        Row(kept.number, "posted", noon("02-02")),
        Row(merged.number, "posted", noon("02-03"), kept.number),
    ]
    facts.load(community_id=place.pk, rows=late, at=NOW)
    found = figures(place)
    assert len(found["days"]) == 2 and found["pairs"] == []
    assert found["days"][0][1] == found["days"][1][1]


def test_what_was_merged_into_a_record_goes_on_with_it():
    place = founded("chain")
    first, second, third = (
        memberships.add(community=place, at=NOW, by=make.SITE, joined_at=noon(day), name=day)
        for day in ("01-07", "01-06", "01-05")
    )
    load = [Row(one.number, "posted", noon("02-02")) for one in (first, second, third)]
    facts.load(community_id=place.pk, rows=load, at=NOW)
    alone = figures(place)
    lower = merging.merge(kept=second, merged=third, at=NOW, by=make.SITE)
    between = figures(place)
    second.refresh_from_db()
    upper = merging.merge(kept=first, merged=second, at=NOW, by=make.SITE)
    together = figures(place)
    assert [row["value"] for row in together["members"] if row["value"] is not None][-1] == 2
    assert max(row["value"] or 0 for row in together["active_members"]) == 1
    merging.undo(merge=upper, at=NOW, by=make.SITE)
    assert figures(place) == between
    merging.undo(merge=lower, at=NOW, by=make.SITE)
    assert figures(place, full=True) == alone
