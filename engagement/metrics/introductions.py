from datetime import date, datetime
from typing import Any, NamedTuple

import numpy as np
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext, pgettext_lazy
from numpy.typing import NDArray

from engagement.metrics import _likeness, _periods, _words
from engagement.metrics._likeness import Groups, Shared
from engagement.packing import Whole
from engagement.selectors import introductions as seen
from engagement.selectors.history import History
from gatherings.selectors.whereabouts import NOWHERE
from kernel.metrics import NO_DATA, Chapter, Data, Headline, Metric, Parameter, Revision, Table, Who, Words

#: What a shared interest and the same city are worth; a shared neighbour of degree d is worth 1 / ln d.
INTEREST, CITY = 1.0, 1.0
#: Of the shared neighbours so many are told.
TOLD = 5
#: Fewer than two cannot be introduced.
NOBODY_SHOWN: Words = _(
    "Nobody to introduce yet: only members who stand in the directory and take messages of every member are named to "
    "others."
)


class Common(NamedTuple):
    """Groups of all kinds in one numbering: neighbours of each place first, then interests, then towns."""

    groups: Groups
    interests: int
    towns: int


class Introductions(Metric):
    key = "introductions"
    title = pgettext_lazy("of members to one another", "Introductions")
    question = _("Who should meet, and has not yet?")
    unit = _("pairs with something in common, never in touch")
    formula = _(
        "Pairs of current members who were never in touch, by score, over the neighbours z they share in the "
        "network of the window, without directions (Adamic and Adar 2003):\n\n"
        "`score = Σ 1 / ln(degree of z) + shared interests + 1 for the same city`\n\n"
        "Named are only members who stand in the directory, may write, take messages of every member and have not"
        " closed themselves to one another; interests and cities count where both show them to members.\n\n"
        "Where that makes more than 20 million comparisons, a neighbour, interest or city that more than 100 of "
        "them share counts in scores but brings forth no pairs by itself."
    )
    reads = _(
        "Interactions by ordered pair and local day; of members in the directory the interests and the city that they show."
    )
    blind_spots = _(
        "Two may know one another well without a trace here. Interests, cities and who may be named are those of now, also "
        "for a day in the past. That two would like one another it cannot say: it is a reason to ask."
    )
    chapter = Chapter.HOLDS
    chart = "introductions"
    revisions = (Revision(1, date(2026, 11, 23), _("First definition.")),)
    parameters = (
        _periods.window(90),
        Parameter("limit", "number", _("Pairs listed"), default=50, maximum=10_000),
        _periods.AS_OF,
    )
    heavy = True

    def compute(
        self, history: History, *, window: int | str = 90, limit: int = 50, **parameters: Any
    ) -> Data:
        open_to = open_places(history)
        size = len(history.number)
        common = _common(history, window, open_to)
        shared = Shared(common.groups, size)
        found = _likeness.best(shared, apart=known_to_one_another(history), limit=limit)
        pairs = [
            self._told(history, common, open_to, shared.of(low, high), low, high, score)
            for low, high, score in zip(
                found.low.tolist(), found.high.tolist(), found.score.tolist(), strict=True
            )
        ]
        return {
            "pairs": pairs,
            "found": found.found,
            "open": int(open_to.sum()),
            "bound": found.bound,
            "points": {"interest": INTEREST, "city": CITY},
        }

    def _told(
        self,
        history: History,
        common: Common,
        open_to: NDArray[np.bool_],
        groups: Whole,
        low: int,
        high: int,
        score: float,
    ) -> dict[str, Any]:
        neighbours = groups[groups < common.interests]
        named = neighbours[open_to[neighbours]][:TOLD]
        return {
            "members": [int(history.number[low]), int(history.number[high])],
            "score": score,
            "shared_neighbours": len(neighbours),
            "neighbours": history.number[named].tolist(),
            "shared_interests": int(np.count_nonzero((groups >= common.interests) & (groups < common.towns))),
            "same_city": bool((groups >= common.towns).any()),
        }

    def table(self, data: Any) -> Table:
        rows = [
            [*map(Who.of, row["members"]), row["score"], row["shared_neighbours"], row["shared_interests"], int(row["same_city"])]
            for row in data["pairs"]
        ]  # fmt: skip
        header = [
            _("Member"), _("And member"), _("Score"), _("Shared neighbours"), _("Shared interests"), _("Same city"),
        ]  # fmt: skip
        return Table(header, rows)

    def brief(self, data: Any) -> Data:
        return {**data, "pairs": []}

    def of_now(self, data: Any, *, community: Any, at: datetime) -> Data:
        """Of the pairs those that may be introduced as things stand, with what both show now. Somebody may have left, or closed
        themselves to others, since it was computed: from that moment on they are named to nobody."""
        pairs = [
            {
                "members": list(pair.members),
                "score": pair.score,
                "shared_neighbours": pair.shared,
                "neighbours": [one.number for one in pair.between],
                "shared_interests": len({word.strip().casefold() for word in pair.interests}),
                "same_city": bool(pair.city),
            }
            for pair in seen.pairs(community, data, at=at)
        ]
        return {**data, "pairs": pairs, "found": data["found"] - len(data["pairs"]) + len(pairs)}

    def finding(self, data: Any) -> str:
        if not data["found"]:
            return str(self.headline(data).reason or NO_DATA)
        # Nobody is named: a sentence is kept and shown for longer than two may be proposed.
        return ngettext(
            "%(found)s pair of members has something in common and was never in touch.",
            "%(found)s pairs of members have something in common and were never in touch.",
            data["found"],
        ) % {"found": _words.count(data["found"])}

    def headline(self, data: Any) -> Headline:
        if data["open"] < 2:
            return Headline(None, self.unit, "count", reason=NOBODY_SHOWN)
        return Headline(data["found"], self.unit, "count")

    def people(self, data: Any) -> list[int]:
        return [number for row in data["pairs"] for number in (*row["members"], *row["neighbours"])]


def open_places(history: History) -> NDArray[np.bool_]:
    """By place, who may be introduced: current members who may be named to others."""
    numbers = history.number
    named = np.isin(numbers, history.records.belonging.named)
    return named & np.isin(numbers, np.array(history.current.to_array(), np.int64))


def known_to_one_another(history: History) -> Whole:
    """Pairs that were ever in touch, or want nothing of one another, as low * members + high, in order."""
    size = max(len(history.number), 1)
    met = history.first_contacts()
    one, other = (history.places(number) for number in history.records.belonging.apart)
    here = (one >= 0) & (other >= 0)
    source, target = np.concatenate([met.source, one[here]]), np.concatenate([met.target, other[here]])
    return np.unique(np.minimum(source, target) * size + np.maximum(source, target))


def _common(history: History, window: int | str, open_to: NDArray[np.bool_]) -> Common:
    size = len(history.number)
    pairs = history.pairs(history.window(window), history.today)
    edge = np.unique(
        np.concatenate(
            [pairs.source * max(size, 1) + pairs.target, pairs.target * max(size, 1) + pairs.source]
        )
    )
    member, through = edge // max(size, 1), edge % max(size, 1)
    degree = np.bincount(through, minlength=size)
    # Who has one neighbour is shared by nobody.
    worth = np.zeros(size)
    worth[degree > 1] = 1 / np.log(degree[degree > 1])
    belonging = history.records.belonging
    said = belonging.shown_interests
    fond = history.places(said.member)
    homes = history.records.meetings.homes
    home = history.places(homes.member)
    shown = np.isin(homes.member, belonging.shown_cities) & (homes.town != NOWHERE)
    towns = size + len(said.words)
    many = len(history.records.meetings.towns)
    members = np.concatenate([member, fond, home[shown]])
    groups = np.concatenate([through, size + said.word, towns + homes.town[shown]])
    keep = members >= 0
    keep[keep] = open_to[members[keep]]
    worths = np.concatenate([worth, np.full(len(said.words), INTEREST), np.full(many, CITY)])
    return Common(Groups(members[keep], groups[keep], worths), size, towns)
