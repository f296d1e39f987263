from members.models.audit import AuditEntry, AuditValues
from members.models.import_run import ImportPart, ImportRun
from members.models.invitation import Attribution, Invitation, InvitationUse
from members.models.mail import DeadAddress, DigestWeek, MailTemplate, Message, OptOut
from members.models.membership import Membership, MembershipChange, NumberSequence
from members.models.notification import Notification
from members.models.person_data import (
    ErasureRequest,
    PersonExport,
    PrivacyPolicy,
    Purpose,
    PurposeNotice,
)
from members.models.tier import Tier
from members.models.user import User

__all__ = [
    "Attribution",
    "AuditEntry",
    "AuditValues",
    "DeadAddress",
    "DigestWeek",
    "ErasureRequest",
    "ImportPart",
    "ImportRun",
    "Invitation",
    "InvitationUse",
    "MailTemplate",
    "Membership",
    "MembershipChange",
    "Message",
    "Notification",
    "NumberSequence",
    "OptOut",
    "PersonExport",
    "PrivacyPolicy",
    "Purpose",
    "PurposeNotice",
    "Tier",
    "User",
]
