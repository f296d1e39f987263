"""The referral forest: who brought whom, read a part at a time.

A root has no inviter; a tree has two members or more. Who never joined is in no tree. What hangs below a few members is
counted by one recursive query as long as it is little; beyond that, and for the biggest trees, the whole forest is read
in one scan and counted here (`members.selectors.forest_shape`): a recursion over all members costs the database far
more.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection

from kernel import wire
from kernel.tenancy import Community
from members.models import Membership
from members.roles import ADMITTED, NOT_JOINED
from members.selectors.forest_shape import Counts, Shape

#: Names shown of each generation of a member's own tree.
NAMES = 48
#: As many are counted below a few members, one by one.
MOST_COUNTED = 1500
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
    shape = _shape(community.id)
    trees = shape.trees()
    sizes, numbers = shape.below[trees] + 1, shape.numbers[trees]
    found = _read_mark(after)
    beyond = trees
    if found:
        beyond = trees[(sizes < found[0]) | ((sizes == found[0]) & (numbers > found[1]))]
    shown = beyond[:size]
    last = shown[-1] if len(beyond) > size else None
    people = _people(ids := shape.ids[shown].tolist())
    totals = Totals(
        trees=len(trees),
        attached=int(sizes.sum()),
        members=len(shape.ids),
        largest=int(sizes.max(initial=0)),
        deepest=int(shape.deep[trees].max(initial=0)),
    )
    return Branches(
        [_node(people[pk], shape.of(pk)) for pk in ids],
        None if last is None else f"{shape.below[last] + 1}-{shape.numbers[last]}",
        totals,
    )


def branches(member: Membership, *, size: int, after: str = "") -> Branches:
    """Whom this member brought, in the order of their numbers, each with what hangs below them."""
    rows = invitees(member)
    if after.isdecimal():
        rows = rows.filter(number__gt=min(int(after), 2**31 - 1))
    people = list(rows.order_by("number")[: size + 1])
    shown = people[:size]
    below = _below([one.pk for one in shown], community_id=member.community_id)
    nodes = [_node(one, below[one.pk]) for one in shown]
    return Branches(nodes, str(shown[-1].number) if len(people) > size else None)


def node(member: Membership) -> Node:
    return _node(member, _below([member.pk], community_id=member.community_id)[member.pk])


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
    counted: Counter[int] = Counter()
    shown: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for depth, number, pk, is_shown in _tree(member):
        counted[depth] += 1
        if is_shown:
            shown[depth].append((number, pk))
    named = {depth: [pk for _number, pk in sorted(ones)[:NAMES]] for depth, ones in shown.items()}
    people = _people((pk for ids in named.values() for pk in ids), with_inviter=True)
    return [
        Generation(depth, count, [people[pk] for pk in named.get(depth, ())])
        for depth, count in sorted(counted.items())
    ]


def invitees(member: Membership) -> Any:
    """Those who joined by this member's invitation, as rows to page through."""
    return _joined_rows(Membership.objects.of(member.community_id).filter(invited_by=member))


def _node(member: Membership, counts: Counts) -> Node:
    return Node(member, counts.brought, counts.below, counts.depth)


def _statuses() -> dict[str, Any]:
    return {"outside": sorted(NOT_JOINED), "admitted": sorted(ADMITTED)}


def _joined_rows(rows: Any) -> Any:
    """Those who ever joined: an application that came to nothing is no joining, a later one after leaving is not."""
    return rows.exclude(status__in=NOT_JOINED, left_at__isnull=True)


def _people(ids: Iterable[int], *, with_inviter: bool = False) -> dict[int, Membership]:
    rows = Membership.objects.filter(pk__in=list(ids))
    return {one.pk: one for one in (rows.select_related("invited_by") if with_inviter else rows)}


def _below(ids: list[int], *, community_id: int) -> dict[int, Counts]:
    """Of each of these: how many it brought, how many hang below it, how deep."""
    if not ids:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_BELOW, {"ids": ids, "most": MOST_COUNTED + 1, **_statuses()})
        rows = cursor.fetchall()
    if len(rows) > MOST_COUNTED:
        shape = _shape(community_id)
        return {pk: shape.of(pk) for pk in ids}
    depths: dict[int, list[int]] = defaultdict(list)
    for top, depth, *_who in rows:
        depths[top].append(depth)
    return {pk: Counts(depths[pk].count(1), len(depths[pk]), max(depths[pk], default=0)) for pk in ids}


def _tree(member: Membership) -> list[tuple[int, int, int, bool]]:
    """(generation, number, id, whether they let others see them) of all below a member, as deep as it is told."""
    with connection.cursor() as cursor:
        cursor.execute(_BELOW, {"ids": [member.pk], "most": MOST_COUNTED + 1, **_statuses()})
        rows = cursor.fetchall()
    if len(rows) > MOST_COUNTED:
        return list(_shape(member.community_id, with_shown=True).down(member.pk, DEEPEST))
    return [tuple(row) for _top, *row in rows if row[0] <= DEEPEST]


def _shape(community_id: int, *, with_shown: bool = False) -> Shape:
    """The whole forest; who lets others see them stands beside the index it is read from, and is read only if asked."""
    shown = f"({_SHOWN})::int" if with_shown else "0"
    sql = _EDGES % {"shown": shown}
    rows = wire.columns(sql, {"community": community_id, **_statuses()}, ["int8", "int8", "int4", "int4"])
    return Shape(*rows)


def _read_mark(mark: str) -> tuple[int, int] | None:
    size, dash, number = mark.partition("-")
    if not dash or not size.isdecimal() or not number.isdecimal() or len(mark) > 20:
        return None
    return int(size), int(number)


# A record that was merged into another has nobody: whom it brought, the other one has brought since.
_HAS_JOINED = "one.merged_into_id IS NULL AND NOT (one.status = ANY(%(outside)s) AND one.left_at IS NULL)"
_SHOWN = "one.listed AND one.status = ANY(%(admitted)s)"
#: Everybody who joined; -1 stands for no inviter. Nearly all of them are in the first half, which an index alone answers.
_EDGES = """
    SELECT one.id, coalesce(one.invited_by_id, -1)::bigint, one.number, %(shown)s FROM members_membership one
    WHERE one.community_id = %%(community)s AND one.merged_into_id IS NULL AND one.status <> ALL(%%(outside)s)
    UNION ALL
    SELECT one.id, coalesce(one.invited_by_id, -1)::bigint, one.number, %(shown)s FROM members_membership one
    WHERE one.community_id = %%(community)s AND one.merged_into_id IS NULL AND one.status = ANY(%%(outside)s)
        AND one.left_at IS NOT NULL
"""
_BELOW = f"""
    WITH RECURSIVE tree AS (
        SELECT id, id AS top, 0 AS depth, NULL::integer AS number, false AS shown
        FROM unnest(%(ids)s::bigint[]) AS id
        UNION ALL
        SELECT one.id, tree.top, tree.depth + 1, one.number, {_SHOWN}
        FROM members_membership one JOIN tree ON one.invited_by_id = tree.id
        WHERE {_HAS_JOINED}
    )
    SELECT top, depth, number, id, shown FROM tree WHERE depth > 0 LIMIT %(most)s
"""
_UP = """
    WITH RECURSIVE up AS (
        SELECT invited_by_id AS id, 1 AS step FROM members_membership WHERE id = %(id)s
        UNION ALL
        SELECT one.invited_by_id, up.step + 1 FROM members_membership one JOIN up ON one.id = up.id
    )
    SELECT id FROM up WHERE id IS NOT NULL ORDER BY step DESC
"""
