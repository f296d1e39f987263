"""Roles and statuses: the words for what a member may do and where a membership stands."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Role(TextChoices):
    OWNER = "owner", _("Owner")
    MANAGER = "manager", _("Manager")
    MODERATOR = "moderator", _("Moderator")
    TREASURER = "treasurer", _("Treasurer")
    HOST = "host", _("Host")
    MEMBER = "member", _("Member")


#: Staff are members whose role is not `member`.
STAFF_ROLES = frozenset(Role.values) - {Role.MEMBER.value}


class Status(TextChoices):
    INVITED = "invited", pgettext_lazy("membership status", "Invited")
    APPLIED = "applied", pgettext_lazy("membership status", "Applied")
    WAITING = "waiting", pgettext_lazy("membership status", "Waiting for a place")
    APPROVED = "approved", pgettext_lazy("membership status", "Approved")
    AWAITING_PAYMENT = "awaiting_payment", pgettext_lazy("membership status", "Awaiting payment")
    TRIAL = "trial", pgettext_lazy("membership status", "Trial")
    ACTIVE = "active", pgettext_lazy("membership status", "Active")
    PAUSED = "paused", pgettext_lazy("membership status", "Paused")
    SUSPENDED = "suspended", pgettext_lazy("membership status", "Suspended")
    RESTRICTED = "restricted", pgettext_lazy("membership status", "Restricted")
    LAPSED = "lapsed", pgettext_lazy("membership status", "Lapsed")
    REJECTED = "rejected", pgettext_lazy("membership status", "Rejected")
    WITHDRAWN = "withdrawn", pgettext_lazy("membership status", "Withdrawn")
    LEFT = "left", pgettext_lazy("membership status", "Left")
    REMOVED = "removed", pgettext_lazy("membership status", "Removed")
    BANNED = "banned", pgettext_lazy("membership status", "Banned")
    GUEST = "guest", pgettext_lazy("membership status", "Guest")


#: Who counts as a member of the community. Grace is an active membership whose dues are late.
COUNTED = frozenset({Status.ACTIVE.value, Status.TRIAL.value})
#: Who may come in: dues that are late or a restriction do not close the door to reading.
ADMITTED = COUNTED | {Status.PAUSED.value, Status.SUSPENDED.value, Status.RESTRICTED.value}
#: Whose membership is over.
GONE = frozenset({Status.LEFT.value, Status.REMOVED.value, Status.BANNED.value})
#: Who has not joined yet, or never did: a membership that was never anything else is nobody's joining.
NOT_JOINED = frozenset(
    {
        Status.INVITED.value,
        Status.APPLIED.value,
        Status.WAITING.value,
        Status.APPROVED.value,
        Status.AWAITING_PAYMENT.value,
        Status.REJECTED.value,
        Status.WITHDRAWN.value,
        Status.GUEST.value,
    }
)
