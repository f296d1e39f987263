"""Who may be one person twice, and why that is thought. Staff look at it; nothing is ever merged by itself.

Each way of being alike is one query over an index, whatever the size of the community; what is shown is bounded. Of
those who share a mailbox or a name, each is put beside the one that would be kept: who signs in, else who joined first.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.db import connection
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from kernel.tenancy import Community
from members.models import Membership, MergeProposal, TwoPeople
from members.roles import ADMITTED, NOT_JOINED

#: How many are shown at once; those behind come up as these are decided.
MOST = 100
#: What more than so many share says nothing of any of them; a name that so many bear, not even in one city.
TOO_COMMON, WIDEST = 6, 60
#: Of so many keys that are shared those who share them are read.
GROUPS = 1000


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


# The keys that several share are read off an index until there are enough. They are given to the other queries as
# values: what is planned without knowing how many they are can take a thousand times as long.
_SHARED = """
    SELECT {column} FROM members_membership
    WHERE community_id = %(community)s AND merged_into_id IS NULL AND {column} <> ''
    GROUP BY {column} HAVING count(*) BETWEEN 2 AND %(widest)s
    ORDER BY {column} LIMIT %(groups)s
"""
# Who shares them, the one to keep first; without those of whom staff know that they are two people.
_ALIKE = """
    WITH people AS (
        SELECT id, user_id, count(*) OVER (PARTITION BY {key}) AS many, row_number() OVER same AS row,
            first_value(id) OVER same AS kept
        FROM members_membership
        WHERE community_id = %(community)s AND merged_into_id IS NULL AND {column} <> '' AND {where}
            AND {column} = ANY(%(shared)s) AND NOT (status = ANY(%(outside)s) AND left_at IS NULL)
        WINDOW same AS (
            PARTITION BY {key} ORDER BY user_id IS NULL, status <> ALL(%(inside)s), joined_at, number
        )
    )
    SELECT kept, id FROM people
    WHERE row > 1 AND many <= %(common)s AND {only}
        AND NOT EXISTS (
            SELECT FROM members_twopeople two
            WHERE two.first_id = least(people.kept, people.id) AND two.second_id = greatest(people.kept, people.id)
        )
    ORDER BY kept, id LIMIT %(most)s
"""
#: By what they share, the surest first: the column, and who of those are meant.
_WAYS = {
    Why.MAILBOX: ("mailbox_key", {"key": "mailbox_key", "where": "true", "only": "true"}),
    Why.NAME_AND_CITY: ("name_key", {"key": "name_key, upper(city)", "where": "city <> ''", "only": "true"}),
    Why.NAME_UNCLAIMED: ("name_key", {"key": "name_key", "where": "true", "only": "user_id IS NULL"}),
}


def suggestions(community: Community, *, most: int = MOST) -> Found:
    """The surest first, at most so many, each two once; in seven queries."""
    pairs: dict[tuple[int, int], str] = {}
    shared: dict[str, list[str]] = {}
    for why, (column, means) in _WAYS.items():
        if column not in shared:
            shared[column] = [key for (key,) in _rows(_SHARED.format(column=column), community, most)]
        if not shared[column]:
            continue
        sql = _ALIKE.format(column=column, **means)
        for kept, merged in _rows(sql, community, most + 1, shared=shared[column]):
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


def _rows(sql: str, community: Community, most: int, **more: Any) -> list[tuple[Any, ...]]:
    values: dict[str, Any] = {
        "community": community.id,
        "most": most,
        "common": TOO_COMMON,
        "widest": WIDEST,
        "groups": GROUPS,
        "outside": sorted(NOT_JOINED),
        "inside": sorted(ADMITTED),
    }
    with connection.cursor() as cursor:
        cursor.execute(sql, values | more)
        return list(cursor.fetchall())


def _asked(community: Community) -> set[int]:
    waiting = MergeProposal.objects.filter(community_id=community.id, state=MergeProposal.State.WAITING)
    return {pk for pair in waiting.values_list("kept_id", "merged_id") for pk in pair}


def _apart(member: Membership, others: dict[int, Membership]) -> set[int]:
    first = TwoPeople.objects.filter(first=member, second__in=others).values_list("second_id", flat=True)
    second = TwoPeople.objects.filter(second=member, first__in=others).values_list("first_id", flat=True)
    return {*first, *second}
