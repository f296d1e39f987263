"""How somebody stood who had several records: as the best of them at each instant.

A merged record counts until it was merged; what became of the kept one since is what became of the person. While one
record had left and another had not, they were here; they had left once none was left that stood.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from engagement.selectors.history import microseconds
from members.models import Membership, MembershipChange, Merge
from members.roles import ADMITTED, COUNTED, GONE, NOT_JOINED, Status
from members.selectors import merged

#: A record that has not begun, or was merged: it says nothing.
_NONE = ""


class Row(NamedTuple):
    """The person with this number stands so from this instant on, in microseconds since 1970 UTC."""

    number: int
    at: int
    status: str


def rows(community_id: int, stands_for: dict[int, int]) -> Iterator[Row]:
    """Of everybody into whom something was merged, how they stood, from joining on, in the order of time; in three
    queries. `stands_for` is by number, as `merged.numbers` tells it."""
    together: dict[int, list[int]] = defaultdict(list)
    for number, kept in stands_for.items():
        together[kept].append(number)
    known = {*stands_for, *together}
    found = {one.number: one for one in Membership.objects.records_of(community_id).filter(number__in=known)}
    own = merged.joined_by_themselves([one.pk for one in found.values()])
    ended = dict(Merge.objects.of(community_id).standing().values_list("merged_id", "at"))
    told = _told(found.values())
    for kept, others in together.items():
        lines = []
        for number in (kept, *sorted(others)):
            record = found[number]
            joined = microseconds(own.get(record.pk, record.joined_at))
            lines.append(_line(record, joined, told[record.pk], ended.get(record.pk)))
        yield from (Row(kept, at, status) for at, status in _best(lines))


def _told(records: Iterable[Membership]) -> dict[int, list[tuple[datetime, str, str]]]:
    changes = MembershipChange.objects.filter(membership__in=[one.pk for one in records], kind="status")
    told: dict[int, list[tuple[datetime, str, str]]] = defaultdict(list)
    for pk, at, before, after in changes.order_by("at", "id").values_list(
        "membership_id", "at", "before", "after"
    ):
        told[pk].append((at, before, after))
    return told


def _line(
    record: Membership, joined: int, told: Sequence[tuple[datetime, str, str]], ended: datetime | None
) -> list[tuple[int, str]]:
    """How the record stood, from when on; from its merging on it says nothing."""
    first = (told[0][1] or Status.ACTIVE.value) if told else record.status
    line = [(joined, first)]
    line += [(max(microseconds(at), joined), after) for at, _before, after in told]
    if ended is None:
        return line
    end = microseconds(ended)
    return [*(step for step in line if step[0] < end), (end, _NONE)]


def _best(lines: Sequence[Sequence[tuple[int, str]]]) -> Iterator[tuple[int, str]]:
    """The lines as one: a step wherever the best of them is another. Of equally good ones the first line's."""
    steps = sorted(
        (at, which, place) for which, line in enumerate(lines) for place, (at, _s) in enumerate(line)
    )
    now = [_NONE] * len(lines)
    last = _NONE
    for index, (at, which, place) in enumerate(steps):
        now[which] = lines[which][place][1]
        if index + 1 < len(steps) and steps[index + 1][0] == at:
            continue
        best = max(now, key=_goodness)
        if best not in (last, _NONE):
            yield at, best
            last = best


#: From the one that says least to the best; lapsed lies between gone and admitted.
_RANKS = (frozenset({_NONE}), NOT_JOINED, GONE, frozenset({Status.LAPSED.value}), ADMITTED - COUNTED, COUNTED)


def _goodness(status: str) -> int:
    return next(rank for rank, statuses in enumerate(_RANKS) if status in statuses)
