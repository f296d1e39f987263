"""What this app holds on a person. Money records stay, under the bare number; who they name is taken out."""

from collections.abc import Iterator
from datetime import datetime

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from commerce.models import (
    BankLine,
    CouponUse,
    Gift,
    Invoice,
    Mandate,
    Order,
    Payment,
    PaymentAttempt,
    ReferralReward,
    Seat,
    Subscription,
)
from kernel import person_data
from kernel.person_data import Person, Table, table

PLACE = "community__slug"


def register() -> None:
    person_data.add(
        "dues",
        label=_("Your dues"),
        fields=(
            "commerce.Subscription.membership",
            "commerce.CouponUse.membership",
            "commerce.Seat.membership",
            "commerce.Mandate.membership",
        ),
        export=dues,
        erase=erase_dues,
    )
    person_data.add(
        "payments",
        label=_("Your invoices and payments"),
        fields=(
            "commerce.Invoice.membership",
            "commerce.Payment.membership",
            "commerce.Order.membership",
            "commerce.ReferralReward.inviter",
            "commerce.ReferralReward.invitee",
        ),
        export=payments,
        erase=erase_payments,
    )
    person_data.add(
        "gifts",
        label=_("Gifts you gave and received"),
        fields=("commerce.Gift.giver", "commerce.Gift.redeemed_by"),
        export=gifts,
        erase=erase_gifts,
    )
    person_data.keep(
        "commerce.Entry.membership",
        "Books are kept by law; an entry names a member by its bare number alone.",
    )
    for model, reason in (
        ("Plan", "What a community asks for; it says nothing about anybody."),
        ("MoneySettings", "What a community says of itself on its invoices."),
        ("ProviderAccount", "The community's own keys, encrypted; they say nothing about members."),
        (
            "PaymentAttempt",
            "How an invoice was to be paid; what the provider was told is emptied when it is settled, and on erasure.",
        ),
        ("ReconciliationRun", "Sums of a provider's books and ours, and why they could not be had."),
        ("SubscriptionChange", "What was contracted when; the subscription's member is named there alone."),
        (
            "BankLine",
            "What a bank says of money that came, until it is booked or set aside; emptied with the payment it became.",
        ),
        ("CreditNote", "Amounts of an invoice's lines by their position, and a reason of staff."),
    ):
        person_data.stand_beside(f"commerce.{model}", reason)


def dues(person: Person) -> Iterator[Table]:
    mine = {"membership_id__in": person.membership_ids}
    yield table(
        "subscriptions",
        Subscription.objects.filter(**mine),
        (
            PLACE, "plan__name", "kind", "status", "amount", "currency", "quantity", "period_start", "period_end",
            "started_at", "cancelled_at", "cancel_reason", "ended_on", "cause",
        ),
    )  # fmt: skip
    yield table("coupons", CouponUse.objects.filter(**mine), ("coupon__code", "used_at", "periods_used"))
    yield table("seats", Seat.objects.filter(**mine), ("email", "made_at", "taken_at", "ended_at"))
    yield table(
        "means_of_payment",
        Mandate.objects.filter(**mine),
        ("account__provider", "label", "made_at", "ended_at"),
    )


def erase_dues(person: Person, at: datetime) -> None:
    mine = {"membership_id__in": person.membership_ids}
    Mandate.objects.filter(**mine).exclude(reference__startswith="erased-").update(label="", payer="")
    Mandate.objects.filter(**mine, ended_at=None).update(ended_at=at)
    Subscription.objects.filter(**mine).exclude(cancel_reason="").update(cancel_reason="")
    Seat.objects.filter(Q(**mine) | Q(email__in=person.addresses)).update(email="")


def payments(person: Person) -> Iterator[Table]:
    mine = {"membership_id__in": person.membership_ids}
    yield table(
        "invoices",
        Invoice.objects.filter(**mine),
        (
            PLACE, "series", "year", "sequence", "status", "currency", "net", "tax", "gross", "credit_used", "due_on",
            "issued_at", "paid_at", "billed_to",
        ),
    )  # fmt: skip
    yield table(
        "payments",
        Payment.objects.filter(**mine),
        (PLACE, "method", "amount", "currency", "refunded", "paid_at", "kind", "note"),
    )
    yield table(
        "orders",
        Order.objects.filter(**mine),
        (PLACE, "title", "state", "amount", "currency", "made_at", "paid_at", "ended_at", "reason"),
    )
    yield table(
        "payments_on_their_way",
        # Whoever holds the link may pay for them: what a provider is told of that one is not theirs.
        PaymentAttempt.objects.filter(invoice__membership_id__in=person.membership_ids, asked__own=True),
        ("account__community__slug", "account__provider", "amount", "currency", "state", "made_at", "asked"),
    )
    yield table(
        "rewards",
        ReferralReward.objects.filter(inviter_id__in=person.membership_ids),
        (PLACE, "amount", "currency", "state", "made_at", "held_until"),
    )


def erase_payments(person: Person, at: datetime) -> None:
    mine = {"membership_id__in": person.membership_ids}
    Invoice.objects.filter(**mine).exclude(billed_to={}).update(billed_to={})
    Payment.objects.filter(**mine).exclude(note="").update(note="")
    Order.objects.filter(**mine).exclude(reason="").update(reason="")
    lines = BankLine.objects.filter(payment__membership_id__in=person.membership_ids)
    lines.exclude(text="", counterparty="").update(text="", counterparty="")
    theirs = PaymentAttempt.objects.filter(invoice__membership_id__in=person.membership_ids)
    theirs.exclude(asked={}).update(asked={})


def gifts(person: Person) -> Iterator[Table]:
    yield table(
        "gifts_given",
        Gift.objects.filter(giver_id__in=person.membership_ids),
        (
            PLACE,
            "plan__name",
            "periods",
            "recipient_name",
            "recipient_email",
            "message",
            "made_at",
            "redeemed_at",
        ),
    )
    yield table(
        "gifts_received",
        Gift.objects.filter(redeemed_by_id__in=person.membership_ids),
        (PLACE, "plan__name", "periods", "message", "redeemed_at"),
    )


def erase_gifts(person: Person, at: datetime) -> None:
    given = Gift.objects.filter(giver_id__in=person.membership_ids)
    given.update(recipient_name="", message="")
    # Who was to receive it can be erased too, by the address alone.
    theirs = Q(redeemed_by_id__in=person.membership_ids) | Q(recipient_email__in=person.addresses)
    Gift.objects.filter(theirs | Q(giver_id__in=person.membership_ids)).update(
        recipient_name="", recipient_email="", message=""
    )
