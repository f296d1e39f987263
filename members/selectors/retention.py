"""What a community keeps longer than it wishes to: the same rows for the dry run and for the clean-up itself."""

import calendar
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import DateTimeField, Max, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from members.models import AuditValues, Membership, MembershipChange, PrivacyPolicy
from members.roles import GONE, Status

#: Applications that came to nothing.
CAME_TO_NOTHING = (Status.REJECTED.value, Status.WITHDRAWN.value)
#: How many of each kind the dry run names.
SHOWN = 100
HEADER = ("kind", "number", "name", "status", "since")


@dataclass(frozen=True)
class Due:
    """What would go now: members whose membership is over, people whose application came to nothing, entries of
    the audit log whose names and values are emptied. Each is empty where nothing was decided about it."""

    members: QuerySet[Membership]
    applicants: QuerySet[Membership]
    entries: QuerySet[AuditValues]


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
    return Due(members, applicants, entries)


def sheet(found: Due) -> Iterator[list[Any]]:
    """Everything that would go, a row each; `HEADER` names the columns."""
    for kind, people in (("member", found.members), ("applicant", found.applicants)):
        for one in people.iterator(chunk_size=1000):
            yield [kind, one.number, one.display_name, one.status, one.since]  # type: ignore[attr-defined]
    entries = found.entries.select_related("entry").order_by("entry_id")
    for values in entries.iterator(chunk_size=1000):
        yield ["audit entry", values.entry_id, values.actor_words, values.entry.action, values.entry.at]


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
