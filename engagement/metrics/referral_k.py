from collections.abc import Sequence
from datetime import date
from math import exp, sqrt
from typing import Any, NamedTuple

import numpy as np
from django.utils.translation import gettext as translate
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext, pgettext_lazy
from numpy.typing import NDArray

from engagement.metrics import _offspring, _periods, _student, _words
from engagement.metrics._offspring import DAY
from engagement.packing import Whole
from engagement.selectors.history import History
from kernel import words
from kernel.metrics import NO_DATA, Chapter, Data, Headline, Metric, Parameter, Revision, Table, with_shares

ALL = ("all", _("All together"))
#: Fewer than so many members tell no interval.
ENOUGH = 30
#: Why a cohort has no K: nobody joined in it, or nobody of it long enough ago.
NOBODY_JOINED, TOO_YOUNG = "nobody", "too_young"


class ReferralK(Metric):
    key = "referral_k"
    title = _("Growth coefficient K")
    question = _("How many others does a new member bring, soon after joining?")
    unit = _("others brought by each new member")
    formula = _(
        "Per cohort of joining (week, month or all together) and horizon D (30 days unless chosen). Eligible: who"
        " joined at least D days before the end of the day chosen, whatever happened later; n of them. Elapsed "
        "time, end included.\n\n"
        "- i: invitations sent within D of joining, per eligible member.\n"
        "- c: those of them whose invitee joined, brought by that member and within D of that member's joining / "
        "sent.\n"
        "- K: invitees who joined within D of their inviter's joining, by personal link too, per eligible member.\n\n"
        "`K ≥ i · c`\n\n"
        "95% interval, where s² = max(sample variance, K), members who brought nobody included:\n\n"
        "`K · exp(± t(n − 1; 0.975) · s / (K · √n))`\n\n"
        "Where none was brought: (0, 3/n), one-sided; none below 30 eligible members.\n\n"
        "Beside it: how many of the invitees were brought by staff, and how many stand below somebody who joined "
        "after them: those are in no K."
    )
    reads = _(
        "Joinings, who brought whom as it was known on that day (corrections count from their day on), invitations sent and "
        "who came by them, and roles with their times."
    )
    blind_spots = _(
        "What practitioners in China call the fission coefficient is often i, the invitations sent: here it stands beside K "
        "under its own name. Who came by word of mouth and named nobody counts as brought by nobody. Young members are left "
        "out: with them K would be too low by 10 to 27%. What is brought after D is not seen, nor is "
        "whether who was brought would have come anyway."
    )
    chapter = Chapter.GROWS
    chart = "coefficients"
    revisions = (Revision(1, date(2026, 11, 23), _("First definition.")),)
    interval = _(
        "Of K: Student’s t (1908) on the logarithm of K, 95%, with the spread of what each eligible member brought, those who "
        "brought nobody included, and at least that of a Poisson count. Where nobody was brought: from 0 to 3 / n, one-sided "
        "(the rule of three, Hanley and Lippman-Hand 1983). Below 30 eligible members there is none."
    )
    parameters = (
        _periods.grain(_periods.WEEK, _periods.MONTH, ALL, default="month"),
        Parameter("horizon", "number", _("Horizon, in days"), default=30, maximum=365),
        *_periods.BETWEEN,
    )

    def compute(
        self, history: History, *, grain: str = "month", horizon: int = 30, **parameters: Any
    ) -> Data:
        cohorts = _cohorts(history, grain)
        found = _count(history, cohorts, horizon * DAY)
        rows = [_row(cohort.name, found, n) for n, cohort in enumerate(cohorts)]
        return _periods.shown(cohorts, rows, parameters)

    def table(self, data: Any) -> Table:
        names = {
            "cohort": _("Cohort"),
            "eligible": _("Eligible members"),
            "young": _("Too young"),
            "invitations": _("Invitations sent"),
            "i": _("i: invitations a member"),
            "c": _("c: share that joined"),
            "invitees": _("Members brought"),
            "k": _("K: brought by each"),
            "low": pgettext_lazy("interval", "From"),
            "high": pgettext_lazy("interval", "To"),
            "by_staff": _("Brought by staff"),
            "before_inviter": _("Joined before their inviter"),
        }
        rows = [with_shares(row, "c") for row in data]
        return Table(list(names.values()), [[row[key] for key in names] for row in rows])

    def finding(self, data: Any) -> str:
        row = _last_known(data)
        if row is None:
            return str(self.headline(data).reason)
        told = {
            "n": _words.count(row["eligible"]),
            "brought": _words.count(row["invitees"]),
            "sent": _words.count(row["invitations"]),
            **{key: _of_hundred(row[key]) for key in ("k", "low", "high")},
        }
        if row["cohort"] == "all":
            said = ngettext(
                "%(n)s member brought %(brought)s more soon after joining.",
                "%(n)s members brought %(brought)s more soon after joining.",
                row["eligible"],
            )
        else:
            told["when"] = _words.when(row["cohort"], data, "cohort")
            said = ngettext(
                "%(n)s member who joined %(when)s brought %(brought)s more soon after.",
                "The %(n)s members who joined %(when)s brought %(brought)s more soon after.",
                row["eligible"],
            )
        said %= told
        if row["invitations"]:
            sent = ngettext(
                "They sent %(sent)s invitation.", "They sent %(sent)s invitations.", row["invitations"]
            )
            said += " " + sent % told
        if row["low"] is None:
            return said + " " + translate("These are too few members to tell it from chance.")
        more = translate(
            "That is %(k)s for every 100 members; allowing for chance, between %(low)s and %(high)s."
        )
        return said + " " + more % told

    def headline(self, data: Any) -> Headline:
        row = _last_known(data)
        if row is None:
            joined = any(one["young"] for one in data)
            reason = (
                _("Too young: nobody joined long enough ago to have had the time.") if joined else NO_DATA
            )
            return Headline(None, self.unit, "number", reason=reason)
        # Nothing is compared that cannot be told from chance: of too few members there is no interval.
        earlier = data[: data.index(row)][1 - _periods.TREND :] if row["low"] is not None else []
        trend = *(None if one["low"] is None else one["k"] for one in earlier), row["k"]
        return Headline(row["k"], self.unit, "number", "" if row["cohort"] == "all" else row["cohort"], trend)


class _Counted(NamedTuple):
    """What each cohort comes to, by its place; `squares` are of how many each eligible member brought."""

    joined: Whole
    eligible: Whole
    invitations: Whole
    accepted: Whole
    invitees: Whole
    squares: Whole
    by_staff: Whole
    before_inviter: Whole


def _cohorts(history: History, grain: str) -> list[_periods.Period]:
    if grain != "all":
        return _periods.every(history, grain)
    first = history.first_day
    start = history.today if first is None else first.toordinal()
    return [_periods.Period("all", start, history.today, True)]


def _count(history: History, cohorts: Sequence[_periods.Period], horizon: int) -> _Counted:
    starts = [one.start for one in cohorts]
    of = np.searchsorted(starts, history.joined_day, side="right") - 1
    eligible = history.joined_at + horizon <= history.end
    many = len(cohorts)

    def per_cohort(places: Whole) -> Whole:
        return np.bincount(of[places], minlength=many).astype(np.int64)

    invitee, inviter, lag = _offspring.edges(history)
    inside = (lag >= 0) & (lag <= horizon) & eligible[inviter]
    brought = np.bincount(inviter[inside], minlength=len(of)).astype(np.int64)
    staff = history.were_staff(inviter[inside], history.joined_at[invitee[inside]])
    sent = history.invitations
    since = sent.at - history.joined_at[sent.member]
    sent = sent.only(eligible[sent.member] & (since >= 0) & (since <= horizon))
    return _Counted(
        joined=per_cohort(np.arange(len(of))),
        eligible=per_cohort(np.flatnonzero(eligible)),
        invitations=per_cohort(sent.member),
        accepted=per_cohort(sent.member[_taken_up(sent.came, sent.member, invitee[inside], inviter[inside])]),
        invitees=per_cohort(inviter[inside]),
        squares=_sums(of, brought * brought, many),
        by_staff=per_cohort(inviter[inside][staff]),
        before_inviter=per_cohort(inviter[lag < 0]),
    )


def _taken_up(came: Whole, sender: Whole, invitee: Whole, inviter: Whole) -> NDArray[np.bool_]:
    """Which invitations somebody came by whom their sender brought in time; who came by several of theirs counts for the
    first."""
    brought_by = np.full(int(max(came.max(initial=-1), invitee.max(initial=-1))) + 2, -1)
    brought_by[invitee] = inviter
    found = (came >= 0) & (brought_by[came] == sender)
    # By time; what others sent to the same person takes nothing from who brought them.
    rows = np.flatnonzero(found)
    taken = np.zeros(len(came), bool)
    taken[rows[np.unique(came[rows], return_index=True)[1]]] = True
    return taken


def _sums(of: Whole, amount: Whole, many: int) -> Whole:
    total = np.zeros(many, np.int64)
    np.add.at(total, of, amount)
    return total


def _row(name: str, found: _Counted, n: int) -> dict[str, Any]:
    joined, eligible, invitations, accepted, invitees, squares, by_staff, before = (
        int(one[n]) for one in found
    )
    k = invitees / eligible if eligible else None
    low, high = interval(eligible, invitees, squares)
    return {
        "cohort": name,
        "eligible": eligible,
        "invitations": invitations,
        "i": invitations / eligible if eligible else None,
        "c": accepted / invitations if invitations else None,
        "k": k,
        "low": low,
        "high": high,
        "young": joined - eligible,
        "invitees": invitees,
        "by_staff": by_staff,
        "before_inviter": before,
        "reason": None if eligible else TOO_YOUNG if joined else NOBODY_JOINED,
    }


def interval(n: int, total: int, squares: int) -> tuple[float | None, float | None]:
    """K's 95% interval from how many `n` members brought together, and the sum of the squares of what each brought."""
    if n < ENOUGH:
        return None, None
    if not total:
        return 0.0, 3 / n
    k = total / n
    # Whole numbers first: so the sum's order cannot show.
    variance = (n * squares - total * total) / (n * (n - 1))
    spread = _student.two_sided(n - 1) * sqrt(max(variance, k)) / (k * sqrt(n))
    return k * exp(-spread), k * exp(spread)


def _of_hundred(share: float | None) -> str:
    """How many of 100: of few with a decimal."""
    if share is None:
        return words.NOTHING
    return _words.decimal(share * 100) if share < 0.0995 else _words.count(round(share * 100))


def _last_known(data: Any) -> dict[str, Any] | None:
    return next((row for row in reversed(data) if row["k"] is not None), None)
