from collections.abc import Iterator
from datetime import date
from typing import Any, NamedTuple

import numpy as np
from django.utils.translation import gettext as translate
from django.utils.translation import gettext_lazy as _
from numpy.typing import NDArray

from engagement.metrics import _periods, _words
from engagement.metrics._wilson import interval
from engagement.packing import Whole
from engagement.selectors.history import History, local_days
from kernel.metrics import NO_DATA, Chapter, Data, Headline, Metric, Revision, Table, with_shares

DAY = 86_400_000_000
#: A tie is strong from so many interactions on so many days, in both directions.
INTERACTIONS, DAYS = 3, 2
#: So long a tie has for becoming strong; judged are those that began so many days ago, and up to twice as many.
HORIZON = 90
#: Days that are added up before they are put to those before: bounds memory.
ROUND = 28


class Tally(NamedTuple):
    """Ordered pairs as one number each, in order: how many interactions, the first and the last local day of them."""

    key: Whole
    n: Whole
    first: Whole
    last: Whole


class Ties(Metric):
    key = "ties"
    title = _("Ties")
    question = _("How many members are close, and do acquaintances become friends?")
    unit = _("strong ties")
    formula = _(
        "Unordered pairs of members, by their interactions in the window:\n\n"
        "- strong: 3 or more interactions, on 2 or more local days, in both directions;\n"
        "- weak: at least one and not strong.\n\n"
        "Conversion, whatever the window: of the pairs whose first-ever interaction was 90 to 179 days before the"
        " day chosen, the share that became strong within 90 days of it (elapsed time, end included), and the "
        "median of the days it took those that did, from the first interaction to the one that made it strong."
    )
    reads = _("Interactions by ordered pair and local day; of pairs that are judged, one by one.")
    blind_spots = _(
        "Who talks elsewhere is not seen, and a strong tie need not be a warm one. Pairs that met in the last 90 days are not "
        "judged yet. Pairs share members: one lively person makes many ties strong, and the interval does not know it."
    )
    chapter = Chapter.HOLDS
    chart = "bars"
    chart_options = {"names": {"strong": _("Strong ties"), "weak": _("Weak ties")}}
    revisions = (Revision(1, date(2026, 11, 23), _("First definition.")),)
    interval = _(
        "Of the share of pairs that became strong: Wilson’s (1927), 95%. Pairs that share members count as "
        "independent."
    )
    parameters = (_periods.window("all"), _periods.AS_OF)
    heavy = True

    def compute(self, history: History, *, window: int | str = "all", **parameters: Any) -> Data:
        pairs, strong = judged(tally(history, history.window(window)), len(history.number))
        eligible, days = conversion(history)
        converted = len(days)
        low, high = interval(converted, eligible) if eligible else (None, None)
        return {
            "weak": len(pairs) - int(strong.sum()),
            "strong": int(strong.sum()),
            "converted": converted if eligible else None,
            "eligible": eligible,
            "share": converted / eligible if eligible else None,
            "low": low,
            "high": high,
            "median_days": float(np.median(days)) if converted else None,
        }

    def table(self, data: Any) -> Table:
        data = with_shares(data, "share", "low", "high")
        names = {
            "strong": _("Strong ties"),
            "weak": _("Weak ties"),
            "eligible": _("Began 90 to 179 days ago"),
            "converted": _("Became strong within 90 days"),
            "share": _("Share that became strong"),
            "low": _("Its 95% interval, from"),
            "high": _("Its 95% interval, to"),
            "median_days": _("Median of days until strong"),
        }
        return Table([_("What"), _("Value")], [[names[key], data[key]] for key in names])

    def finding(self, data: Any) -> str:
        if not data["weak"] + data["strong"]:
            return str(NO_DATA)
        said = translate("Close pairs (strong ties): %(strong)s; acquaintances (weak ties): %(weak)s.") % {
            "strong": _words.count(data["strong"]),
            "weak": _words.count(data["weak"]),
        }
        if data["share"] is None:
            return said + " " + translate("None is old enough yet to say how many become close.")
        return (
            said
            + " "
            + translate(
                "Of the pairs first in touch 90 to 179 days ago, %(share)s became close within 90 days (95%% interval "
                "%(low)s to %(high)s)."
            )
            % {name: _words.percent(data[name]) for name in ("share", "low", "high")}
        )

    def headline(self, data: Any) -> Headline:
        if not data["weak"] + data["strong"]:
            return Headline(None, self.unit, "count", reason=NO_DATA)
        return Headline(data["strong"], self.unit, "count")


def tally(history: History, start: int | None) -> Tally:
    """Interactions of the days `start`..`as_of` by ordered pair: source * members + target, in places."""
    size = max(len(history.number), 1)
    found = Tally(*(np.zeros(0, np.int64) for _ in range(4)))
    waiting: list[Tally] = []
    for day, pairs in history.daily_pairs(start, history.today):
        on = np.full(len(pairs.n), day)
        waiting.append(Tally(pairs.source * size + pairs.target, pairs.n, on, on))
        if len(waiting) == ROUND:
            found, waiting = _added(found, *waiting), []
    return _added(found, *waiting)


def _added(*parts: Tally) -> Tally:
    key, n, first, last = (np.concatenate(columns) for columns in zip(*parts, strict=True))
    order = np.argsort(key, kind="stable")
    key = key[order]
    starts = np.flatnonzero(np.append(True, key[1:] != key[:-1])[: len(key)])
    if not len(starts):
        return Tally(key, n, first, last)
    return Tally(
        key[starts],
        np.add.reduceat(n[order], starts),
        np.minimum.reduceat(first[order], starts),
        np.maximum.reduceat(last[order], starts),
    )


def judged(ordered: Tally, size: int) -> tuple[Whole, NDArray[np.bool_]]:
    """The unordered pairs, as low * members + high, and which of them are strong ties."""
    size = max(size, 1)
    source, target = ordered.key // size, ordered.key % size
    pair = np.minimum(source, target) * size + np.maximum(source, target)
    both = _added(Tally(pair, ordered.n, ordered.first, ordered.last))
    # Each direction is one row above.
    ways = np.unique(pair, return_counts=True)[1]
    return both.key, (both.n >= INTERACTIONS) & (both.last > both.first) & (ways == 2)


def conversion(history: History) -> tuple[int, NDArray[np.float64]]:
    """How many pairs first met 90 to 179 days ago, and of those that became strong in time after how many days."""
    size = max(len(history.number), 1)
    met = history.first_contacts()
    pair = np.minimum(met.source, met.target) * size + np.maximum(met.source, met.target)
    order = np.lexsort((met.at, pair))
    pair, at = pair[order], met.at[order]
    first = np.append(True, pair[1:] != pair[:-1])[: len(pair)]
    pair, at = pair[first], at[first]
    ago = history.today - local_days(at, history.zone)
    ripe = (ago >= HORIZON) & (ago < 2 * HORIZON)
    pair, at = pair[ripe], at[ripe]
    if not len(pair):
        return 0, np.zeros(0)
    # Few become strong at all; only theirs are read one by one.
    start = history.today - 2 * HORIZON + 1
    known, strong = judged(tally(history, start), size)
    hopeful = np.isin(pair, known[strong])
    return len(pair), _days(history, pair[hopeful], at[hopeful], start)


def _days(history: History, pair: Whole, met: Whole, start: int) -> NDArray[np.float64]:
    """After how many days each of these pairs became strong, of those that did in time."""
    if not len(pair):
        return np.zeros(0)
    which, way, at = (
        np.concatenate(columns) for columns in zip(*_told(history, pair, met, start), strict=True)
    )
    order = np.lexsort((at, which))
    which, way, at = which[order], way[order], at[order]
    day = local_days(at, history.zone)
    begins = np.flatnonzero(np.append(True, which[1:] != which[:-1]))
    run = np.repeat(begins, np.diff(np.append(begins, len(which))))
    # From the first row on at which all three hold, and they hold for ever.
    third = np.arange(len(which)) - run >= INTERACTIONS - 1
    later_day = day != day[run]
    turned = np.cumsum(way != way[run])
    both_ways = turned > turned[run]
    strong = np.flatnonzero(third & later_day & both_ways)
    who, row = np.unique(which[strong], return_index=True)
    took: NDArray[np.float64] = (at[strong[row]] - met[who]) / DAY
    return took


def _told(
    history: History, pair: Whole, met: Whole, start: int
) -> Iterator[tuple[Whole, NDArray[np.bool_], Whole]]:
    """The interactions of these pairs within 90 days of their first: the pair's row, the direction, the instant."""
    size = max(len(history.number), 1)
    for rows in history.contacts(start, history.today):
        low, high = np.minimum(rows.source, rows.target), np.maximum(rows.source, rows.target)
        key = low * size + high
        place = np.minimum(np.searchsorted(pair, key), len(pair) - 1)
        keep = pair[place] == key
        keep &= rows.at <= met[place] + HORIZON * DAY
        yield place[keep], (rows.source < rows.target)[keep], rows.at[keep]
