"""What a store of a community's history hands over, in columns: who is in it, how they stand, what they did.

Days are proleptic ordinals (`date.toordinal()`) of the community's local days; instants are whole
microseconds since 1970 in UTC.
"""

from collections.abc import Iterator, Mapping
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray
from pyroaring import BitMap

from engagement.packing import Whole
from engagement.selectors.belonging import Belonging
from engagement.selectors.doings import Doings
from engagement.selectors.meetings import Meetings
from engagement.selectors.money import Money
from engagement.selectors.referrals import Referrals
from kernel.activity import VERBS

#: A verb's code in `Counts.verb` is its place here.
VERB_ORDER: tuple[str, ...] = tuple(VERBS)
VERB_CODE: dict[str, int] = {verb: code for code, verb in enumerate(VERB_ORDER)}


class Members(NamedTuple):
    """Every membership record, in any order."""

    number: Whole
    joined_at: Whole


class Statuses(NamedTuple):
    """What a member's status became, and when. Rows of one instant apply in the order given.

    A member without a row is active from joining on.
    """

    number: Whole
    at: Whole
    status: list[str]


class Counts(NamedTuple):
    """Facts of every class counted by local day, actor and verb (a code of `VERB_ORDER`)."""

    day: Whole
    member: Whole
    verb: Whole
    n: Whole


class Pairs(NamedTuple):
    """Interactions counted by ordered pair."""

    source: Whole
    target: Whole
    n: Whole


class Firsts(NamedTuple):
    """The first instant at which something happened to `member` through `other` (the member, when alone)."""

    member: Whole
    other: Whole
    at: Whole


class Threads(NamedTuple):
    """What was begun, or said to it: on which object (a number that stands for it), when, by which member, and whether
    they were of the staff then."""

    object: Whole
    at: Whole
    member: Whole
    staff: NDArray[np.bool_]

    def only(self, keep: NDArray[np.bool_]) -> "Threads":
        return Threads(self.object[keep], self.at[keep], self.member[keep], self.staff[keep])


class Decayed(NamedTuple):
    """Sums as they stood at the end of `day`: by member (a number) and verb (a code), each pair once, in order."""

    day: int
    member: Whole
    verb: Whole
    total: NDArray[np.float64]


class Records(Protocol):
    """What a store hands over. Nothing in it is masked, and it may know of days after `as_of`."""

    @property
    def members(self) -> Members: ...

    def external_ids(self, number: Whole) -> list[str]:
        """The own ids of these members, "" for one without. Few figures need any, so they are read apart."""

    def order_keys(self, number: Whole) -> list[tuple[str | int, ...]]:
        """By what these members stand in order where they joined at the same instant: their own ids, and for
        who was erased the place they had by theirs."""

    @property
    def statuses(self) -> Statuses: ...

    @property
    def money(self) -> Money:
        """What the community's books tell."""

    @property
    def meetings(self) -> Meetings:
        """What its gatherings tell, and where its members live."""

    @property
    def referrals(self) -> Referrals:
        """Who brought whom, and what was sent to bring somebody."""

    @property
    def doings(self) -> Doings:
        """Facts one by one, and who was of the staff when."""

    @property
    def belonging(self) -> Belonging:
        """What its members have in common, and who may be named to others."""

    @property
    def active_days(self) -> Mapping[int, BitMap]:
        """Local day to the members with at least one act on it; days without any may be missing."""

    def counts(self, start: int | None, end: int) -> Counts:
        """Facts of the local days start..end, both included (None: from the beginning)."""

    def daily_counts(self, start: int | None, end: int) -> Iterator[Counts]:
        """The same a day at a time, oldest first, a row a member and verb; days without facts are left out."""

    def base(self, day: int) -> Decayed | None:
        """The latest decayed counts kept of this day or an earlier one, if any are."""

    def pairs(self, start: int | None, end: int) -> Pairs:
        """Interactions of those days; one row a pair, or one a pair and day."""

    def daily_pairs(self, start: int | None, end: int) -> Iterator[tuple[int, Pairs]]:
        """The same a day at a time, oldest first, each with its day and a row a pair; days without any are left out."""

    def first_acts(self, verbs: frozenset[str]) -> Firsts:
        """Per member the instant of the first act of these verbs, ever; `other` is the member again."""

    def first_received(self) -> Firsts:
        """Per ordered pair the instant of the first interaction: `member` its target, `other` its actor."""

    def on_objects(self, verbs: frozenset[str], since: int | None, until: int) -> Threads:
        """The facts of these verbs, of `TALK`, that name an object, from `since` on (None: from the
        beginning) and before `until`, in any order."""
