from members.models.audit import AuditEntry
from members.models.import_run import ImportPart, ImportRun
from members.models.membership import Membership, MembershipChange, NumberSequence
from members.models.tier import Tier
from members.models.user import User

__all__ = [
    "AuditEntry",
    "ImportPart",
    "ImportRun",
    "Membership",
    "MembershipChange",
    "NumberSequence",
    "Tier",
    "User",
]
