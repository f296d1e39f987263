"""What people are told about their data when they join, kept with the day."""

from datetime import datetime

from members.models import Membership, Purpose, PurposeNotice
from members.selectors import retention


def note(*, membership: Membership, at: datetime) -> PurposeNotice:
    """Keep that the person was told what their data are for, and which words of the community's stood there."""
    policy = retention.policy(membership.community_id)
    return PurposeNotice.objects.create(
        membership=membership,
        purposes=Purpose.values,
        words_of=policy.changed_at if policy.pk else None,
        at=at,
    )
