"""What providers send us word of: proven, kept, acknowledged; and only then acted on, by a worker who asks the provider
what is true. A word may come late, twice, in any order or never: none of it matters."""

import logging
from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Q, QuerySet

from commerce import sealing
from commerce.models import PaymentAttempt, ProviderAccount, ProviderEvent, Refund
from commerce.providers import base
from commerce.providers.base import BadSignature, Event, ProviderDown, ProviderRefused, Subject
from commerce.services import accounts, attempts, disputes, outcomes, refunds
from kernel import tasks
from kernel.locks import none_open
from kernel.money import LARGEST
from members.actors import Actor

log = logging.getLogger(__name__)

#: Who handles a word keeps others from it so long; how many are handled in one run.
LEASE, PORTION = timedelta(minutes=2), 200
#: What is noted of a word about a payment that was not asked for here.
NOT_OURS = "not_ours"


class Foreign(Exception):
    """Proven to be the provider's, and about something that is not this account's, or not as it is claimed."""


def take(
    account: ProviderAccount, headers: Mapping[str, str], body: bytes, *, at: datetime
) -> tuple[int, str, bytes]:
    """Keep the events of a message and say what the provider is to be answered. `headers` are by lower-case name.

    Raises `BadSignature` for what the provider did not send, `Foreign` for claims that are wrong; nothing is kept then.
    """
    rail = accounts.adapter(account)
    try:
        events = rail.parse_webhook(headers, body, at)
    except BadSignature:
        raise
    except Exception:
        # Whatever it is, nobody has proven to have sent it.
        log.exception("A message to %s could not be read.", account.provider)
        raise BadSignature("not to be read") from None
    for event in events:
        _guard(account, event)
    known = set(
        account.events.filter(event_id__in=[event.event_id for event in events]).values_list(
            "event_id", flat=True
        )
    )
    fresh = [_row(account, event, at) for event in events if event.event_id not in known]
    if fresh:
        ProviderEvent.objects.bulk_create(fresh, ignore_conflicts=True)
        tasks.send("commerce.handle_events")
    return rail.acknowledge(True)


def handle_due(*, at: datetime, by: Actor) -> int:
    """Act on what was sent and nobody has acted on; how many those were. Several may do so at once."""
    none_open()
    due = ProviderEvent.objects.filter(next_try_at__lte=at).order_by("next_try_at", "pk")
    handled = 0
    for pk in list(due.values_list("pk", flat=True)[:PORTION]):
        if not ProviderEvent.objects.filter(pk=pk, next_try_at__lte=at).update(next_try_at=at + LEASE):
            continue
        handled += 1
        event = ProviderEvent.objects.select_related("account__community").get(pk=pk)
        try:
            _done(event, _act(event, at, by), at)
        except (ProviderDown, ProviderRefused, sealing.Unreadable) as trouble:
            _later(event, type(trouble).__name__, at)
        except Exception as trouble:
            log.exception("Event %s could not be handled.", pk)
            _later(event, type(trouble).__name__, at)
    return handled


def _act(event: ProviderEvent, at: datetime, by: Actor) -> str:
    """Do what the word is about, by what the provider says now. What was wrong with it, "" for nothing."""
    if event.subject == Subject.PAYMENT:
        attempt = _attempt(event.account, event.reference, event.provider_reference)
        if attempt is None:
            return NOT_OURS
        found = accounts.adapter(event.account).fetch_payment(attempt.reference, attempt.provider_reference)
        if found.state is base.State.ABSENT:
            raise ProviderDown("It knows of no such payment, and has sent word of it.")
        outcomes.apply(attempt, found, at=at, by=by)
    if event.subject == Subject.DISPUTE:
        dispute = accounts.adapter(event.account).fetch_dispute(event.provider_reference)
        attempt = _attempt(event.account, dispute.payment_reference, "")
        if attempt is None:
            return NOT_OURS
        disputes.heard(attempt, dispute, at=at, by=by)
    if event.subject == Subject.REFUND:
        for refund in _refunds(event).filter(state__in=refunds.LIVE):
            refunds.refresh(refund, at=at, by=by)
    return ""


def _attempt(account: ProviderAccount, reference: str, provider_reference: str) -> PaymentAttempt | None:
    rows = PaymentAttempt.objects.filter(account=account)
    key = _key(reference)
    if key is not None:
        return rows.filter(key=key).first()
    return rows.filter(provider_reference=provider_reference).first() if provider_reference else None


def _refunds(event: ProviderEvent) -> QuerySet[Refund]:
    """Those that a word may be about: a rail names the refund, in our words or in its own, or else the payment."""
    ours = event.reference.removeprefix("refund-")
    named = Q(payment__attempt__key=_key(event.reference)) if _key(event.reference) else Q(pk=None)
    if ours != event.reference and ours.isdecimal() and int(ours) <= LARGEST:
        named |= Q(pk=int(ours))
    if event.provider_reference:
        named |= Q(provider_reference=event.provider_reference)
    return Refund.objects.filter(named, payment__attempt__account=event.account)


def _key(reference: str) -> UUID | None:
    try:
        return UUID(hex=reference)
    except ValueError:
        return None


def _guard(account: ProviderAccount, event: Event) -> None:
    """Raises `Foreign` for what is said of another account's payment, or of another amount than was asked for."""
    texts = (event.event_id, event.kind, event.reference, event.provider_reference)
    if not event.event_id or any("\0" in text or len(text) > 200 for text in texts):
        raise Foreign("No event of that form.")
    if event.amount is not None and abs(event.amount.amount) > LARGEST:
        raise Foreign("No such amount.")
    key = _key(event.reference)
    attempt = PaymentAttempt.objects.filter(key=key).first() if key else None
    if attempt is None:
        return
    if attempt.account_id != account.pk:
        raise Foreign("A payment of another account.")
    if event.amount is None:
        return
    whole = event.subject == Subject.PAYMENT
    if event.amount.currency != attempt.currency or event.amount.amount > attempt.amount:
        raise Foreign("More or other money than was asked for.")
    if whole and event.amount.amount != attempt.amount:
        raise Foreign("Another amount than was asked for.")


def _row(account: ProviderAccount, event: Event, at: datetime) -> ProviderEvent:
    return ProviderEvent(
        account=account,
        event_id=event.event_id,
        kind=event.kind[:80],
        subject=event.subject.value,
        reference=event.reference,
        provider_reference=event.provider_reference,
        amount=event.amount.amount if event.amount else None,
        currency=event.amount.currency[:3] if event.amount else "",
        at=event.at,
        received_at=at,
        next_try_at=at,
    )


def _done(event: ProviderEvent, problem: str, at: datetime) -> None:
    rows = ProviderEvent.objects.filter(pk=event.pk)
    rows.update(handled_at=at, next_try_at=None, tries=event.tries + 1, problem=problem[:240])


def _later(event: ProviderEvent, problem: str, at: datetime) -> None:
    """Once more later, until an operator is to look."""
    tries = event.tries + 1
    next_try_at = at + attempts.DELAYS[event.tries] if event.tries < len(attempts.DELAYS) else None
    ProviderEvent.objects.filter(pk=event.pk).update(
        tries=tries, next_try_at=next_try_at, problem=problem[:240]
    )
