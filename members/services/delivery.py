"""Letters on their way: claimed by one worker at a time, handed to the mail server once, tried again a bounded
number of times where it is certain that nothing went out.

A letter whose words went to the server is never sent again by itself: where the answer was lost it is "perhaps
sent", for staff to decide on.
"""

import logging
import smtplib
from collections.abc import Callable
from datetime import datetime, timedelta

from django.core.mail import get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from kernel import locks, mails
from kernel.errors import Refused
from kernel.locks import locked
from members.actors import Actor
from members.models import Message
from members.services import audit, bounces, letters, mail, powers

log = logging.getLogger(__name__)

State, Reason = Message.State, Message.Reason
#: How long after each attempt the next one follows; after the last the letter has failed.
WAITS = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 30, 120, 360, 720))
#: An attempt that has not ended after so long has lost its worker.
STALE = timedelta(minutes=10)
#: When a letter beyond the day's quota is looked at again.
HOLD = timedelta(hours=1)
WINDOW = timedelta(days=1)


class _Unreached(Exception):
    """The mail server itself does not answer: no use in trying the next letter now."""


def deliver_due(*, now: Callable[[], datetime], budget: timedelta) -> bool:
    """Deliver what is due until nothing is, or the budget is used up, or the mail server does not answer.

    Whether more is due at once. Any number of workers may do this at the same time.
    """
    until = now() + budget
    while now() < until:
        message = _claim(at=now())
        if message is None:
            return False
        try:
            _deliver(message, now)
        except _Unreached:
            return False
    return True


def sweep(*, at: datetime) -> int:
    """Put back letters whose worker was lost before it reached the mail server; say of those where it was lost
    afterwards that they may have arrived. How many rows that were."""
    lost = Message.objects.filter(state=State.SENDING, claimed_at__lt=at - STALE)
    cut = lost.filter(handed_at__isnull=False).update(
        state=State.UNSURE, reason=Reason.CUT_OFF, finished_at=at
    )
    parting = [kind.key for kind in mails.kinds if kind.parting]
    ended = Message.objects.filter(state=State.UNSURE, kind__in=parting).exclude(address="")
    ended.update(address="", text="", html="")
    return cut + lost.filter(handed_at__isnull=True).update(state=State.QUEUED, next_at=at)


@transaction.atomic
def again(*, message: Message, at: datetime, by: Actor) -> None:
    """Send a letter once more because staff say so; one more attempt. Raises `Refused` for a letter that is neither
    failed nor perhaps sent, or whose words are not kept any more, and for who may not any more."""
    powers.require(by, "mail.manage")
    message = locked(Message.objects.filter(pk=message.pk)).get()
    if message.state not in (State.FAILED, State.UNSURE) or not message.text:
        raise Refused(_("This letter cannot be sent again."), code="not_now")
    before = message.state
    message.state, message.handed_at, message.next_at = State.QUEUED, None, at
    message.reason, message.finished_at = "", None
    message.save(update_fields=["state", "handed_at", "next_at", "reason", "finished_at"])
    audit.record(
        action="mail.sent_again",
        object_kind="mail",
        object_id=message.pk,
        by=by,
        at=at,
        community_id=message.community_id,
        before={"state": before},
    )
    mail.nudge()


def _claim(*, at: datetime) -> Message | None:
    """The most urgent letter that is due and that nobody else has in hand, marked as being sent."""
    while True:
        with transaction.atomic():
            due = Message.objects.due(at).select_related("community")
            message = due.select_for_update(skip_locked=True, of=("self",)).first()
            if message is None:
                return None
            if not _fits_quota(message, at=at):
                message.next_at = at + HOLD
                message.save(update_fields=["next_at"])
                continue
            message.state, message.claimed_at = State.SENDING, at
            message.attempts += 1
            message.save(update_fields=["state", "claimed_at", "attempts"])
            return message


def _deliver(message: Message, now: Callable[[], datetime]) -> None:
    reason = _held_back(message, at=now())
    if reason:
        _settle(message, State.SUPPRESSED, at=now(), reason=reason)
        return
    try:
        written = letters.of(message)
        written.message()
    except ValueError as error:
        _settle(message, State.FAILED, at=now(), reason=Reason.REFUSED, detail=type(error).__name__)
        return
    connection = get_connection()
    try:
        connection.open()
    except (OSError, smtplib.SMTPException) as error:
        log.warning("The mail server does not answer (%s).", type(error).__name__)
        _again(message, at=now(), reason=Reason.UNREACHED, detail=type(error).__name__)
        raise _Unreached from None
    try:
        if _hand_over(message, at=now()):
            _send(message, connection, written, now)
    finally:
        connection.close()


def _held_back(message: Message, *, at: datetime) -> str:
    """Why it may not go any more: what was switched off, or bounced, after it was written holds as well."""
    if message.kind not in mails.kinds:
        return ""
    reason = mail.held_back(message, mails.get(message.kind), at=at)
    # Being within the quota was decided when it was written, and again when it was claimed.
    return "" if reason == Reason.QUOTA else reason


def _hand_over(message: Message, *, at: datetime) -> bool:
    """Mark that the words go out now; False for a worker that was slow and whose claim has passed to another."""
    mine = Message.objects.filter(
        pk=message.pk, state=State.SENDING, attempts=message.attempts, handed_at__isnull=True
    )
    return bool(mine.update(handed_at=at))


def _send(
    message: Message, connection: BaseEmailBackend, written: letters.Written, now: Callable[[], datetime]
) -> None:
    try:
        connection.send_messages([written])
    except smtplib.SMTPRecipientsRefused as error:
        code, said = next(iter(error.recipients.values()), (550, b""))
        _refused(message, code, _text(said), at=now(), recipient=True)
    except smtplib.SMTPResponseException as error:
        _refused(message, error.smtp_code, _text(error.smtp_error), at=now(), recipient=False)
    except ValueError as error:
        # Said before anything was sent: an address that cannot be written as one.
        _settle(message, State.FAILED, at=now(), reason=Reason.REFUSED, detail=type(error).__name__)
    except (OSError, smtplib.SMTPException) as error:
        # Somewhere in between, perhaps after the server took it.
        _settle(message, State.UNSURE, at=now(), reason=Reason.CUT_OFF, detail=type(error).__name__)
    else:
        _settle(message, State.SENT, at=now())


def _refused(message: Message, code: int, said: str, *, at: datetime, recipient: bool) -> None:
    """The server said no: for now (4xx), or for good; an address that does not exist is written to no more."""
    detail = f"{code} {said}"
    if code < 500:
        _again(message, at=at, reason=Reason.REFUSED, detail=detail)
        return
    _settle(message, State.FAILED, at=at, reason=Reason.REFUSED, detail=detail)
    if recipient and bounces.is_dead(code, said):
        bounces.suppress(community_id=message.community_id, address=message.address, detail=detail, at=at)


def _again(message: Message, *, at: datetime, reason: str, detail: str) -> None:
    """Queue it for the next attempt, or give it up after the last."""
    if message.attempts > len(WAITS):
        _settle(message, State.FAILED, at=at, reason=reason, detail=detail)
        return
    mine = Message.objects.filter(pk=message.pk, state=State.SENDING, attempts=message.attempts)
    mine.update(
        state=State.QUEUED,
        handed_at=None,
        next_at=at + WAITS[message.attempts - 1],
        reason=reason,
        detail=mails.one_line(detail)[:240],
    )


def _settle(message: Message, state: str, *, at: datetime, reason: str = "", detail: str = "") -> None:
    """Write down how this attempt ended, also where a sweep has called it lost meanwhile."""
    mine = Message.objects.filter(
        pk=message.pk, state__in=[State.SENDING, State.UNSURE], attempts=message.attempts
    )
    words = {"text": "", "html": ""} if state in (State.SENT, State.SUPPRESSED) else {}
    if message.kind in mails.kinds and mails.get(message.kind).parting:
        words = {"text": "", "html": "", "address": ""}
    mine.update(state=state, reason=reason, detail=mails.one_line(detail)[:240], finished_at=at, **words)


def _fits_quota(message: Message, *, at: datetime) -> bool:
    """Whether the community may still send this today; what must reach always goes.

    Letters that other workers have in hand count as sent, and workers ask one after the other: together they never
    send more than there is room for.
    """
    if message.community_id is None or message.priority == 0:
        return True
    locks.advisory(name="members.mail_quota", key=message.community_id)
    # None waits longer than the whole backlog takes: so far back the index by time is walked.
    lately = Message.objects.filter(
        community_id=message.community_id, created_at__gt=at - (mail.BACKLOG + 2) * WINDOW, priority__gt=0
    )
    gone = lately.filter(Q(handed_at__gt=at - WINDOW) | Q(state=State.SENDING))
    return gone.count() < mail.quota(message.community, at=at)


def _text(said: bytes | str) -> str:
    return said.decode(errors="replace") if isinstance(said, bytes) else said
