"""What a community keeps longer than it wishes to: the same rows for the dry run and for the clean-up itself."""

import calendar
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import DateTimeField, Max, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from members.models import AuditValues, Membership, MembershipChange, Message, PrivacyPolicy, User
from members.roles import GONE, Status

#: Applications that came to nothing.
CAME_TO_NOTHING = (Status.REJECTED.value, Status.WITHDRAWN.value)
#: How long the words of a letter that did not go are kept, for staff who would send it once more.
WORDS_KEPT = timedelta(days=30)
#: How many of each kind the dry run names.
SHOWN = 100
HEADER = ("kind", "number", "name", "status", "since")


@dataclass(frozen=True)
class Due:
    """What would go now: members whose membership is over, people whose application came to nothing, entries of
    the audit log whose names and values are emptied, letters in the log. Each is empty where nothing was decided about
    it, but for letters, of which the site says how long they stay."""

    members: QuerySet[Membership]
    applicants: QuerySet[Membership]
    entries: QuerySet[AuditValues]
    letters: QuerySet[Message]

    @property
    def counts(self) -> dict[str, int]:
        """How many of each would go."""
        return {
            "members": self.members.count(),
            "applicants": self.applicants.count(),
            "entries": self.entries.count(),
            "letters": self.letters.count(),
        }


@dataclass(frozen=True)
class SiteDue:
    """What would go now of the site's own: letters of no community, words of letters that did not go and are not sent
    again, accounts whose address nobody has proven."""

    letters: QuerySet[Message]
    words: QuerySet[Message]
    accounts: QuerySet[User]


def policy(community_id: int) -> PrivacyPolicy:
    """The community's decisions; without any, one that is not saved and keeps everything."""
    found = PrivacyPolicy.objects.filter(community_id=community_id).first()
    return found or PrivacyPolicy(community_id=community_id)


def due(policy: PrivacyPolicy, *, at: datetime) -> Due:
    """What the policy lets go at this instant, oldest first."""
    community_id = policy.community_id
    known = Membership.objects.of(community_id).filter(erased_at=None)
    members, applicants = known.none(), known.none()
    entries = AuditValues.objects.none()
    if policy.after_leaving is not None:
        before = months_before(at, policy.after_leaving)
        members = known.filter(status__in=GONE).annotate(since=Coalesce("left_at", _changed_at()))
        members = members.filter(since__lte=before).order_by("since", "pk")
    if policy.after_rejection is not None:
        before = months_before(at, policy.after_rejection)
        applicants = known.filter(status__in=CAME_TO_NOTHING).annotate(since=_changed_at())
        applicants = applicants.filter(since__lte=before).order_by("since", "pk")
    if policy.audit_values is not None:
        before = months_before(at, policy.audit_values)
        full = Q(emptied_at=None) | ~Q(actor_words="") | Q(address__isnull=False)
        entries = AuditValues.objects.filter(full, entry__community_id=community_id, entry__at__lte=before)
    letters = _letters(at, days_of_letters(policy)).filter(community_id=community_id)
    return Due(members, applicants, entries, letters)


def days_of_letters(policy: PrivacyPolicy) -> int:
    """How long letters stay in the log: as the community has decided, else as the site does."""
    return int(settings.MAIL_KEPT_DAYS if policy.letters is None else policy.letters)


def site_due(*, at: datetime) -> SiteDue:
    """What of the site's own goes at this instant."""
    ended = Message.objects.filter(finished_at__lte=at - WORDS_KEPT).exclude(text="")
    return SiteDue(
        _letters(at, settings.MAIL_KEPT_DAYS).filter(community=None),
        ended.order_by("finished_at", "pk"),
        _unproven(at - timedelta(days=settings.UNCONFIRMED_KEPT_DAYS)),
    )


def undecided(*, at: datetime) -> list[int]:
    """The communities that have decided nothing and have letters that the site keeps no longer."""
    old = _letters(at, settings.MAIL_KEPT_DAYS).filter(community__privacy_policy=None)
    found = old.exclude(community=None).order_by("community_id")
    return list(found.values_list("community_id", flat=True).distinct())


def _letters(at: datetime, days: int) -> QuerySet[Message]:
    """Letters that came to their end so many days ago."""
    ended = Message.objects.filter(finished_at__lte=at - timedelta(days=days))
    return ended.order_by("finished_at", "pk")


def _unproven(before: datetime) -> QuerySet[User]:
    """Accounts made before then that nobody has ever signed in to: no address proven, no member anywhere."""
    made = User.objects.filter(date_joined__lte=before, is_active=True, is_staff=False, last_login=None)
    made = made.exclude(emailaddress__verified=True).filter(memberships=None)
    return made.order_by("date_joined", "pk")


def sheet(found: Due) -> Iterator[list[Any]]:
    """Everything that would go, a row each; `HEADER` names the columns."""
    for kind, people in (("member", found.members), ("applicant", found.applicants)):
        for one in people.iterator(chunk_size=1000):
            yield [kind, one.number, one.display_name, one.status, one.since]  # type: ignore[attr-defined]
    entries = found.entries.select_related("entry").order_by("entry_id")
    for values in entries.iterator(chunk_size=1000):
        yield ["audit entry", values.entry_id, values.actor_words, values.entry.action, values.entry.at]
    letters = found.letters.select_related("membership").defer("text", "html")
    for letter in letters.iterator(chunk_size=1000):
        number = letter.membership.number if letter.membership else None
        yield ["letter", number, letter.address, letter.state, letter.finished_at]


def months_before(at: datetime, months: int) -> datetime:
    """The same day so many calendar months earlier, or the last one of that month; the time of day stays."""
    year, month = divmod(at.year * 12 + at.month - 1 - months, 12)
    day = min(at.day, calendar.monthrange(year, month + 1)[1])
    return at.replace(year=year, month=month + 1, day=day)


def _changed_at() -> Subquery:
    """When the status was last changed."""
    changes = MembershipChange.objects.filter(membership=OuterRef("pk"), kind="status").order_by()
    latest = changes.values("membership").annotate(latest=Max("at")).values("latest")
    return Subquery(latest, output_field=DateTimeField())
