"""The janitor: asks providers again what they left unsaid of attempts and refunds, with the same key; in the end an operator is
called."""

import logging
from datetime import datetime, timedelta

from commerce.models import Invoice, PaymentAttempt, Refund
from commerce.providers import base
from commerce.services import attempts, outcomes, refunds
from commerce.services.attempts import DELAYS
from kernel.errors import Refused
from kernel.locks import none_open
from members.actors import Actor

log = logging.getLogger(__name__)

#: How long one who asks keeps others from asking the same, and how many are asked in one run.
LEASE, PORTION = timedelta(minutes=5), 200


def ask_due(*, at: datetime, by: Actor) -> int:
    """Ask of every attempt whose time has come; how many those were. Several may do so at once."""
    none_open()
    due = PaymentAttempt.objects.filter(next_ask_at__lte=at).order_by("next_ask_at", "pk")
    asked = 0
    for pk in list(due.values_list("pk", flat=True)[:PORTION]):
        if not PaymentAttempt.objects.filter(pk=pk, next_ask_at__lte=at).update(next_ask_at=at + LEASE):
            continue
        asked += 1
        attempt = PaymentAttempt.objects.get(pk=pk)
        try:
            _ask(attempt, at, by)
        except Exception:
            # One that cannot be asked keeps nobody else waiting; its lease ends, and it is asked again.
            log.exception("Attempt %s could not be asked for.", pk)
    return asked


def ask_refunds_due(*, at: datetime, by: Actor) -> int:
    """The same of every refund whose time has come."""
    none_open()
    due = Refund.objects.filter(next_ask_at__lte=at).order_by("next_ask_at", "pk")
    asked = 0
    for pk in list(due.values_list("pk", flat=True)[:PORTION]):
        if not Refund.objects.filter(pk=pk, next_ask_at__lte=at).update(next_ask_at=at + LEASE):
            continue
        asked += 1
        refund = Refund.objects.select_related("payment").get(pk=pk)
        try:
            refund = refunds.refresh(refund, at=at, by=by)
        except Exception:
            log.exception("Refund %s could not be asked for.", pk)
            continue
        row = Refund.objects.filter(pk=pk, state__in=refunds.LIVE)
        asks = refund.asks + 1
        if asks < len(DELAYS):
            row.update(asks=asks, next_ask_at=at + DELAYS[asks])
        else:
            row.update(asks=asks, next_ask_at=None, given_up_at=at)
    return asked


def ask_again(attempt: PaymentAttempt, *, at: datetime, by: Actor) -> PaymentAttempt:
    """An operator's asking, whenever they like. The state may stay as it is."""
    _ask(attempt, at, by)
    attempt.refresh_from_db()
    return attempt


def _ask(attempt: PaymentAttempt, at: datetime, by: Actor) -> None:
    attempt = attempts.whole(attempt)
    if not attempt.is_live:
        return
    wanted = attempt.invoice.status == Invoice.Status.OPEN
    if wanted:
        found = attempts.asked(attempt)
        if found is not None and found.state is not base.State.ABSENT:
            attempt = outcomes.apply(attempt, found, at=at, by=by)
        elif found is not None and attempt.kind == attempts.Kind.OFF_SESSION:
            # It never heard of it, or not yet: told once more, with the same key.
            attempt = attempts.ask_to_charge(attempt, at=at, by=by)
    last = attempt.asks + 1 >= len(DELAYS)
    if attempt.is_live and (not wanted or (last and attempt.kind == attempts.Kind.CHECKOUT)):
        try:
            attempts.close(attempt, at=at, by=by)
        except Refused:
            log.warning("Attempt %s cannot be closed yet.", attempt.pk)
    _wait(attempt, at)


def _wait(attempt: PaymentAttempt, at: datetime) -> None:
    """When it is asked again, if it is still on its way."""
    row = PaymentAttempt.objects.filter(pk=attempt.pk, state__in=PaymentAttempt.LIVE)
    asks = attempt.asks + 1
    if asks < len(DELAYS):
        row.update(asks=asks, next_ask_at=at + DELAYS[asks])
    else:
        row.filter(given_up_at=None).update(asks=asks, next_ask_at=None, given_up_at=at)
        row.update(next_ask_at=None)
