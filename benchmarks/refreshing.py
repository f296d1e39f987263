"""Bringing figures up to date after one new day, beside DuckDB recomputing all of them from the facts."""

import struct
from datetime import date, timedelta
from typing import Any

import numpy as np

from benchmarks.duck import Duck
from benchmarks.measure import Measured, side_by_side
from benchmarks.stream import Stream

SETS = [
    ("active_members", {"grain": "day"}),
    ("active_members", {"grain": "week"}),
    ("active_members", {"grain": "month"}),
    ("active_members", {"grain": "rolling7"}),
    ("active_members", {"grain": "rolling28"}),
    ("stickiness", {}),
    ("power_curve", {}),
    ("retention", {"grain": "week"}),
    ("growth_accounting", {"grain": "week"}),
]
SCORES = [("score", {"limit": "100"}), ("contribution", {})]


class Ours:
    def __init__(self, stream: Stream, community: Any) -> None:
        self.community, self.scale = community, stream.scale
        self.last = stream.scale.first + timedelta(days=stream.scale.days - 1)

    def roll_last_day(self) -> None:
        from engagement.services import rollup

        rollup.roll(community_id=self.community.pk, days=[self.last], zone=self.community.zone)

    def keep_bases(self) -> None:
        """What scores go on from, as the refresh of the day before left it."""
        from engagement.selectors import loading
        from engagement.services import bases

        day = self.last - timedelta(days=1)
        bases.keep(records=loading.Stored(self.community.pk), as_of=day)

    def next_base(self) -> None:
        """Once in 28 days what scores go on from moves on: a block of days is added to it."""
        from engagement.selectors import decay
        from engagement.services import bases

        day = date.fromordinal(decay.base_day((self.last - timedelta(days=1)).toordinal()))
        bases.forget(community_id=self.community.pk, since=day)
        self.keep_bases()

    def history(self) -> Any:
        from engagement.selectors import loading

        return loading.history(community=self.community, as_of=self.last)

    def from_bitmaps(self, history: Any) -> dict[str, Any]:
        """All figures over sets, when the members are known: the bitmaps are read and nothing else."""
        history.records.__dict__.pop("active_days", None)
        history._active.clear()
        return self.compute(SETS, history)

    def compute(self, figures: list[tuple[str, dict[str, str]]], history: Any = None) -> dict[str, Any]:
        from kernel.metrics import metrics

        history = history or self.history()
        found = {}
        for key, given in figures:
            metric = metrics.get(key)
            arguments = metric.arguments(given) | {"as_of": self.last}
            found["/".join([key, *given.values()])] = metric.compute(history, **arguments)
        return found

    def refresh(self, figures: list[tuple[str, dict[str, str]]]) -> dict[str, Any]:
        self.roll_last_day()
        return self.compute(figures)


def run(stream: Stream, community: Any) -> list[Measured]:
    from engagement.metrics.score import DEFAULT_WEIGHTS
    from kernel.activity import CONTRIBUTIONS

    ours = Ours(stream, community)
    duck = Duck(stream, dict(DEFAULT_WEIGHTS), CONTRIBUTIONS)
    ours.keep_bases()
    check(stream, ours.refresh(SETS + SCORES), duck.everything())
    best = "DuckDB, everything from facts"
    history = ours.history()
    repeats = stream.scale.repeats
    return [
        side_by_side(
            "refresh after one new day: actives, windows, retention, growth accounting", best,
            ours=lambda: ours.refresh(SETS), theirs=duck.sets, goal=0.10, repeats=repeats,
        ),
        side_by_side(
            "the same with scores and Gini", best,
            ours=lambda: ours.refresh(SETS + SCORES), theirs=duck.everything, goal=0.25, repeats=repeats,
        ),
        side_by_side(
            "once in 28 days besides: moving on what scores go on from", best,
            ours=ours.next_base, theirs=duck.everything, goal=0.25, repeats=min(repeats, 3),
        ),
        side_by_side(
            "all set figures from stored bitmaps, members known", best,
            ours=lambda: ours.from_bitmaps(history), theirs=duck.sets, goal=0.02, repeats=repeats,
        ),
        bytes_per_active(community),
    ]  # fmt: skip


def roll_all(stream: Stream, community: Any) -> None:
    from engagement.services import rollup

    days = [stream.scale.first + timedelta(days=day) for day in range(stream.scale.days)]
    rollup.roll(community_id=community.pk, days=days, zone=community.zone)


def check(stream: Stream, ours: dict[str, Any], theirs: dict[str, Any]) -> None:
    """Both say the same: counts exactly, reals to 1e-9. Raises AssertionError where not."""
    days = stream.scale.days
    first = stream.scale.first
    for name in ("day", "rolling7", "rolling28"):
        values = [row["value"] for row in ours[f"active_members/{name}"]]
        assert values == theirs["daily" if name == "day" else name], name
    monday = first - timedelta(days=first.weekday())

    def week(number: int) -> str:
        return str(monday + timedelta(days=7 * number))

    whole = [row for row in theirs["weekly"] if 7 * (row[0] + 1) - first.weekday() <= days]
    growth = {row["period"]: row for row in ours["growth_accounting/week"]}
    for number, new, retained, resurrected, _gone in whole:
        row = growth[week(number)]
        assert (row["new"], row["retained"], row["resurrected"]) == (new, retained, resurrected), row
    for (number, *_rest, gone), _following in zip(whole, whole[1:], strict=False):
        assert growth[week(number + 1)]["churned"] == gone, number
    months = {str(month)[:7]: (actives, total) for month, actives, total in theirs["monthly"]}
    for row in ours["stickiness"]:
        if row["value"] is not None:
            actives, total = months[row["period"]]
            month = date.fromisoformat(row["period"] + "-01")
            length = ((month + timedelta(days=32)).replace(day=1) - month).days
            assert abs(row["value"] - total / length / actives) < 1e-9
    cohorts = {(week(cohort), k): n for cohort, k, n in theirs["retention"]}
    for row in ours["retention/week"]:
        for k, n in enumerate(row["active"]):
            assert n is None or n == cohorts.get((row["cohort"], k), 0), (row["cohort"], k)
    assert {days: n for days, n in enumerate(ours["power_curve"], 1) if n} == dict(theirs["power_curve"])
    if "gini" in theirs:
        assert abs(ours["contribution"]["gini"] - theirs["gini"]) < 1e-9
        mine = sorted((member["score"] for member in ours["score/100"]["members"]), reverse=True)
        assert np.allclose(mine, [score for _member, score in theirs["scores"]], rtol=1e-12)


def bytes_per_active(community: Any) -> Measured:
    from pyroaring import BitMap

    from engagement.models import ActiveDay

    packed = [
        bytes(row)
        for row in ActiveDay.objects.filter(community_id=community.pk).values_list("members", flat=True)
    ]
    actives = sum(len(BitMap.deserialize(row)) for row in packed)
    size = sum(map(len, packed))
    raw = actives * struct.calcsize("i")
    return Measured(
        "bitmaps on disk, per active member and day",
        "4-byte numbers",
        size / actives,
        raw / actives,
        size / actives,
        2,
        unit="B",
    )
