"""Does it grow by itself: counted by hand from raw rows, straight from the written definitions. Nothing of the product is
imported; distances are those of networkx, quantiles and roots those of scipy.

`people` are rows with `member`, `joined` (an aware instant), `inviter` (a member or None, as told on joining), `corrected` (a
list of (instant, inviter or None)), `roles` (a list of (instant, is staff)), `way` ((channel, campaign) or None). `sent` are
rows with `inviter`, `at`, `way`, `came` (a member or None).
Reading: "within D" is from 0 to D after the inviter's joining; the age of an inviter in `growth_rate` is in local days.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import combinations
from math import exp, inf, log, sqrt
from statistics import mean, variance
from typing import Any
from zoneinfo import ZoneInfo

import networkx as nx
import numpy as np
from scipy import optimize, stats

from . import days

Row = dict[str, Any]
DAY = timedelta(days=1)


class Known:
    """Who exists at the end of `as_of`, in the order that settles ties, and who brought whom as it was known then."""

    def __init__(self, people: list[Row], zone: ZoneInfo, as_of: date) -> None:
        self.zone, self.as_of, self.end = zone, as_of, days.end_of(as_of, zone)
        here = [one for one in people if one["joined"] < self.end]
        here.sort(key=lambda one: (one["joined"], one["member"]))
        self.people = {one["member"]: one for one in here}
        self.place = {member: n for n, member in enumerate(self.people)}
        self.inviter: dict[Any, Any] = {}
        for one in here:
            told = [one["inviter"]] + [who for at, who in one["corrected"] if at < self.end]
            self.inviter[one["member"]] = told[-1] if told[-1] in self.people else None
        graph = nx.DiGraph((m, up) for m, up in self.inviter.items() if up is not None)
        self.refused = [min(loop, key=self.place.get) for loop in nx.simple_cycles(graph)]  # type: ignore[arg-type]
        for member in self.refused:
            self.inviter[member] = None

    def joined(self, member: Any) -> datetime:
        return self.people[member]["joined"]

    def day(self, member: Any) -> date:
        return days.local_day(self.joined(member), self.zone)

    def edges(self) -> list[tuple[Any, Any, timedelta]]:
        """(inviter, invitee, how long after the inviter they joined)."""
        return [(up, m, self.joined(m) - self.joined(up)) for m, up in self.inviter.items() if up is not None]

    def staff_at(self, member: Any, at: datetime) -> bool:
        told = [is_staff for since, is_staff in self.people[member]["roles"] if since <= at]
        return bool(told and told[-1])


def interval(brought: list[int]) -> tuple[float | None, float | None]:
    n = len(brought)
    if n < 30:
        return None, None
    k = mean(brought)
    if k == 0:
        return 0.0, 3 / n
    s = sqrt(max(variance(brought), k))
    spread = stats.t.ppf(0.975, n - 1) * s / (k * sqrt(n))
    return k * exp(-spread), k * exp(spread)


def referral_k(known: Known, sent: list[Row], *, grain: str, horizon: int) -> list[Row]:
    d = horizon * DAY
    if grain == "all":
        cohorts = {"all": list(known.people)}
    else:
        first = min((known.day(m) for m in known.people), default=None)
        cohorts = {days.name(one, grain): [] for one in days.periods(first, known.as_of, grain)}
        for member in known.people:
            cohorts[days.name(days.period_of(known.day(member), grain), grain)].append(member)
    rows = []
    for name, members in cohorts.items():
        old = {m for m in members if known.joined(m) + d <= known.end}
        brought = [(up, m) for up, m, lag in known.edges() if up in old and timedelta(0) <= lag <= d]
        mine = [
            one for one in sent
            if one["inviter"] in old and one["at"] < known.end
            and timedelta(0) <= one["at"] - known.joined(one["inviter"]) <= d
        ]  # fmt: skip
        taken = [one for one in mine if (one["inviter"], one["came"]) in brought]
        each = Counter(up for up, _m in brought)
        low, high = interval([each[m] for m in old])
        rows.append(
            {
                "cohort": name,
                "eligible": len(old),
                "invitations": len(mine),
                "i": len(mine) / len(old) if old else None,
                "c": len(taken) / len(mine) if mine else None,
                "k": len(brought) / len(old) if old else None,
                "low": low,
                "high": high,
                "young": len(members) - len(old),
                "invitees": len(brought),
                "by_staff": sum(known.staff_at(up, known.joined(m)) for up, m in brought),
                "before_inviter": sum(up in members and lag < timedelta(0) for up, _m, lag in known.edges()),
                "reason": None if old else "too_young" if members else "nobody",
            }
        )
    return rows


def cycle_time(known: Known) -> Row:
    found = [
        lag / DAY for up, _m, lag in known.edges()
        if known.joined(up) + 60 * DAY <= known.end and timedelta(0) <= lag <= 60 * DAY
    ]  # fmt: skip
    parts = [float(np.percentile(found, q)) if found else None for q in (50, 25, 75)]
    before = sum(lag < timedelta(0) for _up, _m, lag in known.edges())
    return dict(zip(("median_days", "p25", "p75"), parts, strict=True)) | {
        "n": len(found),
        "before_inviter": before,
    }


def _graph(known: Known) -> nx.DiGraph:
    graph = nx.DiGraph()
    graph.add_nodes_from(known.people)
    graph.add_edges_from((up, m) for up, m, _lag in known.edges())
    return graph


def generations(known: Known) -> list[Row]:
    graph = _graph(known)
    many = Counter(len(nx.ancestors(graph, one)) for one in graph)
    return [{"generation": g, "members": many[g]} for g in range(max(many, default=-1) + 1)]


def virality(graph: nx.Graph) -> float | None:
    """The mean distance over all pairs."""
    lengths = dict(nx.all_pairs_shortest_path_length(graph))
    pairs = [lengths[a][b] for a, b in combinations(graph, 2)]
    return sum(pairs) / len(pairs) if pairs else None


def cascades(known: Known) -> Row:
    graph = _graph(known)
    roots = [one for one in known.people if graph.in_degree(one) == 0]
    trees = []
    for root in roots:
        below = nx.single_source_shortest_path_length(graph, root)
        if len(below) > 1:
            tree = graph.subgraph(below).to_undirected()
            widest = max(Counter(below.values()).values())
            trees.append(
                {
                    "root": root,
                    "size": len(below),
                    "depth": max(below.values()),
                    "width": widest,
                    "virality": virality(tree),
                }
            )
    trees.sort(key=lambda tree: (-tree["size"], known.place[tree["root"]]))
    attached = sum(tree["size"] for tree in trees)
    return {
        "trees": len(trees),
        "roots": len(roots),
        "attached": attached,
        "members": len(known.people),
        "share": attached / len(known.people) if known.people else None,
        "refused": len(known.refused),
        "largest": trees,
        "sizes": {str(size): n for size, n in Counter(tree["size"] for tree in trees).items()},
    }


def channels(known: Known, sent: list[Row], acts: list[tuple[Any, datetime]], paid: list[tuple[Any, datetime]],
             *, window: int | str, spent: list[tuple[Any, date, date, Decimal, str]] = ()) -> list[Row]:  # type: ignore[assignment]  # fmt: skip
    """`spent` are rows of (way, first day, last day, amount, currency), the amount with the decimals of the currency."""
    start = date.min if window == "all" else known.as_of - (window - 1) * DAY
    rows: dict[Any, Row] = defaultdict(lambda: dict.fromkeys(_COUNTED, 0))

    def way(named: Any, by: str) -> tuple[Any, Any, Any]:
        """Who has no channel came `by` a member or nobody."""
        return (by, None, None) if not named or not named[0] else ("channel", named[0], named[1] or None)

    for one in sent:
        known_sender = one["inviter"] in known.people and one["at"] < known.end
        if known_sender and days.local_day(one["at"], known.zone) >= start:
            rows[way(one["way"], "member")]["invitations"] += 1
    for member, one in known.people.items():
        if known.day(member) < start:
            continue
        by = "nobody" if known.inviter[member] is None else "member"
        row, joined = rows[way(one["way"], by)], one["joined"]
        mine = [at for who, at in acts if who == member and at < known.end]
        row["joined"] += 1
        if joined + 14 * DAY <= known.end:
            row["activated_of"] += 1
            row["activated"] += any(at <= joined + 7 * DAY for at in mine)
        monday = days.period_of(known.day(member), "week") + 28 * DAY
        if monday + 6 * DAY <= known.as_of:
            row["retained_of"] += 1
            row["retained"] += any(
                monday <= days.local_day(at, known.zone) <= monday + 6 * DAY for at in mine
            )
        if joined + 30 * DAY <= known.end:
            row["paid_of"] += 1
            row["paid"] += any(
                who == member and at < known.end and at <= joined + 30 * DAY for who, at in paid
            )
    days_spent = [
        (way(named, "member"), first + n * DAY, Fraction(amount) / ((last - first).days + 1), currency)
        for named, first, last, amount, currency in spent
        for n in range((last - first).days + 1)
        if start <= first + n * DAY <= known.as_of
    ]
    for named, *_day in days_spent:
        rows[named]["joined"] += 0
    found = [
        {
            "by": name[0],
            "channel": name[1],
            "campaign": name[2],
            **row,
            **_costs(known, name, row, days_spent),
        }
        for name, row in rows.items()
    ]
    return sorted(
        found, key=lambda row: (-row["joined"], row["channel"] or "", row["campaign"] or "", row["by"])
    )


def _costs(known: Known, name: Any, row: Row, days_spent: list[tuple[Any, date, Fraction, str]]) -> Row:
    """Day by day: a day counts for a step once nobody who joined on it can be too young."""
    mine = [one for one in days_spent if one[0] == name]
    if not mine:
        return {"costs": None, "no_costs": "none_entered"}
    judged = {
        "joined": lambda day: True,
        "activated": lambda day: (known.as_of - day).days >= 14,
        "retained": lambda day: days.period_of(day, "week") + 34 * DAY <= known.as_of,
        "paid": lambda day: (known.as_of - day).days >= 30,
    }
    found = []
    for currency in sorted({one[3] for one in mine}):
        digits = {"JPY": 0}.get(currency, 2)

        def written(amount: Fraction, digits: int = digits) -> str:
            units = int(amount * 10**digits + Fraction(1, 2))
            return f"{units // 10**digits}.{units % 10**digits:0{digits}d}" if digits else str(units)

        total = {
            step: sum(
                (share for _way, day, share, code in mine if code == currency and fits(day)), Fraction(0)
            )
            for step, fits in judged.items()
        }
        found.append(
            {"currency": currency, "spent": written(total["joined"])}
            | {f"per_{step}": written(total[step] / row[step]) if row[step] else None for step in judged}
        )
    return {"costs": found, "no_costs": None}


_COUNTED = (
    "invitations",
    "joined",
    "activated_of",
    "activated",
    "retained_of",
    "retained",
    "paid_of",
    "paid",
)


def pace(joins: dict[int, int], exposed: dict[int, int]) -> float:
    """r, by scipy; infinite where no r solves it."""
    k = {d: joins[d] / exposed[d] for d in joins if joins[d] and exposed.get(d)}
    if k.get(0, 0) >= 1:
        return inf
    if not any(d for d in k):
        return -inf

    def excess(r: float) -> float:
        return sum(share * exp(-r * d) for d, share in k.items()) - 1

    return optimize.brentq(excess, -7, 60, xtol=1e-15, rtol=1e-14)


def growth_rate(known: Known, *, resamples: int, seed: int) -> Row:
    last = [known.as_of - n * DAY for n in range(90)]
    joined = [m for m in known.people if known.day(m) in last]
    # Each member's ages on those days, and at which ages they brought somebody on one of them.
    ages = {m: [a for day in last if 0 <= (a := (day - known.day(m)).days) < 90] for m in known.people}
    ages = {m: found for m, found in ages.items() if found}
    brought: dict[Any, list[int]] = defaultdict(list)
    for up, m, lag in known.edges():
        age = (known.day(m) - known.day(up)).days
        # "Imported edges whose invitee joined before the inviter [...] are left out of K".
        if m in joined and lag >= timedelta(0) and age < 90:
            brought[up].append(age)
    counted = sum(map(len, brought.values()))
    names = ("r", "low", "high", "k", "k_low", "k_high", "multiplier", "multiplier_low", "multiplier_high")
    told: Row = dict.fromkeys(names)
    reason = "few_joins" if counted < 50 else None
    if reason is None:
        joins, exposed = _tallied(list(ages), ages, brought)
        told["k"] = k = sum(joins[d] / exposed[d] for d in joins)
        drawn, chance, members = [], np.random.default_rng(seed), list(ages)
        for _n in range(resamples):
            these = [members[place] for place in chance.integers(0, len(members), len(members))]
            drawn.append(_tallied(these, ages, brought))
        told["k_low"], told["k_high"] = _middle([sum(j[d] / e[d] for d in j if j[d]) for j, e in drawn])
        for name, one in (
            ("multiplier", k),
            ("multiplier_low", told["k_low"]),
            ("multiplier_high", told["k_high"]),
        ):
            told[name] = 1 / (1 - one) if k < 1 and one < 1 else None
        r = pace(joins, exposed)
        reason = "little_referral" if k < 0.3 else "at_once" if abs(r) == inf else None
        if reason is None:
            told["r"] = r
            told["low"], told["high"] = _middle([pace(*one) for one in drawn])
    rising = told["low"] is not None and told["low"] > 0
    return told | {
        "doubling_days": log(2) / told["r"] if rising else None,
        "referred": counted,
        "joined": len(joined),
        "share": sum(known.inviter[m] is not None for m in joined) / len(joined) if joined else None,
        "reason": reason,
        "resamples": resamples,
        "seed": seed,
    }


def _tallied(
    members: list[Any], ages: dict[Any, list[int]], brought: dict[Any, list[int]]
) -> tuple[Counter, Counter]:
    joins: Counter[int] = Counter()
    exposed: Counter[int] = Counter()
    for member in members:
        joins.update(brought.get(member, ()))
        exposed.update(ages[member])
    return joins, exposed


def _middle(values: list[float]) -> tuple[float | None, float | None]:
    values = sorted(values)
    found: list[float | None] = []
    for share in (0.025, 0.975):
        at = share * (len(values) - 1)
        one, other = values[int(at)], values[min(int(at) + 1, len(values) - 1)]
        found.append(None if inf in (abs(one), abs(other)) else one + (other - one) * (at % 1))
    return found[0], found[1]
