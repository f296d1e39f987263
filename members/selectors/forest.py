"""The referral forest: who brought whom, read a part at a time.

A root has no inviter; a tree has two members or more. Who never joined is in no tree. Sizes and depths come from one
recursive query, whatever the number of members shown.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection

from kernel.tenancy import Community
from members.models import Membership
from members.roles import ADMITTED, NOT_JOINED

#: Names shown of each generation of a member's own tree.
NAMES = 48
#: How deep a member's own tree is told by generation.
DEEPEST = 20


@dataclass(frozen=True)
class Node:
    """A member in the forest: `brought` by themselves, `below` with all whom those brought, and how many generations
    that goes down."""

    member: Membership
    brought: int
    below: int
    depth: int


@dataclass(frozen=True)
class Totals:
    """The forest as a whole: trees of two or more, the members in them, and of how many members in all."""

    trees: int
    attached: int
    members: int
    largest: int
    deepest: int


@dataclass(frozen=True)
class Branches:
    """A part of the forest and where the next part begins, None at the end."""

    nodes: Sequence[Node]
    after: str | None
    totals: Totals | None = None


@dataclass(frozen=True)
class Generation:
    """Whom a member brought (1), whom those brought (2), ...: how many, and the members who let others see them."""

    depth: int
    count: int
    members: Sequence[Membership]

    @property
    def unnamed(self) -> int:
        return self.count - len(self.members)


def biggest(community: Community, *, size: int, after: str = "") -> Branches:
    """The roots with the biggest trees first, equal ones in the order of their numbers; and the whole in numbers."""
    found = _read_mark(after)
    beyond = "WHERE (-size, number) > (%(size)s, %(number)s)" if found else ""
    values = _of(community) | {"limit": size + 1}
    if found:
        values |= {"size": -found[0], "number": found[1]}
    with connection.cursor() as cursor:
        cursor.execute(
            f"{_TREES} SELECT * FROM ranked {beyond} ORDER BY size DESC, number LIMIT %(limit)s", values
        )
        rows = cursor.fetchall()
    shown = rows[:size]
    after_mark = f"{shown[-1][1]}-{shown[-1][3]}" if len(rows) > size else None
    direct = _direct([row[0] for row in shown])
    people = _people(row[0] for row in shown)
    nodes = [Node(people[pk], direct.get(pk, 0), count - 1, depth) for pk, count, depth, *_rest in shown]
    trees, attached, largest, deepest = rows[0][4:] if rows else (0, 0, 0, 0)
    members = _joined(community).count()
    return Branches(nodes, after_mark, Totals(trees, int(attached), members, largest, deepest))


def branches(member: Membership, *, size: int, after: str = "") -> Branches:
    """Whom this member brought, in the order of their numbers, each with what hangs below them."""
    rows = _joined_rows(member.invitees.all())
    if after.isdecimal():
        rows = rows.filter(number__gt=min(int(after), 2**31 - 1))
    people = list(rows.order_by("number")[: size + 1])
    shown = people[:size]
    below = _below([one.pk for one in shown])
    nodes = [Node(one, *below.get(one.pk, (0, 0, 0))) for one in shown]
    return Branches(nodes, str(shown[-1].number) if len(people) > size else None)


def node(member: Membership) -> Node:
    return Node(member, *_below([member.pk]).get(member.pk, (0, 0, 0)))


def path(member: Membership) -> list[Membership]:
    """From the root of the member's tree down to their inviter; empty for a root."""
    with connection.cursor() as cursor:
        cursor.execute(_UP, {"id": member.pk})
        ids = [pk for (pk,) in cursor.fetchall()]
    people = _people(ids)
    return [people[pk] for pk in ids]


def search(community: Community, text: str, *, most: int) -> list[Membership]:
    """Members of the forest whose name, e-mail, city or own id holds every word."""
    found = _joined_rows(Membership.objects.of(community.id).search(text))
    return list(found.select_related("invited_by").order_by("sort_key", "number")[:most])


def generations(member: Membership) -> list[Generation]:
    """The member's own tree, generation by generation, with the names of those who are listed alone."""
    with connection.cursor() as cursor:
        cursor.execute(
            _GENERATIONS,
            {"id": member.pk, "deepest": DEEPEST, "names": NAMES, **_statuses(), "admitted": list(ADMITTED)},
        )
        rows = cursor.fetchall()
    people = _people((pk for _depth, _count, ids in rows for pk in ids or ()), with_inviter=True)
    return [Generation(depth, count, [people[pk] for pk in ids or ()]) for depth, count, ids in rows]


def invitees(member: Membership) -> Any:
    """Those who joined by this member's invitation, as rows to page through."""
    return _joined_rows(member.invitees.all())


def _statuses() -> dict[str, Any]:
    return {"outside": sorted(NOT_JOINED)}


def _of(community: Community) -> dict[str, Any]:
    return {"community": community.id, **_statuses()}


def _joined(community: Community) -> Any:
    return _joined_rows(Membership.objects.of(community.id))


def _joined_rows(rows: Any) -> Any:
    """Those who ever joined: an application that came to nothing is no joining, a later one after leaving is not."""
    return rows.exclude(status__in=NOT_JOINED, left_at__isnull=True)


def _people(ids: Iterable[int], *, with_inviter: bool = False) -> dict[int, Membership]:
    rows = Membership.objects.filter(pk__in=list(ids))
    return {one.pk: one for one in (rows.select_related("invited_by") if with_inviter else rows)}


def _direct(ids: list[int]) -> dict[int, int]:
    return {pk: brought for pk, (brought, _below, _depth) in _below(ids, deepest=1).items()}


def _below(ids: list[int], *, deepest: int | None = None) -> dict[int, tuple[int, int, int]]:
    """Of each: how many it brought, how many hang below it, how deep."""
    if not ids:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_BELOW, {"ids": ids, "deepest": deepest or 10**9, **_statuses()})
        return {pk: (brought, below, depth) for pk, brought, below, depth in cursor.fetchall()}


def _read_mark(mark: str) -> tuple[int, int] | None:
    size, dash, number = mark.partition("-")
    if not dash or not size.isdecimal() or not number.isdecimal() or len(mark) > 20:
        return None
    return int(size), int(number)


_HAS_JOINED = "NOT (one.status = ANY(%(outside)s) AND one.left_at IS NULL)"
_TREES = f"""
    WITH RECURSIVE tree AS (
        SELECT one.id, one.id AS root, 0 AS depth FROM members_membership one
        WHERE one.community_id = %(community)s AND one.invited_by_id IS NULL AND {_HAS_JOINED}
            AND EXISTS (SELECT FROM members_membership brought WHERE brought.invited_by_id = one.id)
        UNION ALL
        SELECT one.id, tree.root, tree.depth + 1
        FROM members_membership one JOIN tree ON one.invited_by_id = tree.id
        WHERE one.community_id = %(community)s AND {_HAS_JOINED}
    ), trees AS (
        SELECT root, count(*) AS size, max(depth) AS depth FROM tree GROUP BY root HAVING count(*) > 1
    ), ranked AS (
        SELECT trees.root, trees.size, trees.depth, one.number, count(*) OVER () AS trees,
            sum(trees.size) OVER () AS attached, max(trees.size) OVER () AS largest, max(trees.depth) OVER () AS deepest
        FROM trees JOIN members_membership one ON one.id = trees.root
    )
"""
_BELOW = f"""
    WITH RECURSIVE tree AS (
        SELECT id, id AS top, 0 AS depth FROM unnest(%(ids)s::bigint[]) AS id
        UNION ALL
        SELECT one.id, tree.top, tree.depth + 1
        FROM members_membership one JOIN tree ON one.invited_by_id = tree.id
        WHERE tree.depth < %(deepest)s AND {_HAS_JOINED}
    )
    SELECT top, count(*) FILTER (WHERE depth = 1), count(*) - 1, max(depth) FROM tree GROUP BY top
"""
_UP = """
    WITH RECURSIVE up AS (
        SELECT invited_by_id AS id, 1 AS step FROM members_membership WHERE id = %(id)s
        UNION ALL
        SELECT one.invited_by_id, up.step + 1 FROM members_membership one JOIN up ON one.id = up.id
    )
    SELECT id FROM up WHERE id IS NOT NULL ORDER BY step DESC
"""
_GENERATIONS = f"""
    WITH RECURSIVE tree AS (
        SELECT one.id, 1 AS depth FROM members_membership one
        WHERE one.invited_by_id = %(id)s AND {_HAS_JOINED}
        UNION ALL
        SELECT one.id, tree.depth + 1 FROM members_membership one JOIN tree ON one.invited_by_id = tree.id
        WHERE tree.depth < %(deepest)s AND {_HAS_JOINED}
    ), known AS (
        SELECT tree.depth, one.id, one.number, one.listed AND one.status = ANY(%(admitted)s) AS shown
        FROM tree JOIN members_membership one ON one.id = tree.id
    ), ranked AS (
        SELECT *, row_number() OVER (PARTITION BY depth, shown ORDER BY number) AS place FROM known
    )
    SELECT depth, count(*), array_agg(id ORDER BY number) FILTER (WHERE shown AND place <= %(names)s)
    FROM ranked GROUP BY depth ORDER BY depth
"""
