"""Does it run by itself: `self_organisation` and `reproduction`, fact by fact."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import timedelta
from fractions import Fraction
from typing import Any

from .world import CONTRIBUTION, Act, View

THREADS = ("posted", "asked")
REPLIES = ("commented", "answered")
WEEKS4 = timedelta(days=28)


def order(view: View, member: str) -> tuple[Any, str]:
    """Equal ranks order by (joined_at, external id)."""
    return view.people[member].joined_at, member


def is_staff(view: View, member: str) -> bool:
    """Readings: the role of a row holds always."""
    return view.people[member].role != "member"


def interactions(view: View) -> list[Act]:
    return [act for act in view.acts if act.target is not None and act.target != act.member]


def by_object(acts: Iterable[Act]) -> dict[str, list[Act]]:
    found: dict[str, list[Act]] = {}
    for act in acts:
        if act.object:
            found.setdefault(act.object, []).append(act)
    return found


def self_organisation(view: View, window: int | str = 90) -> dict[str, Any]:
    """Readings: first replies are those to threads started in the window, a newcomer is who joined in it; a welcome is the
    first interaction ever received, and of several at one instant that of who stands first."""
    first_day = view.window_start(window)
    recent = view.in_window(window)
    started = [act for act in recent if act.verb in THREADS]
    replies = []
    said = by_object(act for act in view.acts if act.verb in REPLIES)
    for thread in started:
        answers = [
            act for act in said.get(thread.object, ()) if act.at >= thread.at and act.member != thread.member
        ]
        if answers:
            replies.append(min(answers, key=lambda act: (act.at, order(view, act.member))))
    between = [act for act in recent if act.target is not None and act.target != act.member]
    received: dict[str, list[Act]] = {}
    for act in interactions(view):
        received.setdefault(str(act.target), []).append(act)
    welcomes = [
        min(acts, key=lambda act: (act.at, order(view, act.member)))
        for member, acts in received.items()
        if first_day is None or view.people[member].joined_day >= first_day
    ]
    counted = {
        "threads": (started, lambda act: not is_staff(view, act.member)),
        "first_replies": (replies, lambda act: not is_staff(view, act.member)),
        "interactions": (
            between,
            lambda act: not is_staff(view, act.member) and not is_staff(view, act.target),
        ),
        "events_hosted": (
            [act for act in recent if act.verb == "hosted"],
            lambda act: not is_staff(view, act.member),
        ),
        "welcomes": (welcomes, lambda act: not is_staff(view, act.member)),
    }
    shares = {}
    for key, (acts, ordinary) in counted.items():
        by_members = sum(1 for act in acts if ordinary(act))
        share = by_members / len(acts) if len(acts) >= 5 else None
        shares[key] = {"events": len(acts), "by_members": by_members, "share": share}
    known = [row["share"] for row in shares.values() if row["share"] is not None]
    mean = sum(known) / len(known) if known else None
    each = Counter(act.member for act in started)
    total = len(started)
    spread = None
    if total > 1:
        spread = float(1 - Fraction(sum(x * (x - 1) for x in each.values()), total * (total - 1)))
    half, fewest = 0, None
    for number, (_member, x) in enumerate(each.most_common(), start=1):
        half += x
        if 2 * half >= total:
            fewest = number
            break
    return {
        "index": mean * spread if total >= 10 and mean is not None and spread is not None else None,
        "mean": mean,
        "spread": spread,
        "shares": shares,
        "left_out": [key for key, row in shares.items() if row["share"] is None],
        "threads": total,
        "initiators": len(each),
        "start_half": fewest,
    }


def reproduction(view: View, window: int | str = 28) -> dict[str, Any]:
    """Readings: 28 to 55 days ago are local days; of newcomers an earlier first contribution has lag 0. A reply, vote or use
    on an object is caused by the latest contribution on it up to then: of whom it was aimed at, or, aimed at nobody else,
    of any other member; of several at one instant that of who stands last. Contributions on no object are left out."""
    recent = view.in_window(window)
    actives = {act.member for act in recent}
    contributors = {act.member for act in recent if act.verb in CONTRIBUTION}
    newcomers = [
        person for person in view.people.values() if 28 <= (view.as_of - person.joined_day).days <= 55
    ]
    first: dict[str, Any] = {}
    for act in view.acts:
        if act.verb in CONTRIBUTION:
            first[act.member] = min(act.at, first.get(act.member, act.at))
    gave = sum(
        person.member in first and first[person.member] <= person.joined_at + WEEKS4 for person in newcomers
    )
    made = [act for act in view.acts if act.verb in CONTRIBUTION and act.object]
    on = by_object(made)
    cohort = [act for act in made if 28 <= (view.as_of - act.day).days <= 55]
    caused = 0
    for act in view.acts:
        if act.verb not in (*REPLIES, "voted", "used") or not act.object:
            continue
        aimed = act.target if act.target != act.member else None
        before = [
            one
            for one in on.get(act.object, ())
            if one.at <= act.at and (one.member == aimed if aimed is not None else one.member != act.member)
        ]
        if before:
            cause = max(before, key=lambda one: (one.at, order(view, one.member)))
            old = 28 <= (view.as_of - cause.day).days <= 55
            caused += old and act.at - cause.at <= WEEKS4
    return {
        "actives": len(actives),
        "contributors": len(contributors),
        "share": len(contributors) / len(actives) if actives else None,
        "joined": len(newcomers),
        "joined_contributed": gave,
        "joined_share": gave / len(newcomers) if newcomers else None,
        "contributions": len(cohort),
        "caused": caused,
        "per_contribution": caused / len(cohort) if cohort else None,
    }
