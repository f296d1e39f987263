"""What is kept of every change of a membership, and told to the apps above."""

from datetime import datetime

from kernel import activity
from kernel.activity import Activity
from members.actors import Actor
from members.models import Membership, MembershipChange
from members.roles import ADMITTED

Kind = MembershipChange.Kind


def note(
    membership: Membership, kind: str, *, before: str, after: str, at: datetime, by: Actor, reason: str = ""
) -> None:
    MembershipChange.objects.create(
        membership=membership, kind=kind, before=before, after=after, reason=reason, by=by.membership, at=at
    )


def publish(membership: Membership, verb: str, *, at: datetime) -> None:
    """Tell that something befell the member: a joining is one for life, all else happens at an instant."""
    inviter = membership.invited_by.number if membership.invited_by else None
    came_by = f"{membership.channel}/{membership.campaign}" if verb == "joined" and membership.channel else ""
    activity.publish(
        Activity(
            community_id=membership.community_id,
            member=membership.number,
            verb=verb,
            at=at,
            target=inviter if verb in ("joined", "inviter_changed") else None,
            object_kind="channel" if came_by else "",
            object_id=came_by,
            staff=membership.is_staff,
            dedupe=f"{verb}:{membership.number}" + ("" if verb == "joined" else f":{at.isoformat()}"),
        )
    )


def has_joined(membership: Membership) -> bool:
    """Whether the community has ever let this member in."""
    return membership.changes.filter(kind=Kind.STATUS, after__in=ADMITTED).exists()


def before_the_present(membership: Membership) -> str:
    """The status before the present one, "" where the history does not tell."""
    last = membership.changes.filter(kind=Kind.STATUS, after=membership.status).last()
    return last.before if last else ""
