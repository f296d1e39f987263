"""What our books have of an account, to be laid beside the provider's."""

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from itertools import islice
from uuid import UUID

from django.db.models import Q, QuerySet

from commerce.comparing import Here, Judged
from commerce.models import Dispute, Payment, PaymentAttempt, ProviderAccount, Refund
from commerce.providers.base import LineKind
from kernel.money import Money

#: Names that are looked for at once.
PORTION = 2_000
HEX = 32


def ours(account: ProviderAccount, judged: Judged, names: Collection[str]) -> list[Here]:
    """Everything that our books have within what is judged, and all that the provider's lines name, whenever it was."""
    return [
        *_payments(account, judged, names),
        *_refunds(account, judged, names),
        *_disputes(account, judged, names),
    ]


def earliest(account: ProviderAccount, judged: Judged) -> datetime:
    """The first moment at which the provider can have written down what is judged of ours."""
    return min((one.begun_at for one in ours(account, judged, ())), default=judged.since)


def attempts_named(account: ProviderAccount, names: Collection[str]) -> "QuerySet[PaymentAttempt]":
    keys = [UUID(name) for name in names if len(name) == HEX and _is_hex(name)]
    others = [name for name in names if name]
    return PaymentAttempt.objects.filter(Q(key__in=keys) | Q(provider_reference__in=others), account=account)


def _payments(account: ProviderAccount, judged: Judged, names: Collection[str]) -> Iterator[Here]:
    within = Payment.objects.filter(
        account=account,
        method=Payment.Method.PROVIDER,
        paid_at__gte=judged.since,
        paid_at__lt=judged.ours_until,
        attempt__isnull=False,
    )
    told: set[int] = set()
    for payment in within.select_related("attempt"):
        assert payment.attempt is not None
        told.add(payment.attempt.pk)
        yield _paid(payment.attempt, payment)
    for some in _portions(names):
        for attempt in attempts_named(account, some).select_related("payment"):
            if attempt.pk in told:
                continue
            told.add(attempt.pk)
            came: Payment | None = getattr(attempt, "payment", None)
            yield _paid(attempt, came) if came else _asked(attempt)


def _paid(attempt: PaymentAttempt, payment: Payment) -> Here:
    return Here(
        LineKind.PAYMENT,
        attempt.pk,
        (attempt.reference, attempt.provider_reference),
        payment.money,
        payment.paid_at,
        min(attempt.made_at, payment.paid_at),
        fee=None if payment.fee is None else Money(payment.fee, payment.currency),
        payment=payment.pk,
    )


def _asked(attempt: PaymentAttempt) -> Here:
    names = (attempt.reference, attempt.provider_reference)
    return Here(
        LineKind.PAYMENT, attempt.pk, names, attempt.money, attempt.made_at, attempt.made_at, done=False
    )


def _refunds(account: ProviderAccount, judged: Judged, names: Collection[str]) -> Iterator[Here]:
    rows = Refund.objects.filter(payment__account=account, to_credit=False)
    within = rows.filter(
        state=Refund.State.SUCCEEDED, settled_at__gte=judged.since, settled_at__lt=judged.ours_until
    )
    found = {one.pk: one for one in within}
    for some in _portions(names):
        keys = [
            int(number)
            for name in some
            if (number := name.removeprefix("refund-")).isdecimal() and number != name
        ]
        named = Q(pk__in=[key for key in keys if key < 2**63]) | Q(
            provider_reference__in=[name for name in some if name]
        )
        found |= {one.pk: one for one in rows.filter(named)}
    for one in found.values():
        yield Here(
            LineKind.REFUND,
            one.pk,
            (one.idem, one.provider_reference),
            one.money,
            one.settled_at or one.made_at,
            one.made_at,
            done=one.state == Refund.State.SUCCEEDED,
            payment=one.payment_id,
        )


def _disputes(account: ProviderAccount, judged: Judged, names: Collection[str]) -> Iterator[Here]:
    rows = Dispute.objects.filter(account=account).exclude(amount=0)
    since, until = judged.since, judged.ours_until
    opened = Q(opened_at__gte=since, opened_at__lt=until)
    found = {one.pk: one for one in rows.filter(opened | Q(decided_at__gte=since, decided_at__lt=until))}
    for some in _portions(names):
        found |= {one.pk: one for one in rows.filter(provider_reference__in=[name for name in some if name])}
    for one in found.values():
        money = Money(one.amount, one.currency)
        who = (one.pk, (one.provider_reference,), money)
        yield Here(LineKind.DISPUTE, *who, one.opened_at, one.opened_at, payment=one.payment_id)
        yield Here(
            LineKind.DISPUTE_REVERSED,
            *who,
            one.decided_at or one.opened_at,
            one.opened_at,
            done=one.state == Dispute.State.WON,
            payment=one.payment_id,
        )


def _portions(names: Collection[str]) -> Iterator[Sequence[str]]:
    told = iter(names)
    while some := list(islice(told, PORTION)):
        yield some


def _is_hex(name: str) -> bool:
    try:
        int(name, 16)
    except ValueError:
        return False
    return name.isalnum()
