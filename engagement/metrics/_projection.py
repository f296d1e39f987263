"""A community's next weeks, run many times: who joins, who brings others, who leaves, who acts, what recurs.

All of it in weeks (Monday to Sunday) and numbers of members by their tenure, the weeks since that of joining; nobody is
looked at one by one, so that a run costs the same whatever the community's size. `Past` holds what was counted in the weeks
behind; the rates behind the counts are drawn from their posteriors (`_posteriors`), once for each run.

Outside joins are negative binomial; joins by referral Poisson over the first `FIRST` weeks of who brings, times an effect of
each cohort's own and one of the week; leaving is binomial by tenure, times an effect of the week; coming back is binomial
among all who are gone. Members act, begin and end contracts by shares of those who can.
"""

from collections.abc import Sequence
from typing import NamedTuple, TypeVar

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from engagement.metrics._posteriors import MOST, Flow, Kin, Posterior, effects, expected_rates, posterior
from engagement.packing import Whole

Real = NDArray[np.float64]
Columns = TypeVar("Columns", Whole, Real)

#: Stored with the figure: the same seed and the same counts give the same digits.
SEED = 20_261_123
RUNS, HORIZON = 2_000, 26
#: Weeks that are read at most; of acts, whose habits change sooner, the last ones.
READ, RECENT = 52, 13
#: Tenures are told apart up to a year; whoever has been here longer stands in the last place.
TENURES = 53
#: Each class of tenures begins at one of these.
STARTS = np.array([0, 1, 2, 3, 4, 8, 13, 26, 52])
#: Members bring others in so many weeks, that of joining included; whom older members bring counts as from outside.
FIRST = 13
YOUNG = STARTS[STARTS < FIRST]
CLASS = np.searchsorted(STARTS, np.arange(TENURES), side="right") - 1
#: Those who join by somebody who joined in the same week may bring another in it, so many times over.
SAME_WEEK = 4
#: A band's limits and its middle, in hundredths.
LIMITS = (10, 50, 90)
#: What the projection is compared with goes on as these last weeks went.
TREND = 8
#: A run that grows without bound stops growing here.
CEILING = 1e9


class Contracts(NamedTuple):
    """What recurs at about one price in one currency (its code). By week: how many members came to pay it who had paid nothing
    (of those who joined in the week; of those in their first weeks; of older ones, counted against all who pay nothing) and who
    had paid another price (`began`, and of how many: `could`); how many ceased to, of those who did. Then how many do now, what
    they pay together in twelfths of the smallest unit, and what each who came to pay it paid."""

    currency: int
    began: Whole
    could: Whole
    ceased: Whole
    paid: Whole
    paying: int
    amount: int
    first_amounts: Whole


class Past(NamedTuple):
    """Weekly counts, the latest week last. `here[0]` stands at the end of the week before the first, so it has a row more;
    columns are tenures at the end of the week (of those referred: of the one who brought them)."""

    here: Whole
    gone: Whole
    outside: Whole
    referred: Whole
    left: Whole
    returned: Whole
    active: Whole
    contracts: tuple[Contracts, ...] = ()

    @property
    def joined(self) -> Whole:
        return self.outside + self.referred.sum(axis=1)

    @property
    def could_leave(self) -> Whole:
        """Who was here at the week's beginning, a week older by its end, and who joined in it."""
        found = _older(self.here[:-1])
        found[:, 0] = self.joined
        return found


class Levers(NamedTuple):
    """What is to change from the first week on, as factors."""

    invitations: float = 1.0
    conversion: float = 1.0
    churn: float = 1.0
    price: float = 1.0


#: No lever moved.
AS_IS = Levers()


class Runs(NamedTuple):
    """By run and week; `revenue` by currency, in twelfths of the smallest unit."""

    members: Whole
    actives: Whole
    revenue: dict[int, Real]


class _Rates(NamedTuple):
    outside: Posterior
    referred: Posterior
    left: Posterior
    returned: Posterior
    active: Posterior
    began: list[Posterior]
    ceased: list[Posterior]


def project(
    past: Past, *, levers: Levers = AS_IS, seed: int = SEED, runs: int = RUNS, weeks: int = HORIZON
) -> Runs:
    """The next weeks of `runs` communities that all may be this one."""
    random = np.random.Generator(np.random.PCG64(seed))
    rates = _rates(past, random, runs)
    return _Future(past, rates, levers, random, runs).run(weeks)


def trend_of(values: Sequence[float], weeks: int) -> list[float]:
    """The straight line (by least squares) through the last `TREND` values, so many weeks on."""
    last = np.array(values[-TREND:], np.float64)
    place = np.arange(len(last)) - (len(last) - 1) / 2
    slope = (place * last).sum() / max((place**2).sum(), 1)
    ahead = last.mean() + slope * (place[-1] + np.arange(1, weeks + 1))
    return [float(max(one, 0.0)) for one in ahead]


def referral_flow(past: Past) -> Flow:
    """Joins by referral, of members in their first weeks, by classes of tenure."""
    return _classed(past.referred, past.could_leave[:, :FIRST], YOUNG)


def leaving_flow(past: Past) -> Flow:
    return _classed(past.left, past.could_leave, STARTS)


def _classed(events: Whole, exposure: Whole, starts: Whole) -> Flow:
    return Flow(np.add.reduceat(events, starts, axis=1), np.add.reduceat(exposure, starts, axis=1))


def _rates(past: Past, random: Generator, runs: int) -> _Rates:
    once = np.ones((len(past.outside), 1), np.int64)
    recent = slice(-RECENT, None)
    acting = _classed(np.minimum(past.active, past.here[1:])[recent], past.here[1:][recent], STARTS)
    return _Rates(
        outside=posterior(Flow(past.outside[:, None], once), random, runs),
        referred=posterior(referral_flow(past), random, runs, kin=_kin(past)),
        left=posterior(leaving_flow(past), random, runs),
        returned=posterior(Flow(past.returned[:, None], past.gone[:-1, None]), random, runs),
        active=posterior(acting, random, runs, once=True),
        began=[posterior(Flow(one.began, one.could), random, runs) for one in past.contracts],
        ceased=[
            posterior(Flow(one.ceased[:, None], one.paid[:, None]), random, runs) for one in past.contracts
        ],
    )


def _kin(past: Past) -> Kin:
    """What each cohort of the weeks that are read brought so far; the oldest first."""
    flow = referral_flow(past)
    rate = expected_rates(flow)[CLASS[:FIRST]]
    exposed = past.could_leave[:, :FIRST]
    weeks = len(exposed)
    expected, events = np.zeros(weeks), np.zeros(weeks)
    for age in range(min(FIRST, weeks)):
        # Who is `age` weeks old in a week joined so many weeks before it.
        expected[: weeks - age] += exposed[age:, age] * rate[age]
        events[: weeks - age] += past.referred[age:, age]
    return Kin(past.joined.astype(np.float64), events, expected)


class _Future:
    """The state of all runs, moved on a week at a time. Columns of `here` are tenures."""

    def __init__(self, past: Past, rates: _Rates, levers: Levers, random: Generator, runs: int) -> None:
        self.past, self.rates, self.levers, self.random, self.runs = past, rates, levers, random, runs
        self.here: Whole = np.broadcast_to(past.here[-1], (runs, TENURES)).copy()
        self.gone: Whole = np.full(runs, past.gone[-1])
        self.leaving = rates.left.rate[:, CLASS] * levers.churn
        self.bringing = rates.referred.rate[:, CLASS[:FIRST]] * levers.invitations * levers.conversion
        self.own = self._own()
        self.prices = [
            _Price(one, began, ceased, self)
            for one, began, ceased in zip(past.contracts, rates.began, rates.ceased, strict=True)
        ]

    def _own(self) -> Real:
        """The cohorts' own effects, by run and tenure: what they brought so far tells of them."""
        kin = _kin(self.past)
        found = np.ones((self.runs, FIRST))
        for tenure in range(min(FIRST, len(kin.size))):
            size, events, expected = (column[-1 - tenure] for column in kin)
            shape = np.maximum(size, 1) / self.rates.referred.own
            found[:, tenure] = self.random.gamma(shape + events, 1 / (shape + expected))
        return found

    def run(self, weeks: int) -> Runs:
        members = np.zeros((self.runs, weeks), np.int64)
        actives = np.zeros((self.runs, weeks), np.int64)
        revenue = {price.currency: np.zeros((self.runs, weeks)) for price in self.prices}
        for week in range(weeks):
            before, young = self.here.sum(axis=1), self.here[:, : FIRST - 1].sum(axis=1)
            joined = self._join()
            self._leave()
            members[:, week] = self.here.sum(axis=1)
            actives[:, week] = self._act()
            for currency, found in revenue.items():
                found[:, week] = self._recur(currency, joined, young, before) * self.levers.price
        return Runs(members, actives, revenue)

    def _join(self) -> Whole:
        """A week older, all of them; then who joins stands in the first place. How many that are."""
        rates, random = self.rates, self.random
        self.here, self.own = _older(self.here), _older(self.own, ends=False)
        of_week = effects(rates.referred.variance, random)
        brought = (self.here[:, 1:FIRST] * self.own[:, 1:] * self.bringing[:, 1:]).sum(axis=1) * of_week
        outside = rates.outside.rate[:, 0] * effects(rates.outside.variance, random)
        joined = random.poisson(np.minimum(outside, CEILING)) + random.poisson(np.minimum(brought, CEILING))
        latest = joined
        for _generation in range(SAME_WEEK):
            latest = random.poisson(np.minimum(latest * self.bringing[:, 0] * of_week, CEILING))
            joined = joined + latest
        shape = np.maximum(joined, 1) / rates.referred.own
        self.own[:, 0] = random.gamma(shape, 1 / shape)
        self.here[:, 0] = joined
        return joined

    def _leave(self) -> None:
        """Who leaves in the week, and who comes back: they stand with those who have been here longest."""
        rates, random = self.rates, self.random
        share = np.minimum(self.leaving * effects(rates.left.variance, random)[:, None], MOST)
        left = random.binomial(self.here, share)
        self.here -= left
        share = np.minimum(rates.returned.rate[:, 0] * effects(rates.returned.variance, random), MOST)
        returned = random.binomial(self.gone, share)
        self.here[:, -1] += returned
        self.gone += left.sum(axis=1) - returned

    def _recur(self, currency: int, joined: Whole, young: Whole, before: Whole) -> Real:
        """What recurs at the week's end; nobody begins who paid at its beginning, but by changing the price."""
        prices = [price for price in self.prices if price.currency == currency]
        paid = [price.paying for price in prices]
        together: Whole = np.sum(paid, axis=0)
        unpaid = np.maximum(before - together, 0)
        found = np.zeros(self.runs)
        for price, own in zip(prices, paid, strict=True):
            found += price.week((joined, young, unpaid, together - own))
        return found

    def _act(self) -> Whole:
        share = self.rates.active.rate * effects(self.rates.active.variance, self.random)[:, None]
        many = np.add.reduceat(self.here, STARTS, axis=1)
        return self.random.binomial(many, np.minimum(share, MOST)).sum(axis=1)


class _Price:
    """The contracts at about one price: those of today with what they come to, and those that begin later."""

    def __init__(self, past: Contracts, began: Posterior, ceased: Posterior, future: _Future) -> None:
        self.currency, self.future, self.began, self.ceased = past.currency, future, began, ceased
        self.today, self.later = np.full(future.runs, past.paying), np.zeros(future.runs, np.int64)
        self.today_amount = past.amount / past.paying if past.paying else 0.0
        self.later_amount = self._first_amount(past)

    @property
    def paying(self) -> Whole:
        return self.today + self.later

    def _first_amount(self, past: Contracts) -> Real:
        """What who begins pays, by run: known as well as beginners were many, and as alike."""
        many = len(past.first_amounts)
        if not many:
            return np.full(self.future.runs, self.today_amount)
        mean = past.first_amounts.mean()
        loose = max(past.first_amounts.var() / mean**2 / many, 1e-9)
        found: Real = mean * self.future.random.gamma(1 / loose, loose, self.future.runs)
        return found

    def week(self, could: tuple[Whole, Whole, Whole, Whole]) -> Real:
        """What recurs at the week's end, of who `could` begin: as in `Contracts`."""
        random = self.future.random
        ways = zip(could, self.began.rate.T, strict=True)
        begun = np.sum([many * rate for many, rate in ways], axis=0) * effects(self.began.variance, random)
        share = self.ceased.rate[:, 0] * effects(self.ceased.variance, random) * self.future.levers.churn
        share = np.minimum(share, MOST)
        self.today = self.today - random.binomial(self.today, share)
        self.later = self.later - random.binomial(self.later, share)
        # Nobody begins twice.
        self.later = self.later + np.minimum(
            random.poisson(np.minimum(begun, CEILING)), np.sum(could, axis=0)
        )
        found: Real = self.today * self.today_amount + self.later * self.later_amount
        return found


def _older(columns: Columns, *, ends: bool = True) -> Columns:
    """By tenure a week later; the first place is empty. `ends`: the last holds those who were in it as well."""
    found = np.zeros_like(columns)
    found[:, 1:] = columns[:, :-1]
    if ends:
        found[:, -1] += columns[:, -1]
    return found
