from members.models.audit import AuditEntry
from members.models.membership import Membership, MembershipChange, NumberSequence
from members.models.tier import Tier
from members.models.user import User

__all__ = ["AuditEntry", "Membership", "MembershipChange", "NumberSequence", "Tier", "User"]
