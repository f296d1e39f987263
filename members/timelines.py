"""What this app tells on a member's timeline: changes of the membership, notes, letters, and what staff did."""

from collections.abc import Sequence
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from kernel import timelines
from kernel.markdown import render
from kernel.tenancy import TenantRequest
from kernel.timelines import Bound, Entry, Source
from members.models import AuditEntry, Membership, Message
from members.roles import ADMITTED
from members.selectors import audit, merged, people
from members.services import notes
from members.statuses import acts

#: Staff acts that are changes of the membership, and stand there with their reason.
_TOLD = ("member.role_changed", "member.tier_changed", "member.inviter_changed")


def register() -> None:
    timelines.add(
        Source("membership", _("Membership"), _changes, "members/timeline/_change.html", "members.view"),
    )
    timelines.add(Source("notes", _("Notes"), _notes, "members/timeline/_note.html", "members.view"))
    timelines.add(Source("letters", _("Letters"), _letters, "members/timeline/_letter.html", "mail.manage"))
    timelines.add(Source("staff", _("What staff did"), _deeds, "members/timeline/_deed.html", "audit.view"))


def _changes(request: TenantRequest, member: Membership, bound: Bound | None, most: int) -> Sequence[Entry]:
    changes = people.history(member, bound=bound, most=most)
    joined = [not change.before and change.status in ADMITTED for change in changes]
    return [
        Entry(change.at, str(change.pk), {"change": change, "joined": first}, "accent" if first else "")
        for change, first in zip(changes, joined, strict=True)
    ]


def _notes(request: TenantRequest, member: Membership, bound: Bound | None, most: int) -> Sequence[Entry]:
    found = member.notes.select_related("by").prefetch_related("versions").order_by("-at", "-id")
    if bound is not None:
        found = found.filter(bound.q("at", "id", int))
    return [
        Entry(
            note.at,
            str(note.pk),
            {
                "note": note,
                "html": render(note.text),
                "may_change": notes.may_change(note, request.membership),
                "member": member,
            },
            "warn",
        )
        for note in found[:most]
    ]


def _letters(request: TenantRequest, member: Membership, bound: Bound | None, most: int) -> Sequence[Entry]:
    found = (
        Message.objects.filter(membership__in=merged.keys_of(member))
        .defer("text", "html")
        .order_by("-created_at", "-id")
    )
    if bound is not None:
        found = found.filter(bound.q("created_at", "id", UUID))
    return [Entry(message.created_at, message.pk.hex, message) for message in found[:most]]


def _deeds(request: TenantRequest, member: Membership, bound: Bound | None, most: int) -> Sequence[Entry]:
    told = (*_TOLD, *(f"member.{act.key}" for act in acts))
    found = AuditEntry.objects.of(member.community_id).filter(
        object_kind="member", object_id__in=[str(one) for one in (member.number, *merged.numbers_of(member))]
    )
    found = found.exclude(Q(action__in=told)).select_related("values").order_by("-at", "-id")
    if bound is not None:
        found = found.filter(bound.q("at", "id", int))
    entries = list(found[:most])
    lines = audit.lines(entries, community=request.community)
    return [Entry(entry.at, str(entry.pk), line) for entry, line in zip(entries, lines, strict=True)]
