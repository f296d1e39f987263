"""Reports of messages: shown by who received them to those who keep order, who read nothing else of what is private."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from communities.models import DirectMessage, MessageReport
from kernel import activity
from kernel.errors import Refused
from kernel.locks import held, locked
from members.actors import Actor
from members.models import Membership
from members.services import audit, powers

MODERATE = "posts.moderate"
#: How many messages before the reported one are shown with it.
BEFORE = 5
#: How many a member may report in a day.
PER_DAY = 20
LONGEST = 500
Outcome, Reason = MessageReport.Outcome, MessageReport.Reason


@transaction.atomic
def report(
    *, message: DirectMessage, by: Membership, reason: str, at: datetime, words: str = ""
) -> MessageReport:
    """Show a message that one has received to those who keep order, with the few before it, as they say now. Reporting it
    again is the same report.

    Raises `Refused` for a message of one's own (`own`), for one that was taken back (`removed`), for what is no reason
    (`unknown`), and for more than `PER_DAY` (`too_many`).
    """
    by = held(Membership.objects.filter(pk=by.pk)).get()
    message = locked(DirectMessage.objects.filter(pk=message.pk).select_related("author")).get()
    if (there := MessageReport.objects.filter(message=message, by=by).first()) is not None:
        return there
    if reason not in Reason.values:
        raise Refused(_("Choose what it is about."), code="unknown", field="reason")
    if message.author_id == by.pk:
        raise Refused(_("You have written this yourself: take it back instead."), code="own")
    if message.removed_at is not None:
        raise Refused(_("This was taken back: its words are gone."), code="removed")
    if MessageReport.objects.filter(by=by, at__gt=at - timedelta(days=1)).count() >= PER_DAY:
        raise Refused(_("You have reported a lot today. Write to the staff instead."), code="too_many")
    made = MessageReport.objects.create(
        community_id=by.community_id,
        message=message,
        by=by,
        about=message.author,
        reason=reason,
        words=words.strip()[:LONGEST],
        evidence=_evidence(message),
        at=at,
    )
    activity.announce("message.reported", report=made, at=at)
    return made


@transaction.atomic
def read(*, report: MessageReport, at: datetime, by: Actor) -> list[dict[str, str]]:
    """What was reported, word for word. That it was read stands in the audit log. Raises `Refused` for who keeps no order
    any more, and for who was reported."""
    _guard(report, by)
    _record("message_report.read", report, at=at, by=by)
    found: list[dict[str, str]] = report.evidence
    return found


@transaction.atomic
def settle(*, report: MessageReport, outcome: str, at: datetime, by: Actor, note: str = "") -> MessageReport:
    """Say how it ended. Raises `Refused` for what is no outcome (`unknown`), where somebody else was faster (`settled`), and
    as `read` does."""
    _guard(report, by)
    if outcome not in (Outcome.SEEN_TO, Outcome.NOTHING):
        raise Refused(_("Say how it ended."), code="unknown", field="outcome")
    report = locked(
        MessageReport.objects.filter(pk=report.pk).select_related("about", "by", "community")
    ).get()
    if report.outcome:
        told = {"who": report.settled_words, "outcome": report.get_outcome_display()}
        raise Refused(_("%(who)s has settled it already: %(outcome)s.") % told, code="settled")
    report.outcome, report.settled_at, report.settled_by = outcome, at, by.membership
    report.settled_words = (by.membership.display_name if by.membership else by.words)[:120]
    report.note = note.strip()[:LONGEST]
    report.save(update_fields=["outcome", "settled_at", "settled_by", "settled_words", "note"])
    _record("message_report.settled", report, at=at, by=by, after={"outcome": outcome})
    activity.announce("message.report_settled", report=report, at=at)
    return report


def _guard(report: MessageReport, by: Actor) -> None:
    if by.membership is None:
        return
    acting = held(Membership.objects.filter(pk=by.membership.pk)).get()
    powers.guard(acting, MODERATE)
    if acting.pk == report.about_id:
        raise Refused(_("This is about you: somebody else of the staff decides."), code="own")


def _evidence(message: DirectMessage) -> list[dict[str, str | int]]:
    rows = DirectMessage.objects.filter(
        conversation=message.conversation_id, created_at__lte=message.created_at, pk__lte=message.pk
    )
    last = rows.select_related("author").order_by("-created_at", "-pk")[: BEFORE + 1]
    return [
        {"by": one.author.number, "at": one.created_at.isoformat(), "body": one.body}
        for one in reversed(last)
    ]


def _record(
    action: str, report: MessageReport, *, at: datetime, by: Actor, after: dict[str, str] | None = None
) -> None:
    audit.record(
        action=action,
        object_kind="message_report",
        object_id=report.key,
        by=by,
        at=at,
        community_id=report.community_id,
        after={"member": report.about.number} | (after or {}),
    )
