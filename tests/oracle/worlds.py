"""Communities that grow in time, member by member: worlds against which forecasts are judged.

Written apart from the product's model, and richer than it: members differ in how many they bring, instants are continuous,
and each world has rates of its own. Rates are constant (or, in a drifting world, wander from week to week), counts are
overdispersed: weeks differ by a gamma effect, members by another.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

WEEK = 7.0
NEVER = np.inf


@dataclass(frozen=True)
class Rates:
    """Of one world: joins from outside a week and the shape of their gamma effect; how many a member brings in 13 weeks if
    they stay, how fast that fades (weeks), the shape of the members' own effect and the variance of the week's; the risk of
    leaving in a week, of the new and in the end, how fast it falls, and the variance of the week's effect."""

    outside: float
    outside_shape: float
    brings: float
    fades: float
    own_shape: float
    bringing_variance: float
    leaving_new: float
    leaving_old: float
    settles: float
    leaving_variance: float


@dataclass(frozen=True)
class Grown:
    """Members in order of joining; times in days since the world began, `left` is `NEVER` for who stays, `inviter` a place
    or -1."""

    weeks: int
    joined: np.ndarray
    left: np.ndarray
    inviter: np.ndarray

    def members(self, week: int) -> int:
        """At the end of so many weeks."""
        day = week * WEEK
        return int(((self.joined < day) & (self.left >= day)).sum())


def drawn(random: np.random.Generator) -> Rates:
    """Rates of a world with ten or more outside joins a week."""
    return Rates(
        outside=float(np.exp(random.uniform(np.log(10), np.log(60)))),
        outside_shape=random.uniform(2, 20),
        brings=random.uniform(0.0, 0.7),
        fades=random.uniform(1, 6),
        own_shape=float(random.choice([0.5, 1.0, 2.0, 50.0])),
        bringing_variance=random.uniform(0, 0.1),
        leaving_new=random.uniform(0.02, 0.12),
        leaving_old=random.uniform(0.002, 0.015),
        settles=random.uniform(2, 10),
        leaving_variance=random.uniform(0, 0.3),
    )


def grow(random: np.random.Generator, rates: Rates, weeks: int, *, drift: float = 0.0) -> Grown:
    """So many weeks of a community that begins with nobody. `drift`: each week every rate moves by a normal step of this
    size, on the scale of its logarithm."""
    joined, left, inviter, own = (np.zeros(0) for _ in range(4))
    inviter = inviter.astype(np.int64)
    profile = np.exp(-np.arange(13) / rates.fades)
    profile *= rates.brings / profile.sum()
    moved = np.zeros(3)
    for week in range(weeks):
        moved = moved + drift * random.standard_normal(3)
        more, brings, leaves = np.exp(moved)
        start = week * WEEK
        here = np.flatnonzero(left == NEVER)
        age = week - (joined[here] // WEEK).astype(int)
        # Who leaves does so at some time of the week.
        risk = rates.leaving_old + (rates.leaving_new - rates.leaving_old) * np.exp(-age / rates.settles)
        risk = risk * leaves * _gamma(random, rates.leaving_variance)
        going = random.random(len(here)) < -np.expm1(-risk)
        left[here[going]] = start + WEEK * random.random(going.sum())
        # Who has been here for less than 13 weeks brings others.
        of_week = _gamma(random, rates.bringing_variance) * brings
        young = here[(age < 13)]
        many = random.poisson(own[young] * profile[age[age < 13]] * of_week)
        sources = np.repeat(young, many)
        outside = random.poisson(
            rates.outside * more * random.gamma(rates.outside_shape, 1 / rates.outside_shape)
        )
        sources = np.concatenate([np.full(outside, -1), sources])
        when = start + WEEK * random.random(len(sources))
        while len(sources):
            first = len(joined)
            order = np.argsort(when)
            joined, inviter = np.append(joined, when[order]), np.append(inviter, sources[order])
            left = np.append(left, np.full(len(when), NEVER))
            shape = rates.own_shape
            own = np.append(own, random.gamma(shape, 1 / shape, len(when)))
            # In the week of joining they bring for as long as it lasts, and some are gone before it does.
            new = np.arange(first, len(joined))
            rest = (start + WEEK - joined[new]) / WEEK
            many = random.poisson(own[new] * profile[0] * of_week * rest)
            sources = np.repeat(new, many)
            when = joined[sources] + (start + WEEK - joined[sources]) * random.random(len(sources))
        new = np.flatnonzero(joined >= start)
        rest = (start + WEEK - joined[new]) / WEEK
        gone = random.random(len(new)) < -np.expm1(-rates.leaving_new * leaves * rest)
        left[new[gone]] = joined[new[gone]] + (start + WEEK - joined[new[gone]]) * random.random(gone.sum())
    order = np.argsort(joined, kind="stable")
    place = np.empty(len(order), np.int64)
    place[order] = np.arange(len(order))
    inviter = np.where(inviter >= 0, place[inviter], -1)
    return Grown(weeks, joined[order], left[order], inviter[order])


def _gamma(random: np.random.Generator, variance: float) -> float:
    return float(random.gamma(1 / variance, variance)) if variance > 0 else 1.0
