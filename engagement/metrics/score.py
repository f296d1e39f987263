from collections.abc import Mapping
from datetime import date
from typing import Any, NamedTuple

import numpy as np
from django.utils.translation import gettext as translate
from django.utils.translation import gettext_lazy as _
from numpy.typing import NDArray

from engagement.metrics import _periods, _words
from engagement.selectors.history import VERB_CODE, VERB_ORDER, History, Whole
from engagement.verbs import NOUNS
from kernel.metrics import NO_DATA, Chapter, Data, Metric, Parameter, Revision, Table

HALF_LIFE = 28

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


def scores(history: History) -> Scores:
    """Every member's points by verb: weight * sum over the facts of 2^(-age / 28).

    Sums run by day within a verb, then by verb, so that the digits do not depend on the order in which facts arrived.
    """
    weight = np.zeros(len(VERB_ORDER))
    for name, worth in weights(history).items():
        weight[VERB_CODE[name]] = worth
    counts = history.counts(None, history.today)
    keep = np.flatnonzero(weight[counts.verb])
    age = history.today - counts.day[keep]
    part = counts.member[keep] * len(VERB_ORDER) + counts.verb[keep]
    # Oldest first within each part: one sort of one whole number.
    span = int(age.max(initial=0)) + 1
    order = np.argsort(part * span + (span - 1 - age))
    decayed = (counts.n[keep] * np.exp2(-age / HALF_LIFE))[order]
    key, starts = np.unique(part[order], return_index=True)
    place, verb = key // len(VERB_ORDER), key % len(VERB_ORDER)
    points = weight[verb] * (np.add.reduceat(decayed, starts) if len(starts) else np.zeros(0))
    total = np.bincount(place, weights=points, minlength=len(history.number)).astype(np.float64)
    return Scores(place, verb, points, total)


class Score(Metric):
    key = "score"
    title = _("Score")
    question = _("Who does most for the community, with what is recent counting more?")
    unit = _("points")
    formula = _(
        "For each member: the sum over the facts the member made of weight * 2^(-age / 28), age in whole "
        "days from the fact's local day to the day chosen. A fact loses half its worth in 28 days. The "
        "weight of each verb is the community's own; the weights in force are shown beside the scores, and "
        "each score with its parts."
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
        # Equal to 12 digits is equal; the standing order decides then.
        mantissa, exponent = np.frexp(found.total)
        rank = np.lexsort((np.arange(len(found.total)), -np.ldexp(np.round(mantissa * 2**40), exponent)))
        members = []
        for place in rank[:limit].tolist():
            mine = slice(*np.searchsorted(found.place, [place, place + 1]))
            codes, points = found.verb[mine].tolist(), found.points[mine].tolist()
            members.append(
                {
                    "number": int(history.number[place]),
                    "member": history.external_id[place] or None,
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
            [row["number"], row["member"], row["score"], *(row["parts"].get(verb, 0) for verb in verbs)]
            for row in data["members"]
        ]
        return Table([_("Number"), _("Member"), _("Score"), *(NOUNS[verb] for verb in verbs)], rows)

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
