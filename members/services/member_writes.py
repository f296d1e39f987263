"""What a chunk of a members file leaves behind: members brought up to date, their history, and what the apps above learn."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import connection

from kernel import activity
from kernel.activity import Activity
from members.models import Membership, MembershipChange
from members.roles import NOT_JOINED, STAFF_ROLES
from members.services import finding, memberships
from members.services.member_chunk import Chunk

#: What a row says of a person that is simply kept.
PROFILE = ("name", "email", "city", "country", "latitude", "longitude", "interests", "tags")
#: What a row may change of a member who is here.
CHANGED = (
    *PROFILE,
    *("custom", "tier", "joined_at", "role", "status", "left_at", "invited_by"),
    *memberships.INDEXED,
)
_NOTE = """
    INSERT INTO members_membershipchange (membership_id, kind, before, after, reason, by_id, at)
    SELECT * FROM unnest(
        %s::bigint[], %s::varchar[], %s::varchar[], %s::varchar[], %s::varchar[], %s::bigint[], %s::timestamptz[]
    )
"""


def save(chunk: Chunk) -> None:
    """Write the members who were here already, what all are found by, and the history, in a few statements."""
    # What an insert meets is brought up to date.
    Membership.objects.bulk_create(
        chunk.changed.values(),
        batch_size=1000,
        update_conflicts=True,
        unique_fields=["id"],
        update_fields=CHANGED,
    )
    finding.index([*chunk.new.values(), *chunk.renamed])
    _note(chunk.changes)


def _note(changes: Sequence[MembershipChange]) -> None:
    """Every new member has two: as columns they are written in a fraction of the time that rows take."""
    if not changes:
        return
    names = ("kind", "before", "after", "reason", "by_id", "at")
    columns = [[getattr(change, name) for change in changes] for name in names]
    with connection.cursor() as cursor:
        cursor.execute(_NOTE, [[change.membership.pk for change in changes], *columns])


def publish(chunk: Chunk, waiting: Mapping[str, Sequence[str]], *, community_id: int, at: datetime) -> None:
    """Tell what befell the members; of who waits for an inviter it is told once that one has come."""
    held_back = {member for members in waiting.values() for member in members}
    facts = []
    for member, membership in chunk.new.items():
        if member not in held_back and membership.status not in NOT_JOINED:
            facts.append(_fact(chunk, membership, "joined", membership.joined_at))
        if membership.left_at:
            facts.append(_fact(chunk, membership, "left", membership.left_at))
    facts += [_fact(chunk, membership, verb, when) for membership, verb, when in chunk.facts]
    activity.publish(*facts)
    if chunk.corrected:
        activity.announce(
            "facts.corrected",
            community_id=community_id,
            names=[name for _membership, name, _when in chunk.corrected],
            activities=[
                _fact(chunk, membership, name.split(":")[0], when)
                for membership, name, when in chunk.corrected
            ],
            at=at,
        )


def _fact(chunk: Chunk, membership: Membership, verb: str, at: datetime) -> Activity:
    member = str(membership.external_id)
    target = None
    if verb in ("joined", "inviter_changed"):
        target = chunk.inviter_numbers.get(member)
        if target is None and membership.invited_by_id:
            target = membership.invited_by.number if membership.invited_by else None
    name = f"{verb}:{membership.number}" + ("" if verb == "joined" else f":{at.isoformat()}")
    return Activity(
        community_id=membership.community_id,
        member=membership.number,
        verb=verb,
        at=at,
        target=target,
        staff=membership.role in STAFF_ROLES,
        dedupe=name,
    )
