"""Who is at risk, requests solved, and the well-being: figures that judge."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from .people import scores
from .world import Community, View


def at_risk(
    community: Community, as_of: date, weights: Mapping[str, float]
) -> tuple[int, dict[str, tuple[int, int, float]]]:
    """How many are looked at, and of those at risk: active days in days 29 to 84, in days 1 to 28, and the score lost.

    Readings: joined 84 x 24 h or more before the end of `as_of`; looked at are those with 12 or more active days in days
    29 to 84; the rate since is compared as days of 28 with days of 56; staff are among them.
    """
    view = View(community, as_of)
    looked_at, found = 0, {}
    ages: dict[str, set[int]] = {member: set() for member in view.people}
    for act in view.acts:
        ages[act.member].add((as_of - act.day).days + 1)
    for member in view.current:
        if view.people[member].joined_at + timedelta(hours=84 * 24) > view.end:
            continue
        before = sum(29 <= day <= 84 for day in ages[member])
        since = sum(1 <= day <= 28 for day in ages[member])
        if before < 12:
            continue
        looked_at += 1
        if Fraction(since, 28) < Fraction(before, 56) / 3:
            found[member] = (before, since)
    now, then = (scores(community, day, weights) for day in (as_of, as_of - timedelta(days=28)))
    return looked_at, {
        member: (before, since, then[member][0] - now[member][0]) for member, (before, since) in found.items()
    }


def solved(community: Community, as_of: date, window: int | str = 28) -> dict[str, Any]:
    """Reading: with more solutions than requests all of them are solved."""
    view = View(community, as_of)
    acts = view.in_window(window)
    asked, accepted = (sum(act.verb == verb for act in acts) for verb in ("asked", "accepted"))
    using = {act.member for act in acts if act.verb in ("used", "completed", "accepted")}
    members = view.current
    users = sum(member in using for member in members)
    return {
        "asked": asked,
        "solved": accepted,
        "share": float(min(Fraction(1), Fraction(accepted, asked))) if asked else None,
        "members": len(members),
        "users": users,
        "use": users / len(members) if members else None,
    }


def health(parts: list[tuple[float | None, float, float, bool]]) -> float | None:
    """Of parts (value, target, weight, lower is better): 100 * sum(w * min(1, value / target)), the weights of those that
    have a value rescaled. Readings: lower is better than 0 by nothing; no part, no value."""
    known = [part for part in parts if part[0] is not None]
    if not known:
        return None
    total = Fraction(0)
    for value, target, weight, lower in known:
        one, other = (target, value) if lower else (value, target)
        reached = Fraction(1) if not other else min(Fraction(1), Fraction(one) / Fraction(other))
        total += Fraction(weight) * reached
    return float(100 * total / sum(Fraction(weight) for _value, _target, weight, _lower in known))
