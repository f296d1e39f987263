from collections.abc import Mapping
from datetime import date
from typing import Any, NamedTuple

import numpy as np
from django.utils.translation import gettext as translate
from django.utils.translation import gettext_lazy as _
from numpy.typing import NDArray

from engagement.metrics import _periods, _words
from engagement.packing import Whole
from engagement.selectors import decay
from engagement.selectors.history import History
from engagement.selectors.records import VERB_CODE, VERB_ORDER, Counts
from engagement.verbs import NOUNS
from kernel.metrics import NO_DATA, Chapter, Data, Metric, Parameter, Revision, Table, Who

HALF_LIFE = decay.HALF_LIFE

#: What a fact of each verb is worth on its own day, unless the community says otherwise. Other verbs: nothing.
DEFAULT_WEIGHTS: Mapping[str, float] = {
    "visited": 1,
    "read": 1,
    "reacted": 1,
    "voted": 1,
    "rsvped": 1,
    "messaged": 1,
    "mentioned": 1,
    "used": 1,
    "commented": 3,
    "completed": 3,
    "accepted": 3,
    "attended": 4,
    "endorsed": 4,
    "asked": 4,
    "posted": 5,
    "proposed": 5,
    "shared": 5,
    "answered": 6,
    "published": 8,
    "helped": 8,
    "hosted": 10,
    "invited": 3,
}


class Scores(NamedTuple):
    """Parts as parallel columns (member's place, verb's code, points), and the total of every place."""

    place: Whole
    verb: Whole
    points: NDArray[np.float64]
    total: NDArray[np.float64]


def weights(history: History) -> dict[str, float]:
    """The weights in force in the order of the verbs: the defaults under the community's own; no zeros."""
    chosen = {**DEFAULT_WEIGHTS, **history.weights}
    return {verb: chosen[verb] for verb in VERB_ORDER if chosen.get(verb)}


def scores(history: History, day: int | None = None, only: NDArray[np.bool_] | None = None) -> Scores:
    """Every member's points by verb at the end of `day` (as_of where none is given): weight * sum over the facts of
    2^(-age / 28). `only`, by place, says whose are wanted; the others have none.

    What is older than the last whole block of 28 days may come from sums kept at its end; the days since are added
    in order. The digits depend neither on that nor on the order in which facts arrived.
    """
    today = history.today if day is None else day
    wanted = np.ones(len(history.number), bool) if only is None else only
    worth = weights(history)
    column = np.full(len(VERB_ORDER), -1, np.int64)
    column[[VERB_CODE[name] for name in worth]] = np.arange(len(worth))
    row = np.cumsum(wanted) - 1
    sums = np.zeros((int(np.count_nonzero(wanted)), len(worth)))
    base = history.decayed(decay.base_day(today))
    kept = (column[base.verb] >= 0) & wanted[base.member]
    faded = base.total * np.exp2((base.day - today) / HALF_LIFE)
    sums[row[base.member[kept]], column[base.verb[kept]]] = faded[kept]
    for counts in history.daily_counts(base.day + 1, today, verbs=worth):
        mine = counts if only is None else Counts(*(one[wanted[counts.member]] for one in counts))
        sums[row[mine.member], column[mine.verb]] += decay.worth(mine, today)
    place, which = np.divmod(np.flatnonzero(sums), max(len(worth), 1))
    weight = np.array(list(worth.values()), np.float64)
    verb = np.array([VERB_CODE[name] for name in worth], np.int64)
    points = sums[place, which] * weight[which]
    total = np.zeros(len(history.number))
    total[wanted] = np.bincount(place, weights=points, minlength=len(sums))
    return Scores(np.flatnonzero(wanted)[place], verb[which], points, total)


def descending(values: NDArray[np.float64]) -> Whole:
    """The places by their values, the largest first. What is equal to 12 digits is equal: the standing order decides then."""
    mantissa, exponent = np.frexp(values)
    return np.lexsort((np.arange(len(values)), -np.ldexp(np.round(mantissa * 2**40), exponent)))


class Score(Metric):
    key = "score"
    title = _("Score")
    question = _("Who does most for the community, with what is recent counting more?")
    unit = _("points")
    formula = _(
        "For each member, over the facts the member made; age in whole days from the fact's local day to the day "
        "chosen:\n\n"
        "`score = Σ weight · 2^(−age / 28)`\n\n"
        "A fact loses half its worth in 28 days. The weight of each verb is the community's own; the weights in "
        "force are shown beside the scores, and each score with its parts."
    )
    reads = _("Counts per member, verb and local day, and the community's weights.")
    blind_spots = _(
        "It counts what was recorded, not what it was worth. A score says nothing across communities with "
        "other weights, and should never be the only reason to praise or blame anyone."
    )
    chapter = Chapter.STAYS
    chart = "scores"
    revisions = (Revision(1, date(2026, 11, 22), _("First definition.")),)
    parameters = (
        Parameter("limit", "number", _("Members listed"), default=100, maximum=100_000),
        _periods.AS_OF,
    )

    def compute(self, history: History, *, limit: int = 100, **parameters: Any) -> Data:
        found = scores(history)
        rank = descending(found.total)
        members = []
        listed = rank[:limit]
        for place, own_id in zip(listed.tolist(), history.external_ids(listed), strict=True):
            mine = slice(*np.searchsorted(found.place, [place, place + 1]))
            codes, points = found.verb[mine].tolist(), found.points[mine].tolist()
            members.append(
                {
                    "number": int(history.number[place]),
                    "member": own_id or None,
                    "score": float(found.total[place]),
                    "parts": {VERB_ORDER[code]: part for code, part in zip(codes, points, strict=True)},
                }
            )
        return {
            "half_life": HALF_LIFE,
            "weights": weights(history),
            "members": members,
            "total": len(history.number),
        }

    def table(self, data: Any) -> Table:
        verbs = list(data["weights"])
        rows = [
            [
                Who.of(row["number"]),
                str(row["number"]),
                row["member"],
                row["score"],
                *(row["parts"].get(verb, 0) for verb in verbs),
            ]
            for row in data["members"]
        ]
        header = [_("Member"), _("Number"), _("Id in your files"), _("Score")]
        return Table([*header, *(NOUNS[verb] for verb in verbs)], rows)

    def brief(self, data: Any) -> Data:
        return {**data, "members": data["members"][:1]}

    def finding(self, data: Any) -> str:
        leading = [row for row in data["members"] if row["score"] > 0]
        if not leading:
            return str(NO_DATA)
        return translate("The highest score is %(points)s, that of member %(number)s.") % {
            "points": _words.decimal(leading[0]["score"]),
            "number": leading[0]["number"],
        }

    def people(self, data: Any) -> list[int]:
        return [row["number"] for row in data["members"]]
