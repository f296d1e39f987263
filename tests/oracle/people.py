"""Figures that look at each member: power_curve, contribution, activation, stage, score."""

from __future__ import annotations

import math
import statistics
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from .world import CONTRIBUTION, Act, Community, View

STAGES = ("new", "core", "active", "drifting", "dormant", "silent")


def gini(values: Sequence[int]) -> float | None:
    """`(2 * sum(i * x_i) / (n * S)) - (n + 1) / n` over ascending x, i from 1; None when the sum is 0."""
    n, total = len(values), sum(values)
    if not total:
        return None
    ranked = sum(i * x for i, x in enumerate(sorted(values), start=1))
    return float(Fraction(2 * ranked, n * total) - Fraction(n + 1, n))


def active_days(view: View, window: int) -> dict[str, set[date]]:
    """Per member, the days of the window on which they had an act."""
    found: dict[str, set[date]] = {}
    for act in view.in_window(window):
        found.setdefault(act.member, set()).add(act.day)
    return found


def power_curve(view: View) -> list[int]:
    """How many members were active on exactly 1, 2, ..., 28 of the 28 days to `as_of`."""
    per_member = Counter(len(dates) for dates in active_days(view, 28).values())
    return [per_member[n] for n in range(1, 29)]


def contribution(view: View, window: int | str = 28) -> dict[str, Any]:
    """How unequally the window's contributions are spread over its active members.

    Reading: with no contribution at all the Gini and the three shares are null (denominator 0); a group with
    nobody in it (the next 9% of one active) has share 0.
    """
    acts = view.in_window(window)
    made = {act.member: 0 for act in acts}
    for act in acts:
        if act.verb in CONTRIBUTION:
            made[act.member] += 1
    counts = sorted(made.values(), reverse=True)
    n, total = len(counts), sum(counts)
    # Whole-number ceilings: math.ceil(n * 0.01) would trip over binary fractions.
    first, tenth = -(-n // 100), -(-n // 10)

    def share(part: list[int]) -> float | None:
        return float(Fraction(sum(part), total)) if total else None

    return {
        "gini": gini(counts),
        "top1": share(counts[:first]),
        "next9": share(counts[first:tenth]),
        "rest": share(counts[tenth:]),
        "contributors": sum(count > 0 for count in counts),
        "actives": n,
    }


def response_time(view: View, window: int | str = 28) -> dict[str, Any]:
    """How soon what is posted or asked in the window, 24 h or more before the end of `as_of`, is replied to.

    Readings: a thread is a fact that names an object, and every such fact is one; replies are by another member, on
    the same object, at the same instant or later, wherever in time up to the end of `as_of`; of several at one instant
    the first is whose member joined first, then whose id is smaller. Roles of a file hold from joining. A median
    that is infinite is null, as is a share of nothing.
    """
    day = timedelta(hours=24)

    def rank(act: Act) -> tuple[Any, ...]:
        return act.at, view.people[act.member].joined_at, act.member

    said = [act for act in view.acts if act.object]
    begun = [act for act in said if act.verb in ("posted", "asked") and act.at + day <= view.end]
    on_object: dict[str | None, list[Act]] = {}
    for act in said:
        if act.verb in ("commented", "answered"):
            on_object.setdefault(act.object, []).append(act)
    first_day = view.window_start(window)
    waits, firsts = [], []
    for thread in begun:
        if first_day is not None and thread.day < first_day:
            continue
        replies = on_object.get(thread.object, [])
        others = [act for act in replies if act.member != thread.member and act.at >= thread.at]
        first = min(others, key=rank, default=None)
        waits.append(math.inf if first is None else (first.at - thread.at) / timedelta(minutes=1))
        firsts += [first] if first else []
    by_members = sum(view.people[first.member].role == "member" for first in firsts)
    soon = sum(wait <= 24 * 60 for wait in waits)
    middle = statistics.median(waits) if waits else math.inf
    return {
        "threads": len(waits),
        "within_24h": soon,
        "answered": len(firsts),
        "by_members": by_members,
        "share": soon / len(waits) if waits else None,
        "median_minutes": None if math.isinf(middle) else middle,
        "members_share": by_members / len(firsts) if firsts else None,
    }


def activation(
    view: View, window: int | str = "all", milestone: Collection[str] | None = None
) -> dict[str, int | None]:
    """Of those who joined in the window and 14 x 24 h or more before the end of `as_of`: when they acted.

    Counts are cumulative (who acted within 24 h did so within 7 days too); `never` has no act by the end of
    `as_of`, so who first acted after 14 days is in none. Acts before joining have lag 0. Readings: the
    window is local days of joining and defaults to all; with nobody old enough the counts are 0. The type's
    milestone is None unless `milestone` names verbs: then, members with one of them within 14 days.
    """
    first = view.window_start(window)
    horizon = timedelta(days=14)
    eligible = [
        person
        for person in view.people.values()
        if (first is None or person.joined_day >= first) and person.joined_at + horizon <= view.end
    ]

    def lag(member: str, joined_at: Any, verbs: Collection[str] | None = None) -> timedelta | None:
        times = [act.at for act in view.acts if act.member == member and (verbs is None or act.verb in verbs)]
        return max(min(times) - joined_at, timedelta(0)) if times else None

    lags = [lag(person.member, person.joined_at) for person in eligible]

    def within(**elapsed: int) -> int:
        return sum(one is not None and one <= timedelta(**elapsed) for one in lags)

    reached = None
    if milestone is not None:
        steps = [lag(person.member, person.joined_at, milestone) for person in eligible]
        reached = sum(step is not None and step <= horizon for step in steps)
    return {
        "joined": len(eligible),
        "within_24h": within(hours=24),
        "within_7d": within(days=7),
        "within_14d": within(days=14),
        "never": sum(one is None for one in lags),
        "milestone": reached,
    }


def stages(community: Community, as_of: date) -> dict[str, str]:
    """The stage of every current member at the end of `as_of`, the first rule that fits.

    Readings: days are local and `as_of` is day 1, so "the last 14 days" are as_of - 13 to as_of, joining
    included; drifting: the last act in days 15 to 42. Current members are those whose status is active or
    trial, as in `members`, so the counts add up to it.
    """
    view = View(community, as_of)
    recent = active_days(view, 28)
    last_act: dict[str, date] = {}
    for act in view.acts:
        last_act[act.member] = max(act.day, last_act.get(act.member, act.day))
    found = {}
    for member in view.current:
        joined_on = (as_of - view.people[member].joined_day).days + 1
        acted_on = (as_of - last_act[member]).days + 1 if member in last_act else None
        if joined_on <= 14:
            found[member] = "new"
        elif acted_on is None:
            found[member] = "silent"
        elif acted_on <= 14:
            found[member] = "core" if len(recent[member]) >= 8 else "active"
        else:
            found[member] = "drifting" if acted_on <= 42 else "dormant"
    return found


def stage(community: Community, as_of: date) -> dict[str, int]:
    """How many current members are at each stage; stages with nobody are 0."""
    counts = Counter(stages(community, as_of).values())
    return {name: counts[name] for name in STAGES}


def scores(
    community: Community, as_of: date, weights: Mapping[str, float], half_life: float = 28
) -> dict[str, tuple[float, dict[str, float]]]:
    """Each member's score and its parts by verb: the sum of weight * 2 ** (-age / half_life).

    Readings: age in whole days is `as_of` minus the fact's local day; every member who has joined is listed,
    those who left too, with 0.0 and no parts where there is nothing; joining and leaving are facts the member
    made, and count if `weights` gives them a weight. A verb without a weight, or of weight 0, has no part.
    """
    view = View(community, as_of)
    facts = [(act.member, act.verb, act.day) for act in view.acts]
    for person in view.people.values():
        facts.append((person.member, "joined", person.joined_day))
        if person.left_day is not None:
            facts.append((person.member, "left", person.left_day))
    terms: dict[str, dict[str, list[float]]] = {member: {} for member in view.people}
    for member, verb, day in facts:
        weight = float(weights.get(verb, 0))
        if weight:
            terms[member].setdefault(verb, []).append(weight * 2.0 ** (-(as_of - day).days / half_life))
    return {
        member: (
            math.fsum(term for verb in parts.values() for term in verb),
            {verb: math.fsum(verb_terms) for verb, verb_terms in parts.items()},
        )
        for member, parts in terms.items()
    }
