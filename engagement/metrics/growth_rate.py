from datetime import date
from math import log
from typing import Any, NamedTuple

import numpy as np
from django.utils.translation import gettext as translate
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from numpy.typing import NDArray

from engagement.metrics import _offspring, _periods, _words
from engagement.packing import Whole
from engagement.selectors.history import History
from kernel.metrics import NO_DATA, Chapter, Data, Headline, Metric, Revision, Table, with_shares

Real = NDArray[np.float64]
#: Ages looked at, and days over which: both in days.
AGES, DAYS = 90, 90
#: Days of joining that matter: who joined earlier is of none of the ages on any of the days.
JOININGS = AGES + DAYS - 1
RESAMPLES = 1_000
SEED = 20_261_123
#: With fewer referred joins, or less brought by each, nothing is said of growth.
LEAST_JOINS, LEAST_K = 50, 0.3
LOW, HIGH = 0.025, 0.975
BASES = (10, 100, 1000)
FEW_JOINS, LITTLE_REFERRAL, AT_ONCE = "few_joins", "little_referral", "at_once"
REASONS = {
    FEW_JOINS: _("Too few: fewer than 50 referred joins in the last 90 days."),
    LITTLE_REFERRAL: _(
        "Too little referral: each member brings fewer than 0.3 others, so it carries no growth."
    ),
    AT_ONCE: _("All were brought on the very day on which their inviter joined: that is no pace."),
}


class Population(NamedTuple):
    """Who was aged 0 to 89 days on one of the last 90: `joined` is the day of joining, 0 for the first that matters; and the
    referred joins of those days, by the row of the `inviter` and their `age` in days."""

    joined: Whole
    inviter: Whole
    age: Whole


def population(history: History) -> Population:
    first = history.today - JOININGS + 1
    rows = np.flatnonzero(history.joined_day >= first)
    row_of = np.full(len(history.number), -1)
    row_of[rows] = np.arange(len(rows))
    invitee, inviter, lag = _offspring.edges(history)
    age = history.joined_day[invitee] - history.joined_day[inviter]
    # Who joined before their inviter was brought at no age of theirs, and on the same day neither.
    counted = (history.joined_day[invitee] > history.today - DAYS) & (lag >= 0) & (age < AGES)
    return Population(history.joined_day[rows] - first, row_of[inviter[counted]], age[counted])


def by_age(people: Population, weights: Real | None = None) -> Real:
    """K(d): referred joins per member-day at each age; 0 where nobody was of that age. `weights` are by row."""
    told = np.ones(len(people.joined)) if weights is None else weights
    joins = np.bincount(people.age, told[people.inviter], AGES)
    sums = np.concatenate([[0.0], np.cumsum(np.bincount(people.joined, told, JOININGS))])
    age = np.arange(AGES)
    # Of that age on one of the days was who joined so many days before it.
    exposed = sums[JOININGS - age] - sums[JOININGS - age - DAYS]
    return np.divide(joins, exposed, out=np.zeros(AGES), where=exposed > 0)


def rate(k: Real) -> Real:
    """r of each row of K(d), solving Σ K(d) e^(−r d) = 1 (Lotka 1907, Euler 1760), infinite where no r does."""
    low, high = np.full(len(k), -60.0), np.full(len(k), 60.0)
    age = np.arange(k.shape[1])
    with np.errstate(divide="ignore", over="ignore"):
        told = np.log(k)
        for _halving in range(80):
            middle = (low + high) / 2
            faded = np.exp(told - middle[:, None] * age)
            above = faded.sum(axis=1) > 1
            low, high = np.where(above, middle, low), np.where(above, high, middle)
    found = (low + high) / 2
    found[~(k[:, 1:] > 0).any(axis=1) & (k[:, 0] < 1)] = -np.inf
    found[k[:, 0] >= 1] = np.inf
    return found


def resampled(people: Population) -> Real:
    """K(d) of each resample of as many members, with their joins, drawn with replacement in the standing order."""
    chance, many = np.random.default_rng(SEED), len(people.joined)
    found = np.empty((RESAMPLES, AGES))
    for n in range(RESAMPLES):
        drawn = chance.integers(0, many, many)
        found[n] = by_age(people, np.bincount(drawn, minlength=many).astype(np.float64))
    return found


def limits(values: Real) -> tuple[float | None, float | None]:
    """The middle 95% of them, linear between ranks; None where it has no end on that side."""
    ranked = np.sort(values)
    found = []
    for share in (LOW, HIGH):
        below, part = divmod(share * (len(ranked) - 1), 1)
        one, other = ranked[int(below)], ranked[min(int(below) + 1, len(ranked) - 1)]
        finite = np.isfinite(one) and np.isfinite(other)
        found.append(float(one + (other - one) * part) if finite else None)
    return found[0], found[1]


class GrowthRate(Metric):
    key = "growth_rate"
    title = _("Growth by referral")
    question = _("Does referral alone make the community grow, and how fast?")
    unit = _("a day, from referral alone")
    formula = _(
        "The rate r solves\n\n"
        "`Σ K(d) · e^(−r·d) = 1, d = 0 … 89`\n\n"
        "where, in the last 90 days, with age in whole local days since the inviter's joining, whether or not "
        "they left:\n\n"
        "`K(d) = referred joins at inviter age d / member-days at that age`\n\n"
        "`K = Σ K(d)`\n\n"
        "Who joined before their inviter, as files may have it, is left out of K.\n\n"
        "95% interval: percentiles of 1,000 resamples of the members who were of these ages, with whom they "
        "brought (seed shown). r is null below 50 referred joins or K below 0.3.\n\n"
        "Where K < 1: 1 / (1 − K), joins in the end per outside join. Doubling time = ln 2 / r, only where r's "
        "lower limit is above 0. Share referred: of those who joined in the last 90 days, how many had an "
        "inviter."
    )
    reads = _("Days of joining, and who brought whom as it was known on that day.")
    blind_spots = _(
        "It is referral alone: outside joins, leaving and returning are not in it. It holds as long as members go on bringing "
        "others as in the last 90 days, and as there are others to bring. Who is brought after their inviter's 90th day is "
        "not counted."
    )
    chapter = Chapter.GROWS
    chart = "growth_rate"
    revisions = (
        Revision(1, date(2026, 11, 23), _("First definition.")),
        Revision(
            2, date(2026, 11, 24), _("Who joined earlier on the same day than their inviter is left out.")
        ),
    )
    interval = _(
        "Of r and K: the bootstrap’s percentiles (Efron 1979), 95%. 1,000 times over, as many members as there are "
        "of these ages are drawn with replacement, each with whom they brought, and r and K are reckoned anew. The seed is "
        "shown: it always draws the same way."
    )
    parameters = (_periods.AS_OF,)
    heavy = True

    def compute(self, history: History, **parameters: Any) -> Data:
        people = population(history)
        lately = history.joined_day > history.today - DAYS
        joined, with_inviter = int(lately.sum()), int((lately & (history.forest.above >= 0)).sum())
        counted = len(people.age)
        told: dict[str, Any] = dict.fromkeys(
            ("r", "low", "high", "k", "k_low", "k_high", "multiplier", "multiplier_low", "multiplier_high")
        )
        if counted < LEAST_JOINS:
            reason: str | None = FEW_JOINS
        else:
            reason = self._estimate(people, told)
        rising = told["low"] is not None and told["low"] > 0
        return {
            **told,
            "doubling_days": log(2) / told["r"] if rising else None,
            "referred": counted,
            "joined": joined,
            "share": with_inviter / joined if joined else None,
            "reason": reason,
            "resamples": RESAMPLES,
            "seed": SEED,
        }

    @staticmethod
    def _estimate(people: Population, told: dict[str, Any]) -> str | None:
        """Fill in what can be told; why r cannot."""
        ages = by_age(people)
        others = resampled(people)
        k = float(ages.sum())
        told["k"] = k
        told["k_low"], told["k_high"] = limits(others.sum(axis=1))
        for name, one in (
            ("multiplier", k),
            ("multiplier_low", told["k_low"]),
            ("multiplier_high", told["k_high"]),
        ):
            # Of a K of 1 or more there is no end.
            told[name] = 1 / (1 - one) if one is not None and k < 1 and one < 1 else None
        if k < LEAST_K:
            return LITTLE_REFERRAL
        r = float(rate(ages[None, :])[0])
        if not np.isfinite(r):
            return AT_ONCE
        told["r"] = r
        told["low"], told["high"] = limits(rate(others))
        return None

    def table(self, data: Any) -> Table:
        data = with_shares(data, "share")

        def row(name: Any, key: str, low: str = "", high: str = "") -> list[Any]:
            return [name, data[key], data.get(low), data.get(high)]

        rows = [
            row(_("r, a day"), "r", "low", "high"),
            row(_("K: brought by each over 90 days"), "k", "k_low", "k_high"),
            row(_("Joins in the end per outside join"), "multiplier", "multiplier_low", "multiplier_high"),
            row(_("Doubling time, days"), "doubling_days"),
            row(_("Referred joins counted"), "referred"),
            row(_("Joins in the last 90 days"), "joined"),
            row(_("Share of them that were referred"), "share"),
            row(_("Resamples"), "resamples"),
            [_("Seed"), str(data["seed"]), None, None],
        ]
        return Table(
            [_("What"), _("Value"), pgettext_lazy("interval", "From"), pgettext_lazy("interval", "To")], rows
        )

    def finding(self, data: Any) -> str:
        said = self.referred(data)
        return f"{said} {self._said_of_growth(data)}" if data["joined"] else said

    def referred(self, data: Any) -> str:
        """How many of those who joined lately a member brought, in a sentence."""
        if not data["joined"]:
            return translate("Nobody joined in the last 90 days.")
        said = translate(
            "%(share)s of the %(joined)s who joined in the last 90 days were brought by a member."
        ) % {
            "share": _words.percent(data["share"]),
            "joined": _words.count(data["joined"]),
        }
        return said

    def _said_of_growth(self, data: Any) -> str:
        if data["doubling_days"] is not None:
            return translate(
                "Even if nobody came from outside any more, twice as many would join every %(days)s days."
            ) % {"days": _words.decimal(data["doubling_days"])}
        if data["reason"] == FEW_JOINS:
            return str(REASONS[FEW_JOINS])
        if data["multiplier"] is not None:
            # Of so many who come from outside, the fewest that are more in the end.
            base = next((one for one in BASES if round(data["multiplier"] * one) > one), BASES[-1])
            return translate(
                "Who comes from outside brings others, and those bring others: %(base)s are %(n)s in the end."
            ) % {"base": _words.count(base), "n": _words.count(round(data["multiplier"] * base))}
        return translate("Whether it would grow by members alone cannot be told from chance yet.")

    def headline(self, data: Any) -> Headline:
        if data["r"] is None:
            reason = REASONS[data["reason"]] if data["joined"] else NO_DATA
            return Headline(None, self.unit, "share", reason=reason)
        return Headline(data["r"], self.unit, "share")
