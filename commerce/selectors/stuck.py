"""What nobody finished: payments, refunds and words of providers that wait for a person."""

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from commerce.models import Payment, PaymentAttempt, ProviderEvent, Refund, Subscription, SubscriptionChange

Status = Subscription.Status


def attempts(community_id: int) -> QuerySet[PaymentAttempt]:
    """Of which no provider ever said what became of them, or which were paid with something else."""
    rows = PaymentAttempt.objects.filter(
        invoice__community_id=community_id, given_up_at__isnull=False, state__in=PaymentAttempt.LIVE
    )
    return rows.select_related("invoice__membership", "account").order_by("given_up_at", "id")


def refunds(community_id: int) -> QuerySet[Refund]:
    rows = Refund.objects.filter(community_id=community_id, given_up_at__isnull=False)
    return rows.select_related("payment__membership", "payment__account").order_by("given_up_at", "id")


def events(community_id: int) -> QuerySet[ProviderEvent]:
    """Words that could not be acted on, however often it was tried."""
    rows = ProviderEvent.objects.filter(account__community_id=community_id, handled_at=None, next_try_at=None)
    return rows.select_related("account").order_by("received_at", "id")


def payments(community_id: int) -> QuerySet[Payment]:
    """Money that paid for what had ended before it came, or for a tier in which no place was left; until somebody sends it
    back, or says what becomes of it."""
    of = OuterRef("invoice__subscription")
    ended = SubscriptionChange.objects.filter(
        subscription=of, kind=SubscriptionChange.Kind.ENDED, at__lt=OuterRef("recorded_at")
    )
    later = Payment.objects.filter(invoice__subscription=of, surplus=False, id__gt=OuterRef("id"))
    elsewhere = ~Q(membership__tier=F("invoice__subscription__plan__tier")) & ~Exists(later)
    rows = Payment.objects.of(community_id).filter(
        Q(invoice__subscription__status=Status.ENDED) & Exists(ended)
        | Q(invoice__subscription__status=Status.ACTIVE, membership__merged_into=None) & elsewhere,
        surplus=False,
        reversed_at=None,
        looked_at=None,
        refunded=0,
        refunding=0,
    )
    return rows.select_related("membership__tier", "invoice__subscription__plan__tier").order_by(
        "paid_at", "id"
    )
