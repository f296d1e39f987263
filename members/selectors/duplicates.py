"""Who may be one person twice, and why that is thought. Staff look at it; nothing is ever merged by itself.

Each way of being alike is one query over an index, whatever the size of the community; what is shown is bounded. Of
those who share a mailbox or a name, each is put beside the one that would be kept: who signs in, else who joined first.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from django.db import connection
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from kernel.tenancy import Community
from members.models import Membership, MergeProposal, TwoPeople
from members.roles import ADMITTED, NOT_JOINED

#: How many are shown at once; those behind come up as these are decided.
MOST = 100
#: A name that so many bear says nothing.
TOO_COMMON = 6


class Why(StrEnum):
    """In what two records are alike, the surest first."""

    MAILBOX = "mailbox"
    NAME_AND_CITY = "name_and_city"
    NAME_UNCLAIMED = "name_unclaimed"


WORDS: dict[str, str | Promise] = {
    Why.MAILBOX: _("The same mailbox"),
    Why.NAME_AND_CITY: _("The same name in the same city"),
    Why.NAME_UNCLAIMED: _("The same name, and nobody has signed in as one of them"),
}


@dataclass(frozen=True)
class Suggestion:
    """`kept` is who would be kept, `merged` the record that would stand for them. `both_sign_in`: they are asked;
    `asked`: they are being asked now."""

    why: str
    kept: Membership
    merged: Membership
    asked: bool = False

    @property
    def words(self) -> str:
        return str(WORDS[self.why])

    @property
    def both_sign_in(self) -> bool:
        return self.kept.user_id is not None and self.merged.user_id is not None


@dataclass(frozen=True)
class Found:
    """`more`: there are others behind these."""

    suggestions: Sequence[Suggestion]
    more: bool


# Of all who share a key, the one to keep comes first. Two who are known to be two people are left out at the end, by one
# look at an index each.
_ALIKE = """
    WITH alike AS (
        SELECT {column}{place} FROM members_membership
        WHERE community_id = %(community)s AND merged_into_id IS NULL AND {column} <> ''{placed}
        GROUP BY {column}{place} HAVING count(*) BETWEEN 2 AND %(common)s
    ), people AS (
        SELECT one.id, one.user_id, row_number() OVER same AS row, first_value(one.id) OVER same AS kept
        FROM members_membership one JOIN alike ON one.{column} = alike.{column}{joined}
        WHERE one.community_id = %(community)s AND one.merged_into_id IS NULL
            AND NOT (one.status = ANY(%(outside)s) AND one.left_at IS NULL)
        WINDOW same AS (
            PARTITION BY one.{column}{beside}
            ORDER BY one.user_id IS NULL, one.status <> ALL(%(inside)s), one.joined_at, one.number
        )
    )
    SELECT people.kept, people.id FROM people
    WHERE people.row > 1{only}
        AND NOT EXISTS (
            SELECT FROM members_twopeople two
            WHERE two.first_id = least(people.kept, people.id) AND two.second_id = greatest(people.kept, people.id)
        )
    ORDER BY people.kept, people.id LIMIT %(most)s
"""
_PLAIN = {"place": "", "placed": "", "joined": "", "beside": "", "only": ""}
_IN_CITY = {
    "place": ", upper(city) AS town",
    "placed": " AND city <> ''",
    "joined": " AND upper(one.city) = alike.town",
    "beside": ", upper(one.city)",
}
_BY_MAILBOX = _ALIKE.format(column="mailbox_key", **_PLAIN)
_BY_CITY = _ALIKE.format(column="name_key", **_PLAIN | _IN_CITY).replace(
    "GROUP BY name_key, upper(city) AS town", "GROUP BY name_key, upper(city)"
)
_BY_NAME = _ALIKE.format(column="name_key", **_PLAIN | {"only": " AND people.user_id IS NULL"})


def suggestions(community: Community, *, most: int = MOST) -> Found:
    """The surest first, at most so many, each two once; in five queries."""
    pairs: dict[tuple[int, int], str] = {}
    for why, sql in (
        (Why.MAILBOX, _BY_MAILBOX),
        (Why.NAME_AND_CITY, _BY_CITY),
        (Why.NAME_UNCLAIMED, _BY_NAME),
    ):
        for kept, merged in _pairs(sql, community, most + 1):
            if (merged, kept) not in pairs:
                pairs.setdefault((kept, merged), why)
    shown = list(pairs.items())[:most]
    people = Membership.objects.select_related("tier").in_bulk({pk for pair, _why in shown for pk in pair})
    asked = _asked(community)
    found = [
        Suggestion(why, people[kept], people[merged], asked=merged in asked or kept in asked)
        for (kept, merged), why in shown
    ]
    return Found(found, len(pairs) > most)


def of_member(member: Membership) -> list[Membership]:
    """Who may be the same person as this member: the same mailbox, or the same name; in at most two queries."""
    others = Membership.objects.of(member.community_id).exclude(pk=member.pk)
    others = others.exclude(status__in=NOT_JOINED, left_at=None)
    found: dict[int, Membership] = {}
    if member.mailbox_key:
        found |= {
            one.pk: one
            for one in others.filter(mailbox_key=member.mailbox_key).order_by("number")[:TOO_COMMON]
        }
    if member.name_key:
        same = list(others.filter(name_key=member.name_key).order_by("number")[:TOO_COMMON])
        found |= {one.pk: one for one in same if len(same) < TOO_COMMON}
    if not found:
        return []
    apart = _apart(member, found)
    return [one for pk, one in found.items() if pk not in apart]


def _pairs(sql: str, community: Community, most: int) -> Iterator[tuple[int, int]]:
    with connection.cursor() as cursor:
        cursor.execute(
            sql,
            {
                "community": community.id,
                "most": most,
                "common": TOO_COMMON,
                "outside": sorted(NOT_JOINED),
                "inside": sorted(ADMITTED),
            },
        )
        yield from cursor.fetchall()


def _asked(community: Community) -> set[int]:
    waiting = MergeProposal.objects.filter(community_id=community.id, state=MergeProposal.State.WAITING)
    return {pk for pair in waiting.values_list("kept_id", "merged_id") for pk in pair}


def _apart(member: Membership, others: dict[int, Membership]) -> set[int]:
    first = TwoPeople.objects.filter(first=member, second__in=others).values_list("second_id", flat=True)
    second = TwoPeople.objects.filter(second=member, first__in=others).values_list("first_id", flat=True)
    return {*first, *second}
