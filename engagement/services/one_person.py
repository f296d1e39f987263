"""Facts of merged records, counted for who they stand for: as if they had been one person from the start.

Facts go on naming the number they were written with. Rolling up reads each as the number it stands for now, so that a
merge, and its undoing, is a matter of rolling up the days that name it again. Two things happen to a person once only,
however many records there were: joining, which is the first one, and a day's visit.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from django.db import connection

from engagement.packing import Whole
from engagement.services import identity
from kernel.activity import VERBS
from members.selectors import merged

_VERBS = list(VERBS)
JOINED, VISITED = _VERBS.index("joined"), _VERBS.index("visited")


class Facts(NamedTuple):
    """Facts as columns, in any order; `verb` is a place in the list of verbs."""

    at: Whole
    member: Whole
    target: Whole
    verb: Whole

    def only(self, keep: Whole) -> "Facts":
        return Facts(*(column[keep] for column in self))


@dataclass(frozen=True)
class People:
    """`stands_for` is for whom each merged number stands; `joined_later` the numbers whose joining was not the first."""

    stands_for: dict[int, int] = field(default_factory=dict)
    joined_later: frozenset[int] = frozenset()

    def as_one(self, facts: Facts) -> Facts:
        """The facts as those of the people there are: numbers replaced, further joinings left out."""
        if not self.stands_for:
            return facts
        if self.joined_later:
            again = (facts.verb == JOINED) & np.isin(facts.member, list(self.joined_later))
            facts = facts.only(np.flatnonzero(~again))
        return facts._replace(member=self._kept(facts.member), target=self._kept(facts.target))

    def visits_once(self, facts: Facts) -> Facts:
        """One day's facts, of each person's visits the first."""
        if not self.stands_for:
            return facts
        doubtful = (facts.verb == VISITED) & np.isin(facts.member, list(set(self.stands_for.values())))
        rows = np.flatnonzero(doubtful)
        rows = rows[np.lexsort((facts.at[rows], facts.member[rows]))]
        _member, first = np.unique(facts.member[rows], return_index=True)
        keep = ~doubtful
        keep[rows[first]] = True
        return facts.only(np.flatnonzero(keep))

    def _kept(self, number: Whole) -> Whole:
        known = np.array(sorted(self.stands_for), np.int64)
        kept = np.array([self.stands_for[each] for each in known.tolist()], np.int64)
        place = np.minimum(np.searchsorted(known, number), len(known) - 1)
        return np.where(known[place] == number, kept[place], number)


def of(community_id: int) -> People:
    """As things stand in this transaction; in two queries, in one where nobody was merged."""
    stands_for = merged.numbers(community_id)
    if not stands_for:
        return People()
    together: dict[int, list[int]] = defaultdict(list)
    for number, kept in stands_for.items():
        together[kept].append(number)
    numbers = {*stands_for, *together}
    joined = _joined(community_id, numbers)
    later: set[int] = set()
    for kept, others in together.items():
        inside = sorted((joined[number], number) for number in (kept, *others) if number in joined)
        later.update(number for _at, number in inside[1:])
    return People(stands_for, frozenset(later))


def _joined(community_id: int, numbers: Iterable[int]) -> dict[int, object]:
    """When each of these numbers joined, by the names of the facts."""
    names = {identity.of_name(f"joined:{number}"): number for number in numbers}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT replace(dedupe::text, '-', ''), occurred_at FROM engagement_fact"
            " WHERE community_id = %s AND dedupe = ANY(%s::uuid[])",
            [community_id, list(names)],
        )
        return {names[key]: at for key, at in cursor.fetchall()}
