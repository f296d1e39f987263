"""Coming into a community by whatever invitation brought one there."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from communities.models import Community
from communities.services import joining
from kernel.errors import Refused
from members.actors import Actor
from members.models import Membership, Tier, User
from members.services import invitations


@transaction.atomic
def come_in(
    *,
    community: Community,
    user: User,
    answers: Mapping[int, Any],
    custom: Mapping[str, Any] | None = None,
    at: datetime,
    by: Actor,
    named: Sequence[str] = (),
    name: str = "",
    vouched_by: Membership | None = None,
    channel: str = "",
    tier: Tier | None = None,
) -> Membership:
    """Join as `joining.join` does, credited to the invitation that the person found the community by. `name` is what
    they are called, where they had not said so yet.

    `vouched_by` is a member who has paid for them, with the `channel` and the `tier` of that: they need no invitation
    then, and are credited to that member where none had brought them before.

    One that was taken back or used up meanwhile gives neither its tier nor a way in where one needs an invitation;
    who invited and the channel stand. Raises `Refused` as `joining.join` does.
    """
    claim = invitations.claimed(user=user, community=community, at=at, hold=True)
    said: dict[str, Any] = {"answers": answers, "custom": custom, "named": named, "name": name}
    vouched = vouched_by is not None
    if claim is None:
        said |= {"invited": vouched, "invited_by": vouched_by, "channel": channel, "tier": tier}
        return joining.join(community=community, user=user, at=at, by=by, **said)
    by_invitation = community.join_policy == Community.JoinPolicy.INVITATION
    if claim.invitation is None and by_invitation and not vouched:
        raise Refused(_("The invitation cannot be used any more: ask for a new one."), code="invitation_over")
    membership = joining.join(
        community=community,
        user=user,
        at=at,
        by=by,
        invited=vouched or claim.invitation is not None,
        invited_by=claim.invited_by,
        channel=claim.channel,
        campaign=claim.campaign,
        tier=tier or claim.tier,
        **said,
    )
    if claim.invitation is not None:
        invitations.used(invitation=claim.invitation, membership=membership, at=at)
    return membership
