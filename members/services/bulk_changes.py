"""What a piece of a bulk act does to its members, as few statements as there can be: tags and tiers as sets.

The caller holds the rows: every function here runs in the transaction in which they were locked.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from kernel import activity
from kernel.errors import Refused
from kernel.locks import locked
from members.actors import Actor
from members.models import Membership, Tier
from members.services import capacity, standing
from members.statuses import HOLDING

#: As many tags a member can have.
MOST_TAGS = 50
#: By as much the clocks of hosts differ at the most.
CLOCKS = timedelta(minutes=10)


@dataclass
class Outcome:
    """`changed` and `refused` as `BulkPart` keeps them, and the last row of the log that was written."""

    changed: list[Any] = field(default_factory=list)
    refused: list[tuple[int, str, str]] = field(default_factory=list)
    mark: int = 0

    def add(self, other: "Outcome") -> None:
        self.changed += other.changed
        self.refused += other.refused
        self.mark = max(self.mark, other.mark)


#: The changed rows of a statement go to the audit log, one entry each, with what stood there before and after.
_LOG = """
logged AS (
    INSERT INTO members_auditentry (community_id, actor_id, action, object_kind, object_id, at)
    SELECT %(community)s, %(actor)s, %(action)s, 'member', number::text, %(at)s FROM changed
    RETURNING id, object_id
), told AS (
    INSERT INTO members_auditvalues (entry_id, actor_words, address, before, after)
    SELECT logged.id, %(words)s, %(address)s::inet, changed.before, changed.after
    FROM logged JOIN changed ON changed.number::text = logged.object_id
)
"""
_TAGS = f"""
WITH changed AS (
    UPDATE members_membership AS member
    SET tags = CASE WHEN %(give)s THEN member.tags || ARRAY[%(tag)s]::varchar[]
                    ELSE array_remove(member.tags, %(tag)s::varchar) END
    FROM members_membership AS former
    WHERE member.id = ANY(%(members)s) AND former.id = member.id AND member.community_id = %(community)s
        AND former.merged_into_id IS NULL AND (former.tags @> ARRAY[%(tag)s]::varchar[]) <> %(give)s
    RETURNING member.id, member.number,
        jsonb_build_object('tags', to_jsonb(former.tags)) AS before,
        jsonb_build_object('tags', to_jsonb(member.tags)) AS after
), {_LOG}
SELECT changed.id, (SELECT max(id) FROM logged) FROM changed ORDER BY changed.id
"""
_TIERS = f"""
WITH changed AS (
    UPDATE members_membership AS member SET tier_id = %(tier)s
    FROM members_membership AS former LEFT JOIN members_tier AS tier ON tier.id = former.tier_id
    WHERE member.id = ANY(%(members)s) AND former.id = member.id AND member.community_id = %(community)s
        AND former.merged_into_id IS NULL AND former.tier_id IS DISTINCT FROM %(tier)s
    RETURNING member.id, member.number, former.tier_id AS former_id, coalesce(tier.key, '') AS former_key,
        jsonb_build_object('tier', coalesce(tier.key, '')) AS before, %(after)s::jsonb AS after
), {_LOG}, noted AS (
    INSERT INTO members_membershipchange (membership_id, kind, before, after, reason, by_id, at)
    SELECT id, 'tier', former_key, %(key)s, %(reason)s, %(by)s, %(at)s FROM changed
    RETURNING id
)
SELECT changed.id, changed.former_id, (SELECT max(id) FROM noted) FROM changed ORDER BY changed.id
"""


def tag(
    *, community_id: int, members: Sequence[int], tag: str, give: bool, at: datetime, by: Actor
) -> Outcome:
    """Give the members a tag, or take it from them; those who have it so already stay as they are."""
    done = Outcome()
    if give:
        full = _ids(
            "SELECT id FROM members_membership WHERE id = ANY(%s) AND cardinality(tags) >= %s"
            " AND NOT tags @> ARRAY[%s]::varchar[] ORDER BY id",
            [list(members), MOST_TAGS, tag],
        )
        done.refused = [(pk, "too_many_tags", "") for pk in full]
        members = sorted(set(members) - set(full))
    rows = _rows(
        _TAGS,
        _log(community_id, "member.changed", at, by) | {"members": list(members), "tag": tag, "give": give},
    )
    done.changed = [pk for pk, _mark in rows]
    done.mark = rows[0][1] if rows else 0
    return done


def tier(
    *, community_id: int, members: Sequence[int], tier: Tier | None, at: datetime, by: Actor, reason: str
) -> Outcome:
    """Put the members into a tier as far as it has places, in their order; None takes them out of any."""
    done = Outcome()
    if tier is not None:
        members, done.refused = _places(tier, members)
    key = tier.key if tier else ""
    after: dict[str, Any] = {"tier": key} | ({"reason": reason} if reason else {})
    rows = _rows(
        _TIERS,
        _log(community_id, "member.tier_changed", at, by)
        | {
            "members": list(members),
            "tier": tier.pk if tier else None,
            "key": key,
            "reason": reason[:240],
            "by": by.membership.pk if by.membership else None,
            "after": _json(after),
        },
    )
    done.changed = [[pk, former] for pk, former, _mark in rows]
    done.mark = rows[0][2] if rows else 0
    if rows:
        moved = [pk for pk, _former, _mark in rows]
        activity.announce("memberships.tier_changed", community_id=community_id, members=moved, at=at, by=by)
    return done


def status(
    *, act: str, members: Sequence[int], at: datetime, by: Actor, reason: str, until: datetime | None
) -> Outcome:
    """Carry an act of `members.statuses` out on each; whom it does not fit is refused and stays as they are."""
    done = Outcome()
    for membership in Membership.objects.filter(pk__in=members).order_by("pk"):
        if by.membership is not None and membership.pk == by.membership.pk:
            done.refused.append((membership.pk, "yourself", ""))
            continue
        try:
            standing.act(act, membership=membership, at=at, by=by, reason=reason, until=until)
        except Refused as refusal:
            done.refused.append((membership.pk, refusal.code, str(refusal)))
        else:
            done.changed.append(membership.pk)
    return done


def toggled_since(
    *, community_id: int, numbers: Mapping[int, int], marks: Mapping[int, int], tag: str, since: datetime
) -> set[int]:
    """Of the members (id by number) those who were given or lost the tag after the mark of theirs in the log; nothing
    that stands behind the marks is older than `since`, give or take what clocks differ by."""
    if not numbers:
        return set()
    rows = _rows(
        "SELECT entry.object_id, max(entry.id) FROM members_auditentry AS entry"
        " JOIN members_auditvalues AS told ON told.entry_id = entry.id"
        " WHERE entry.community_id = %(community)s AND entry.object_kind = 'member'"
        " AND entry.object_id = ANY(%(numbers)s) AND entry.id > %(first)s AND entry.at >= %(since)s"
        " AND jsonb_exists(told.before -> 'tags', %(tag)s)"
        " IS DISTINCT FROM jsonb_exists(told.after -> 'tags', %(tag)s)"
        " GROUP BY entry.object_id",
        {
            "community": community_id,
            "numbers": [str(number) for number in numbers],
            "first": min(marks.values()),
            "since": since - CLOCKS,
            "tag": tag,
        },
    )
    return {pk for number, last in rows if last > marks[pk := numbers[int(number)]]}


def moved_since(*, marks: Mapping[int, int]) -> set[int]:
    """Of the members those whose tier was changed after the mark of theirs in the history."""
    if not marks:
        return set()
    rows = _rows(
        "SELECT membership_id, max(id) FROM members_membershipchange"
        " WHERE membership_id = ANY(%(members)s) AND kind = 'tier' AND id > %(first)s GROUP BY membership_id",
        {"members": list(marks), "first": min(marks.values())},
    )
    return {pk for pk, last in rows if last > marks[pk]}


def _places(tier: Tier, members: Sequence[int]) -> tuple[list[int], list[tuple[int, str, str]]]:
    """Who of the members gets in, in their order, and who is refused as there is no place for them."""
    if tier.capacity is None:
        return list(members), []
    left = capacity.free(locked(Tier.objects.filter(pk=tier.pk)).get())
    if left is None:
        return list(members), []
    coming = Membership.objects.filter(pk__in=members, status__in=HOLDING, merged_into=None).exclude(
        tier=tier
    )
    outside = set(coming.order_by("pk").values_list("pk", flat=True)[left:])
    return [pk for pk in members if pk not in outside], [(pk, "full", "") for pk in sorted(outside)]


def _log(community_id: int, action: str, at: datetime, by: Actor) -> dict[str, Any]:
    return {
        "community": community_id,
        "actor": by.user.pk if by.user else None,
        "action": action,
        "at": at,
        "words": by.words[:120],
        "address": by.address,
    }


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _rows(sql: str, parameters: Mapping[str, Any] | Sequence[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return list(cursor.fetchall())


def _ids(sql: str, parameters: Sequence[Any]) -> list[int]:
    return [row[0] for row in _rows(sql, parameters)]
