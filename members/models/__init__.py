from members.models.audit import AuditEntry, AuditValues
from members.models.bulk_act import BulkAct, BulkPart
from members.models.card import MemberCard
from members.models.custom_field import CustomField
from members.models.import_run import ImportPart, ImportRun
from members.models.invitation import Attribution, Invitation, InvitationUse
from members.models.mail import DeadAddress, DigestWeek, LetterName, MailTemplate, Message, OptOut
from members.models.membership import Membership, MembershipChange, NumberSequence
from members.models.merge import Merge, MergeProposal, TwoPeople
from members.models.note import Note, NoteVersion
from members.models.notification import DailyWish, Notification, QuietHours, Waiting
from members.models.person_data import (
    ErasureRequest,
    PersonExport,
    PrivacyPolicy,
    Purpose,
    PurposeNotice,
)
from members.models.search_entry import SearchEntry
from members.models.segment import Segment
from members.models.tier import Tier
from members.models.user import User

__all__ = [
    "Attribution",
    "AuditEntry",
    "AuditValues",
    "BulkAct",
    "BulkPart",
    "CustomField",
    "DailyWish",
    "DeadAddress",
    "DigestWeek",
    "ErasureRequest",
    "ImportPart",
    "ImportRun",
    "Invitation",
    "InvitationUse",
    "LetterName",
    "MailTemplate",
    "MemberCard",
    "Membership",
    "MembershipChange",
    "Merge",
    "MergeProposal",
    "Message",
    "Note",
    "NoteVersion",
    "Notification",
    "NumberSequence",
    "OptOut",
    "PersonExport",
    "PrivacyPolicy",
    "Purpose",
    "PurposeNotice",
    "QuietHours",
    "SearchEntry",
    "Segment",
    "Tier",
    "TwoPeople",
    "User",
    "Waiting",
]
