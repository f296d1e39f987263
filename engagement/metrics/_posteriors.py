"""What weekly counts let one believe about the rates behind them: draws from posteriors.

A flow is counted by week and class (members by how long they have been here, say). Its counts are taken to be Poisson
(or binomial, where each of those exposed can be counted but once) with one rate a class, times an effect of the week that
all classes share: a gamma variable of mean 1, independent from week to week, so that a week's count is negative binomial.
Gelman et al. 2013, *Bayesian Data Analysis*, 2.6 and 5.1 (the conjugate pairs); Cameron and Trivedi 1986 (counts with a
gamma effect).

The priors are weak, and these: a class in which nothing was counted borrows one event at the rate of the class before it (the
first: at the rate of all), one with n events of its own a share 1 / (1 + n) of it, so that what is thin leans on its neighbour
and what is not speaks for itself; the variation between weeks (the effect's standard
deviation) is half-Cauchy with scale `USUAL`.
"""

from typing import NamedTuple

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from engagement.packing import Whole

Real = NDArray[np.float64]

#: The scale of the prior of a week's variation.
USUAL = 0.5
#: Where nobody was exposed, half an event in so many weeks is believed in.
UNSEEN = 52
#: The values of a variation (a coefficient of variation) that are weighed against each other.
STEP = 0.05
VARIATIONS = np.append(0.01, np.arange(1, 41) * STEP)
#: Members of one cohort differ more than weeks do.
APART, OWN_VARIATIONS = 1.0, np.append(0.01, np.arange(1, 41) * 2 * STEP)
#: The levels at which a variation is weighed, in standard deviations of the level.
LEVELS = np.linspace(-4, 4, 25)
#: A share never is quite all: what remains keeps an odds finite.
MOST = 0.999


class Flow(NamedTuple):
    """What was counted, and of how many, by week and class."""

    events: Whole
    exposure: Whole


class Kin(NamedTuple):
    """What cohorts of `size` members brought so far, and how many were to be expected of members like all others."""

    size: Real
    events: Real
    expected: Real


class Posterior(NamedTuple):
    """By run: a rate for each class, the variance of the week's effect, and that of a member's own."""

    rate: Real
    variance: Real
    own: Real


def expected_rates(flow: Flow) -> Real:
    """The posterior means of the classes' rates."""
    events, exposure = flow.events.sum(axis=0), flow.exposure.sum(axis=0)
    borrowed, of = _borrowed(events, exposure)
    return (events + borrowed) / (exposure + of)


def posterior(
    flow: Flow, random: Generator, runs: int, *, once: bool = False, kin: Kin | None = None
) -> Posterior:
    """Draws of the rates. `once`: each of those exposed is counted once at most, so that a rate is a share.

    `kin`: members differ from each other as well, by a gamma effect of their own that stays with them.
    """
    events, exposure = flow.events.sum(axis=0), flow.exposure.sum(axis=0)
    borrowed, of = _borrowed(events, exposure)
    if once:
        spared = np.maximum(exposure - events, 0) + of - borrowed
        rate = random.beta(events + borrowed, spared, (runs, len(events)))
    else:
        rate = random.gamma(events + borrowed, 1 / (exposure + of), (runs, len(events)))
    mean = flow.exposure @ expected_rates(flow)
    variance = _variance_of_weeks(flow, mean, random, runs, once=once)
    # What the weeks had in common with one another is known no better than their number allows.
    loose = variance * (mean**2).sum() / max(mean.sum(), 1e-9) ** 2
    own = np.zeros(runs)
    if kin is not None:
        own = _variance_of_members(kin, random, runs)
        apart = (kin.expected**2 / np.maximum(kin.size, 1)).sum() / max(kin.expected.sum(), 1e-9) ** 2
        loose = loose + own * apart
    loose = np.maximum(loose, 1e-9)
    level = random.gamma(1 / loose, loose)
    rate = rate * level[:, None]
    return Posterior(np.minimum(rate, MOST) if once else rate, variance, own)


def effects(variance: Real, random: Generator) -> Real:
    """The effects of one week, by run: gamma of mean 1 and this variance."""
    return random.gamma(1 / variance, variance)


def _borrowed(events: Whole, exposure: Whole) -> tuple[Real, Real]:
    """What each class borrows: so much of an event, of so many exposed."""
    near = (events.sum() + 0.5) / (exposure.sum() + UNSEEN)
    borrowed = 1 / (1 + events)
    centre = []
    for count, of, more in zip(events.tolist(), exposure.tolist(), borrowed.tolist(), strict=True):
        centre.append(near)
        near = (count + more) / (of + more / near)
    return borrowed, borrowed / np.array(centre, np.float64)


def _variance_of_weeks(flow: Flow, mean: Real, random: Generator, runs: int, *, once: bool) -> Real:
    known = mean > 0
    counted, mean = flow.events.sum(axis=1)[known].astype(np.float64), mean[known]
    if not len(mean):
        weight = np.zeros(len(VARIATIONS))
    elif once:
        rate = np.minimum(expected_rates(flow), MOST)
        by_chance = (flow.exposure[known] * rate * (1 - rate)).sum(axis=1)
        weight = _weigh(VARIATIONS, lambda v: _normal(counted, mean, by_chance, v), len(mean), counted.sum())
    else:
        weight = _weigh(
            VARIATIONS, lambda v: _negative_binomial(counted, mean, np.full(len(mean), v**-2)),
            len(mean), counted.sum(),
        )  # fmt: skip
    return _drawn(VARIATIONS, weight, USUAL, random, runs)


def _variance_of_members(kin: Kin, random: Generator, runs: int) -> Real:
    known = kin.expected > 0
    counted, mean, size = kin.events[known], kin.expected[known], kin.size[known]
    if not len(mean):
        return _drawn(OWN_VARIATIONS, np.zeros(len(OWN_VARIATIONS)), APART, random, runs)
    # The effects of n members add up to a gamma variable whose shape is n times that of one.
    weight = _weigh(
        OWN_VARIATIONS, lambda v: _negative_binomial(counted, mean, np.maximum(size, 1) / v**2),
        len(mean), counted.sum(),
    )  # fmt: skip
    return _drawn(OWN_VARIATIONS, weight, APART, random, runs)


def _weigh(variations: Real, likelihood: object, weeks: int, counted: float) -> Real:
    """The logarithm of how likely the counts are by variation, over all levels that they may have had."""
    found = []
    for variation in variations:
        apart = np.sqrt(1 / (counted + 1) + variation**2 / weeks)
        level = np.exp(LEVELS * apart)
        each = likelihood(variation)(level)  # type: ignore[operator]
        top = each.max()
        # The levels stand closer the better they are known: the width is part of the sum.
        found.append(top + np.log(np.exp(each - top).sum() * apart))
    return np.array(found)


def _negative_binomial(counted: Real, mean: Real, shape: Real) -> object:
    fixed = (_log_gamma(counted + shape) - _log_gamma(shape)).sum()

    def at(level: Real) -> Real:
        expected = level[:, None] * mean
        each = counted * np.log(expected / (shape + expected)) - shape * np.log1p(expected / shape)
        found: Real = fixed + each.sum(axis=1)
        return found

    return at


def _normal(counted: Real, mean: Real, by_chance: Real, variation: float) -> object:
    def at(level: Real) -> Real:
        expected = level[:, None] * mean
        spread = np.maximum(by_chance, 1e-9) + (variation * expected) ** 2
        found: Real = -0.5 * (np.log(spread) + (counted - expected) ** 2 / spread).sum(axis=1)
        return found

    return at


def _drawn(variations: Real, weight: Real, scale: float, random: Generator, runs: int) -> Real:
    """Variances drawn by these weights and the prior; between the values that were weighed any is as likely."""
    weight = weight - np.log1p((variations / scale) ** 2)
    share = np.exp(weight - weight.max())
    chosen = random.choice(len(variations), size=runs, p=share / share.sum())
    step = variations[-1] - variations[-2]
    found: Real = np.maximum(variations[chosen] + random.uniform(-0.5, 0.5, runs) * step, 0.01) ** 2
    return found


def _log_gamma(x: Real) -> Real:
    """Of positive numbers, to 1e-12 of the value or better: Stirling's series, from 8 on (Abramowitz and Stegun 6.1.41)."""
    low = np.zeros_like(x)
    for k in range(8):
        low += np.log(np.where(x < 8, x + k, 1.0))
    x = np.where(x < 8, x + 8, x)
    series = 1 / (12 * x) - 1 / (360 * x**3) + 1 / (1260 * x**5) - 1 / (1680 * x**7) + 1 / (1188 * x**9)
    found: Real = (x - 0.5) * np.log(x) - x + 0.5 * np.log(2 * np.pi) + series - low
    return found
