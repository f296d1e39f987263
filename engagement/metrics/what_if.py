from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np
from django.utils.translation import gettext as translate
from django.utils.translation import gettext_lazy as _

from engagement.metrics import _amounts, _periods, _weekly, _words
from engagement.metrics._posteriors import expected_rates
from engagement.metrics._projection import (
    AS_IS,
    CLASS,
    FIRST,
    HORIZON,
    LIMITS,
    RUNS,
    SEED,
    TREND,
    Levers,
    Past,
    leaving_flow,
    project,
    referral_flow,
    trend_of,
)  # fmt: skip
from engagement.selectors.history import History
from engagement.selectors.money import currency_of
from kernel.metrics import Chapter, Data, Headline, Metric, Parameter, Revision, Table, Words

#: Below these the weeks behind say too little of those ahead.
WEEKS, MEMBERS = 13, 20
#: At these weeks the back-test says whether the band held.
JUDGED = (4, 13, 26)
LEVERS = ("invitations", "conversion", "churn", "price")

REASONS: dict[str, Words] = {
    "too_young": _("Too young: 13 complete weeks are needed, the week of the first joining left out."),
    "too_few": _("Too few: 20 members are needed at the end of the last complete week."),
}


def _lever(name: str, label: Words) -> Parameter:
    return Parameter(name, "number", label, default=0, minimum=-100, maximum=400)


class Line(NamedTuple):
    """One measure: what it was at the ends of weeks, and how it is written in data."""

    values: Sequence[Any]
    write: Callable[[Any], Any]


class WhatIf(Metric):
    key = "what_if"
    title = _("What if")
    question = _(
        "Where do members, actives and recurring revenue go in the next half year, and what would move them?"
    )
    unit = _("members in 26 weeks")
    formula = _(
        "2,000 runs of the next 26 weeks, Monday to Sunday, from the last complete one; shown are the 10th, 50th "
        "and 90th percentile of each week. In a week:\n\n"
        "- joins from outside are negative binomial;\n"
        "- joins by referral are Poisson, at a rate for each week that has passed since the inviter joined (0 to "
        "12), for inviters who are still members, times an effect of their cohort (gamma: members differ);\n"
        "- leaving is binomial, at a rate by weeks since joining (0, 1, 2, 3, 4–7, 8–12, 13–25, 26–51, 52 or "
        "more);\n"
        "- coming back is binomial among all who are gone;\n"
        "- actives are binomial by the same classes;\n"
        "- contracts, at up to four prices of a currency, begin among those who join, among those in their weeks "
        "1 to 12, among members without one and among those with another price, and cease, at rates of their own.\n\n"
        "Each rate shares an effect of the week (gamma of mean 1). Each run draws every rate and every effect's "
        "variance from its posterior given the last 52 complete weeks (acts: 13).\n\n"
        "Priors: gamma or beta, worth one event at the rate of the class before where a class has none of its "
        "own, and 1 / (1 + n) of one where it has n; half-Cauchy of scale 0.5 for the standard deviation between "
        "weeks, 1 for that between members.\n\n"
        "Levers are changes in percent from the first week on: invitations and conversion multiply referral, "
        "churn multiplies leaving and the ceasing of contracts, price multiplies what recurs.\n\n"
        "Back-test: the same, with no lever moved, from the 26th complete week before the last, reading what was "
        "known at its end, beside what then happened; and beside the straight line through the 8 weeks before it.\n\n"
        "Null below 13 complete weeks or 20 members."
    )
    reads = _(
        "Instants of joining, who was brought by whom, changes of status, active members by day, and what was contracted."
    )
    blind_spots = _(
        "It supposes that what was true of the last year stays true: seasons, campaigns and decisions are not seen, so bands "
        "are too narrow for a community that is changing. What members bring later than 13 weeks after joining counts as from "
        "outside. An import of many who joined in one week is taken for joins of that week. Nobody leaves because of a price "
        "here, and what is paid by those who have a contract does not change but by the lever."
    )
    chapter = Chapter.GROWS
    chart = "what_if"
    revisions = (Revision(1, date(2026, 11, 23), _("First definition.")),)
    interval = _(
        "The 10th, 50th and 90th percentile of 2,000 runs. Each run draws rates of its own from what the past leaves open about "
        "them (their posterior), and chance does the rest: the band holds what is not known as well as what cannot be known. "
        "The seed is shown: it always draws the same way. In 1,000 simulated communities the band from 10 to 90% held 79.5 to "
        "80.8% of the time."
    )
    parameters = (
        _lever("invitations", _("Invitations sent, change in %")),
        _lever("conversion", _("Invitations accepted, change in %")),
        _lever("churn", _("Leaving, change in %")),
        _lever("price", _("Price, change in %")),
        _periods.AS_OF,
    )
    heavy = True
    withholds = "money.view"

    def compute(self, history: History, **parameters: Any) -> Data:
        reason = _reason(history)
        found: dict[str, Any] = {
            "reason": reason, "members": None, "actives": None, "revenue": [], "rates": None, "back": None,
            "seed": SEED, "runs": RUNS,
        }  # fmt: skip
        if reason:
            return found
        levers = levers_of(parameters)
        past = _weekly.past(history)
        runs = project(past, levers=levers)
        as_is = None if levers == AS_IS else project(past)
        recurring = _weekly.Recurring(history)
        codes = [code for code in recurring.codes if code in runs.revenue]
        lines = _lines(history, recurring, codes)
        found["members"] = _measure(history, lines[0], runs.members, as_is and as_is.members)
        found["actives"] = _measure(history, lines[1], runs.actives, as_is and as_is.actives)
        for code, line in zip(codes, lines[2:], strict=True):
            measure = _measure(history, line, runs.revenue[code], as_is and as_is.revenue[code])
            found["revenue"].append({"currency": currency_of(code), **measure})
        return found | {"rates": _rates(past), "back": _back(history, found, codes, lines)}

    def table(self, data: Any) -> Table:
        header = [
            _("What"), _("Week"), _("So far"), _("10%"), _("50%"), _("90%"), _("50% with no lever moved"), _("Back-test: 10%"),
            _("Back-test: 50%"), _("Back-test: 90%"), _("Back-test: trend of 8 weeks"),
        ]  # fmt: skip
        rows: list[list[Any]] = []
        for name, measure in named(data):
            tried = {row["period"]: row for row in (measure["back"] or {"weeks": []})["weeks"]}
            for row in measure["so_far"]:
                back = tried.get(row["period"], {})
                told = [back.get(key) for key in ("low", "median", "high", "trend")]
                rows.append([name, row["period"], row["value"], *[None] * 4, *told])
            for row in measure["weeks"]:
                told = [row[key] for key in ("low", "median", "high", "as_is")]
                rows.append([name, row["period"], None, *told, *[None] * 4])
        return Table(header, rows)

    def finding(self, data: Any) -> str:
        if data["reason"]:
            return str(REASONS[data["reason"]])
        last = data["members"]["weeks"][-1]
        told = translate(
            "In %(weeks)s weeks there will be about %(median)s members, with 80%% likelihood between %(low)s and %(high)s."
        ) % {"weeks": HORIZON, **{key: _words.count(last[key]) for key in ("median", "low", "high")}}
        if last["as_is"] is not None:
            with_none = translate("With no lever moved it would be about %(median)s.")
            told += " " + with_none % {"median": _words.count(last["as_is"])}
        back = data["members"]["back"]
        return f"{told} {_tested(back)}" if back else told

    def headline(self, data: Any) -> Headline:
        if data["reason"]:
            return Headline(None, self.unit, "count", reason=REASONS[data["reason"]])
        return Headline(data["members"]["weeks"][-1]["median"], self.unit, "count")

    def brief(self, data: Any) -> Data | None:
        """What is expected in the end, and what was half a year ago."""
        if data["reason"]:
            return None
        members = data["members"]
        back = members["back"] and {**members["back"], "weeks": members["back"]["weeks"][-1:]}
        last = {"so_far": [], "weeks": members["weeks"][-1:], "back": back}
        return {"reason": "", "members": last}

    def readable(self, data: Any, may: Callable[[str], bool]) -> Data:
        """Recurring revenue is for those who see the money."""
        return data if may("money.view") else data | {"revenue": []}


def levers_of(changes: Mapping[str, int]) -> Levers:
    """From changes in percent, by the names of the levers."""
    return Levers(*(1 + changes.get(name, 0) / 100 for name in LEVERS))


def moved(data: Any, past: Past, levers: Levers) -> Data:
    """The figure with these levers moved, from the one with none moved and the weeks behind it: the same digits as counting
    all of it anew, for the work of the runs alone."""
    runs = project(past, levers=levers)
    revenue = {currency_of(code): (code, found) for code, found in runs.revenue.items()}
    rows = []
    for row in data["revenue"]:
        # What was contracted is read anew: a currency may have gone since.
        if row["currency"] in revenue:
            code, ahead = revenue[row["currency"]]
            rows.append(_moved(row, ahead, _amount(code)))
    return data | {
        "members": _moved(data["members"], runs.members, round),
        "actives": _moved(data["actives"], runs.actives, round),
        "revenue": rows,
    }


def _moved(measure: dict[str, Any], ahead: Any, write: Callable[[Any], Any]) -> dict[str, Any]:
    before = measure["weeks"]
    last = date.fromisoformat(before[0]["period"]).toordinal() - 1
    weeks = _bands(last, ahead, write)
    return measure | {
        "weeks": [row | {"as_is": was["median"]} for row, was in zip(weeks, before, strict=True)]
    }


def named(data: Any) -> list[tuple[str, Any]]:
    """The measures that are known, with what each is called."""
    if data["reason"]:
        return []
    found = [(translate("Members"), data["members"]), (translate("Active members"), data["actives"])]
    for one in data["revenue"]:
        found.append(
            (translate("Recurring revenue, %(currency)s a month") % {"currency": one["currency"]}, one)
        )
    return found


def _tested(back: Any) -> str:
    last = back["weeks"][-1]
    given = {key: _words.count(last[key]) for key in ("low", "high", "happened")}
    if back["held"][str(HORIZON)]:
        text = translate(
            "Half a year ago it said %(low)s to %(high)s for now, and it is %(happened)s: the band held."
        )
    else:
        text = translate(
            "Half a year ago it said %(low)s to %(high)s for now, but it is %(happened)s: the band did not hold."
        )
    return text % given


def _reason(history: History) -> str:
    if _weekly.complete_weeks(history) < WEEKS:
        return "too_young"
    if _weekly.members_at(history, _weekly.last_week(history)).sum() < MEMBERS:
        return "too_few"
    return ""


def _lines(history: History, recurring: _weekly.Recurring, codes: list[int]) -> list[Line]:
    """Members, actives and what recurs at the ends of the last weeks, as far as there are any."""
    sundays = _sundays(history)
    members = [int(_weekly.members_at(history, sunday).sum()) for sunday in sundays]
    actives = [len(history.active(sunday - _weekly.WEEK + 1, sunday)) for sunday in sundays]
    totals = recurring.totals(sundays)
    nothing = [0] * len(sundays)
    return [
        Line(members, round),
        Line(actives, round),
        *(Line(totals.get(code, nothing), _amount(code)) for code in codes),
    ]


def _amount(code: int) -> Callable[[Any], str]:
    return lambda twelfths: _amounts.text(Fraction(round(twelfths), 12), code)


def _sundays(history: History) -> list[int]:
    return _weekly.ends(history, min(_weekly.complete_weeks(history), HORIZON + TREND))


def _week(sunday: int) -> str:
    return (date.fromordinal(sunday) - timedelta(days=6)).isoformat()


def _measure(history: History, line: Line, ahead: Any, as_is: Any) -> dict[str, Any]:
    """`as_is`: the same runs with no lever moved, None where none is."""
    sundays = _sundays(history)[-HORIZON:]
    so_far = [
        {"period": _week(sunday), "value": line.write(value)}
        for sunday, value in zip(sundays, line.values[-HORIZON:], strict=True)
    ]
    weeks = _bands(_weekly.last_week(history), ahead, line.write)
    medians = [None] * len(weeks) if as_is is None else np.percentile(as_is, 50, axis=0).tolist()
    for row, median in zip(weeks, medians, strict=True):
        row["as_is"] = None if median is None else line.write(median)
    return {"so_far": so_far, "weeks": weeks, "back": None}


def _bands(last: int, ahead: Any, write: Callable[[Any], Any]) -> list[dict[str, Any]]:
    low, median, high = (np.percentile(ahead, limit, axis=0).tolist() for limit in LIMITS)
    return [
        {
            "period": _week(last + _weekly.WEEK * (n + 1)),
            "low": write(low[n]),
            "median": write(median[n]),
            "high": write(high[n]),
        }
        for n in range(len(low))
    ]


def _rates(past: Past) -> dict[str, Any]:
    """What the weeks behind came to, as the mean of each posterior: joins from outside a week, how many a member brings in
    their first weeks if they stay, and the share of members who leave in a week, by tenure."""
    brought = expected_rates(referral_flow(past))[CLASS[:FIRST]]
    leaving = expected_rates(leaving_flow(past))
    return {
        "weeks": len(past.outside),
        "outside": float(past.outside.mean()),
        "brought": float(brought.sum()),
        "leaving": [float(one) for one in leaving],
    }


# --- the back-test ------------------------------------------------------------------------------------


def _back(history: History, found: dict[str, Any], codes: list[int], lines: list[Line]) -> dict[str, Any]:
    """Puts the back-test into each measure; the day it began on, or why there is none."""
    if _weekly.complete_weeks(history) < WEEKS + HORIZON:
        return {"as_of": None, "reason": "too_young"}
    day = _weekly.last_week(history) - _weekly.WEEK * HORIZON
    before = History(
        zone=history.zone, as_of=date.fromordinal(day), records=history.records, weights=history.weights,
        milestone=history.milestone,
    )  # fmt: skip
    reason = _reason(before)
    if not reason:
        runs = project(_weekly.past(before))
        recurring = _weekly.Recurring(before)
        behind = _lines(before, recurring, codes)
        for name, ahead, line, old in zip(
            ("members", "actives"), (runs.members, runs.actives), lines, behind, strict=False
        ):
            found[name]["back"] = _tried(day, ahead, line, old)
        for row, code, line, old in zip(found["revenue"], codes, lines[2:], behind[2:], strict=True):
            if code in runs.revenue:
                row["back"] = _tried(day, runs.revenue[code], line, old)
    return {"as_of": date.fromordinal(day).isoformat(), "reason": reason}


def _tried(day: int, ahead: Any, line: Line, old: Line) -> dict[str, Any]:
    """The projection of half a year ago beside what happened since, and beside the trend of the weeks before it."""
    weeks = _bands(day, ahead, line.write)
    happened = line.values[-HORIZON:]
    for row, value, trend in zip(weeks, happened, trend_of(old.values, HORIZON), strict=True):
        row |= {"happened": line.write(value), "trend": line.write(trend)}
    # Of what is shown: amounts are decimals.
    inside = [Decimal(row["low"]) <= Decimal(row["happened"]) <= Decimal(row["high"]) for row in weeks]
    return {
        "weeks": weeks,
        "held": {str(week): inside[week - 1] for week in JUDGED},
        "within": sum(inside),
    }
