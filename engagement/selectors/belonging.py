"""What members have in common as they tell it themselves, and who of them may be named to the others.

All of it is of now: nobody keeps which circles somebody was in, or what they showed, on a day that is over.
"""

from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import NamedTuple, Protocol

import numpy as np
from django.db.models import Q

from communities.models import Block, Circle, CircleMembership, MessageWish
from engagement.models import Introduction
from engagement.packing import Whole
from members.access import listed_q
from members.models import Membership
from members.models.membership import MembershipQuerySet
from members.roles import COUNTED
from members.selectors import merged


class Said(NamedTuple):
    """Who has what: parallel rows of a member's number and a place in `words`; each pair once. `words` are in the order
    of their key, which is one however it is written."""

    member: Whole
    word: Whole
    words: Sequence[str]


class Belonging(Protocol):
    """What a store hands over."""

    @property
    def named(self) -> Whole:
        """The numbers of the members who may be brought together with others: who stand in the directory, may answer, and
        take messages of every member."""

    @property
    def circles(self) -> Said:
        """Who is in which circle; secret and archived ones are left out."""

    @property
    def interests(self) -> Said:
        """Everybody's interests, shown or not: for counts of many alone."""

    @property
    def shown_interests(self) -> Said:
        """The interests of those in the directory who show them there."""

    @property
    def shown_cities(self) -> Whole:
        """The numbers of those in the directory who show there in which city they live."""

    @property
    def apart(self) -> tuple[Whole, Whole]:
        """Pairs of whom one wants to hear nothing from the other, and those of whom staff have said what they think: whom
        they have introduced, or set aside."""


class StoredBelonging:
    """`Belonging` from the tables of members and circles. Each part is read when it is first asked for."""

    def __init__(self, community_id: int) -> None:
        self.community_id = community_id

    @cached_property
    def named(self) -> Whole:
        rows = self._listed.filter(open_q()).order_by("number")
        return np.array(list(rows.values_list("number", flat=True)), np.int64)

    @cached_property
    def circles(self) -> Said:
        standing = Circle.objects.of(self.community_id).filter(archived_at=None)
        told = dict(standing.exclude(kind=Circle.Kind.SECRET).order_by("id").values_list("pk", "name"))
        rows = CircleMembership.objects.filter(
            circle__in=list(told), membership__community_id=self.community_id, membership__merged_into=None
        )
        place = {key: word for word, key in enumerate(told)}
        pairs = [(number, place[key]) for number, key in rows.values_list("membership__number", "circle_id")]
        return _said(pairs, list(told.values()))

    @cached_property
    def interests(self) -> Said:
        return self._interests(Membership.objects.of(self.community_id))

    @cached_property
    def shown_interests(self) -> Said:
        return self._interests(self._listed.filter(shown__contains=["interests"]))

    @cached_property
    def shown_cities(self) -> Whole:
        rows = self._listed.filter(shown__contains=["city"])
        return np.array(list(rows.order_by("number").values_list("number", flat=True)), np.int64)

    @cached_property
    def apart(self) -> tuple[Whole, Whole]:
        rows = Block.objects.filter(by__community_id=self.community_id)
        told = [*rows.values_list("by__number", "whom__number"), *self._introduced()]
        pairs = np.array(told, np.int64).reshape(-1, 2)
        return pairs[:, 0], pairs[:, 1]

    def _introduced(self) -> Iterator[tuple[int, int]]:
        """By the numbers of those who are kept."""
        stands_for = merged.numbers(self.community_id)
        for low, high in Introduction.objects.of(self.community_id).values_list("low", "high"):
            yield stands_for.get(low, low), stands_for.get(high, high)

    @property
    def _listed(self) -> MembershipQuerySet:
        return Membership.objects.of(self.community_id).filter(listed_q())

    def _interests(self, members: MembershipQuerySet) -> Said:
        rows = members.exclude(interests=[]).order_by("number")
        return said(list(rows.values_list("number", "interests")))


def open_q() -> Q:
    """Of those in the directory, who can answer whom they are brought together with, and lets every member write to them."""
    everyone = Q(message_wish=None) | Q(message_wish__who=MessageWish.Who.EVERYONE)
    return Q(status__in=sorted(COUNTED)) & everyone


def said(rows: Sequence[tuple[int, Sequence[str]]]) -> Said:
    """Words as members wrote them, those that differ in their letters' case alone as one, by the first who wrote it."""
    written: dict[str, str] = {}
    pairs: list[tuple[int, str]] = []
    for number, words in rows:
        for key in dict.fromkeys(word.strip().casefold() for word in words):
            if key:
                pairs.append((number, key))
        for word in words:
            written.setdefault(word.strip().casefold(), word.strip())
    written.pop("", None)
    order = {key: place for place, key in enumerate(sorted(written))}
    return _said([(number, order[key]) for number, key in pairs], [written[key] for key in order])


def _said(pairs: list[tuple[int, int]], words: list[str]) -> Said:
    rows = np.array(sorted(pairs), np.int64).reshape(-1, 2)
    return Said(rows[:, 0], rows[:, 1], words)


__all__ = ["Belonging", "Said", "StoredBelonging", "open_q", "said"]
