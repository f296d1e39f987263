"""What the days do not tell: facts one by one, with their objects and towards whom, and who was of the staff when.

Instants are whole microseconds since 1970 in UTC. Members stand by the number of the record that is kept.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from engagement.packing import Whole
from kernel import wire
from kernel.activity import ACTS
from members.roles import STAFF_ROLES
from members.selectors import merged

#: Stands for no object, and for no other member.
NOTHING, NOBODY = 0, -1
#: Before and after every instant that a fact may have.
ALWAYS, FOR_EVER = -62_135_596_800_000_000, 253_402_300_799_000_000
DAY = 86_400_000_000
#: Days whose interactions are read at once.
MONTH = 28 * DAY


class Spans(NamedTuple):
    """From when (included) until when (not included) each of these was of the staff."""

    number: Whole
    since: Whole
    until: Whole


class Deeds(NamedTuple):
    """Facts, one by one: on which object (a number that stands for it, or `NOTHING`), when, by which member, towards whom
    (or `NOBODY`), and whether the actor was of the staff then."""

    object: Whole
    at: Whole
    member: Whole
    target: Whole
    staff: NDArray[np.bool_]

    def only(self, keep: NDArray[Any]) -> "Deeds":
        """Those rows, as a mask or by their places."""
        return Deeds(*(column[keep] for column in self))


class Contacts(NamedTuple):
    """Acts towards another member, one by one."""

    source: Whole
    target: Whole
    at: Whole

    def only(self, keep: NDArray[Any]) -> "Contacts":
        """Those rows, as a mask or by their places."""
        return Contacts(*(column[keep] for column in self))


class Doings(Protocol):
    """What a store hands over. Nothing in it is masked, and it may know of days after `as_of`."""

    @property
    def staffed(self) -> Spans: ...

    def of(self, verbs: frozenset[str], since: int, until: int) -> Deeds:
        """The facts of these verbs from `since` on and before `until`, in any order."""

    def contacts(self, since: int, until: int, among: Whole | None = None) -> Iterator[Contacts]:
        """The interactions of that time, some at a time and in no order; with `among` those of which one of these members
        is a part."""


class StoredDoings:
    """`Doings` from the facts themselves, which the index of days finds."""

    def __init__(self, community_id: int) -> None:
        self.community_id = community_id

    @cached_property
    def staffed(self) -> Spans:
        """From the history of roles; of a member without any, from the role."""
        given = {"community": self.community_id, "roles": sorted(STAFF_ROLES)}
        number, at, staff = wire.columns(_ROLES, given, ("int4", "timestamptz", "int4"))
        # By record and time. What a record began with held before, too: facts may be older than a joining.
        first = np.append(True, number[1:] != number[:-1])[: len(number)]
        last = np.append(number[1:] != number[:-1], True)[: len(number)]
        until = np.where(last, FOR_EVER, np.append(at[1:], FOR_EVER)[: len(at)])
        since = np.where(first, ALWAYS, at)
        keep = staff == 1
        return Spans(self._kept(number[keep]), since[keep], until[keep])

    def of(self, verbs: frozenset[str], since: int, until: int) -> Deeds:
        rows = wire.columns(
            _DEEDS,
            {**self._between(since, until), "verbs": sorted(verbs)},
            ("int8", "timestamptz", *("int4",) * 3),
        )
        named, at, member, target, staff = rows
        return Deeds(named, at, self._kept(member), self._kept(target), staff == 1)

    def contacts(self, since: int, until: int, among: Whole | None = None) -> Iterator[Contacts]:
        stands_for = self._stands_for
        wanted: list[int] | None = None
        if among is not None:
            kept = set(among.tolist())
            wanted = sorted(kept | {record for record, one in stands_for.items() if one in kept})
        for start in range(since, until, MONTH):
            given = {
                **self._between(start, min(start + MONTH, until)), "verbs": sorted(ACTS), "among": wanted,
            }  # fmt: skip
            at, source, target = wire.columns(_CONTACTS, given, ("timestamptz", "int4", "int4"))
            rows = Contacts(self._kept(source), self._kept(target), at)
            yield rows.only(rows.source != rows.target) if stands_for else rows

    # --- one person, several records -----------------------------------------------------------------

    @cached_property
    def _stands_for(self) -> dict[int, int]:
        return merged.numbers(self.community_id)

    def _kept(self, number: Whole) -> Whole:
        stands_for = self._stands_for
        if not stands_for:
            return number
        known = np.array(sorted(stands_for), np.int64)
        kept = np.array([stands_for[each] for each in known.tolist()], np.int64)
        place = np.minimum(np.searchsorted(known, number), len(known) - 1)
        return np.where(known[place] == number, kept[place], number)

    def _between(self, since: int, until: int) -> dict[str, Any]:
        first, last = _EPOCH + since * _MICROSECOND, _EPOCH + until * _MICROSECOND
        # `utc_day` is the index's column, the instants are exact.
        days = {"first": first.date(), "last": last.date()}
        return {"community": self.community_id, "since": first, "until": last, **days}


_EPOCH, _MICROSECOND = datetime(1970, 1, 1, tzinfo=UTC), timedelta(microseconds=1)
_WHERE = """
    community_id = %(community)s AND utc_day BETWEEN %(first)s AND %(last)s AND retracted_at IS NULL
    AND occurred_at >= %(since)s AND occurred_at < %(until)s AND verb = ANY(%(verbs)s)
"""
# Of an object the kind and the id, as in `loading`.
_DEEDS = f"""
    SELECT CASE object_id WHEN '' THEN 0 ELSE hashtextextended(object_kind, hashtextextended(object_id, 0)) END,
        occurred_at, member, coalesce(target, {NOBODY}), staff::int
    FROM engagement_fact WHERE {_WHERE}
"""
_CONTACTS = f"""
    SELECT occurred_at, member, target FROM engagement_fact WHERE {_WHERE} AND target IS NOT NULL AND target <> member
    AND (%(among)s::int[] IS NULL OR member = ANY(%(among)s::int[]) OR target = ANY(%(among)s::int[]))
"""
# Of whoever was ever of the staff every role they had, and whoever has a role of the staff without a history. All are read
# once, whatever the database knows of its tables: just after an import it takes them for empty, and would look through all
# members for each.
_ROLES = """
    SELECT number, at, staff::int FROM (
        SELECT number, at, staff, id, bool_or(staff) OVER (PARTITION BY number) AS ever FROM (
            SELECT one.number, coalesce(change.at, 'epoch') AS at, coalesce(change.after, one.role) = ANY(%(roles)s) AS staff,
                change.id
            FROM members_membership AS one LEFT JOIN members_membershipchange AS change
                ON change.membership_id = one.id AND change.kind = 'role' AND change.after <> ''
            WHERE one.community_id = %(community)s
        ) AS each
    ) AS told WHERE ever ORDER BY number, at, id
"""
__all__ = ["ALWAYS", "FOR_EVER", "NOBODY", "NOTHING", "Contacts", "Deeds", "Doings", "Spans", "StoredDoings"]
