import uuid
from typing import Any

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from kernel.money import Money


class Mandate(models.Model):
    """A means of payment that a member left with a provider, to be charged while they are away."""

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    membership = models.ForeignKey("members.Membership", models.RESTRICT, related_name="mandates")
    account = models.ForeignKey("commerce.ProviderAccount", models.RESTRICT, related_name="mandates")
    reference = models.CharField(max_length=200)
    payer = models.CharField(max_length=200, blank=True)
    label = models.CharField(max_length=120, blank=True)
    made_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["account", "reference", "membership"], name="mandate_once")
        ]


class PaymentAttempt(models.Model):
    """One try to have an invoice paid, written before the provider hears of it: so that whatever becomes of the answer,
    we know that we asked. At most one of an invoice is on its way at a time.

    The provider knows it by `reference`, and by the idempotency key `pay-<id>`. A time-out is `unknown`, never failed: it
    is asked again at `next_ask_at`, and after the last asking an operator is (`given_up_at`).
    """

    class Kind(models.TextChoices):
        CHECKOUT = "checkout", pgettext_lazy("payment attempt", "Paid by the member")
        OFF_SESSION = "off_session", pgettext_lazy("payment attempt", "Charged by itself")

    class State(models.TextChoices):
        CREATED = "created", pgettext_lazy("payment attempt", "Asked for")
        PENDING = "pending", pgettext_lazy("payment attempt", "On its way")
        REQUIRES_ACTION = "requires_action", pgettext_lazy("payment attempt", "To be confirmed")
        UNKNOWN = "unknown", pgettext_lazy("payment attempt", "No answer yet")
        SUCCEEDED = "succeeded", pgettext_lazy("payment attempt", "Paid")
        DECLINED = "declined", pgettext_lazy("payment attempt", "Declined")
        CANCELLED = "cancelled", pgettext_lazy("payment attempt", "Closed")

    LIVE = ("created", "pending", "requires_action", "unknown")

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    invoice = models.ForeignKey("commerce.Invoice", models.RESTRICT, related_name="attempts")
    account = models.ForeignKey("commerce.ProviderAccount", models.RESTRICT, related_name="attempts")
    kind = models.CharField(max_length=11, choices=Kind.choices)
    state = models.CharField(max_length=15, choices=State.choices, default=State.CREATED)
    hard = models.BooleanField(default=False)
    decline_code = models.CharField(max_length=80, blank=True)
    amount = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    surface = models.CharField(max_length=10, blank=True)
    save_mandate = models.BooleanField(default=False)
    mandate = models.ForeignKey(Mandate, models.SET_NULL, null=True, related_name="attempts")
    provider_reference = models.CharField(max_length=200, blank=True)
    #: What the provider was told besides the amount, to be told again in the same words; emptied once it is settled.
    asked: Any = models.JSONField(default=dict)
    #: When it was last told to act, for its answer may still be on its way.
    called_at = models.DateTimeField(null=True)
    #: How the payer is to pay, as `providers.wire` writes it down.
    presentation: Any = models.JSONField(null=True)
    action_url = models.CharField(max_length=2000, blank=True)
    made_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)
    asks = models.PositiveSmallIntegerField(default=0)
    next_ask_at = models.DateTimeField(null=True)
    given_up_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["invoice"],
                condition=Q(state__in=["created", "pending", "requires_action", "unknown"]),
                name="attempt_one_on_its_way",
            ),
            models.CheckConstraint(condition=Q(amount__gt=0), name="attempt_is_for_something"),
        ]
        indexes = [
            models.Index(
                fields=["next_ask_at"], condition=Q(next_ask_at__isnull=False), name="attempt_to_ask"
            ),
            models.Index(fields=["account", "provider_reference"], name="attempt_by_provider"),
        ]

    @property
    def reference(self) -> str:
        """How the provider knows it: 32 letters and digits, which every rail takes."""
        return self.key.hex

    @property
    def idem(self) -> str:
        return f"pay-{self.pk}"

    @property
    def money(self) -> Money:
        return Money(self.amount, self.currency)

    @property
    def is_live(self) -> bool:
        return self.state in self.LIVE


class PaymentQuerySet(models.QuerySet["Payment"]):
    def of(self, community_id: int) -> "PaymentQuerySet":
        return self.filter(community_id=community_id)


class Payment(models.Model):
    """Money that came. An invoice is paid by one of them; what came besides (`surplus`) is the member's credit.

    `refunded` went back, `refunding` is on its way back: together never more than came. `external_id` is an imported
    payment's own name; it has no invoice.
    """

    class Method(models.TextChoices):
        PROVIDER = "provider", pgettext_lazy("payment", "By a payment provider")
        BANK = "bank", pgettext_lazy("payment", "Bank transfer")
        CASH = "cash", pgettext_lazy("payment", "Cash")
        CREDIT = "credit", pgettext_lazy("payment", "From the credit")
        IMPORTED = "imported", pgettext_lazy("payment", "Imported")

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    community = models.ForeignKey("communities.Community", models.CASCADE, related_name="payments")
    membership = models.ForeignKey("members.Membership", models.RESTRICT, related_name="payments")
    invoice = models.ForeignKey("commerce.Invoice", models.RESTRICT, null=True, related_name="payments")
    attempt = models.OneToOneField(PaymentAttempt, models.RESTRICT, null=True, related_name="payment")
    account = models.ForeignKey(
        "commerce.ProviderAccount", models.RESTRICT, null=True, related_name="payments"
    )
    method = models.CharField(max_length=8, choices=Method.choices)
    surplus = models.BooleanField(default=False)
    amount = models.BigIntegerField(_("amount"))
    currency = models.CharField(max_length=3)
    fee = models.BigIntegerField(null=True)
    refunded = models.BigIntegerField(default=0)
    refunding = models.BigIntegerField(default=0)
    #: When staff said what becomes of it, where it came for what had ended, or for a tier that was full.
    looked_at = models.DateTimeField(null=True)
    #: When staff took back that it had come at all: a transfer confirmed by mistake.
    reversed_at = models.DateTimeField(null=True)
    paid_at = models.DateTimeField(_("paid"))
    recorded_at = models.DateTimeField()
    external_id = models.CharField(max_length=120, null=True)
    kind = models.CharField(max_length=40, blank=True)
    note = models.CharField(max_length=240, blank=True)

    objects = PaymentQuerySet.as_manager()

    class Meta:
        ordering = ["-paid_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["invoice"],
                condition=Q(surplus=False, reversed_at=None),
                name="payment_one_an_invoice",
            ),
            models.UniqueConstraint(fields=["community", "external_id"], name="payment_imported_once"),
            models.CheckConstraint(
                condition=Q(refunded__gte=0, refunding__gte=0, amount__gte=F("refunded") + F("refunding")),
                name="payment_never_refunded_beyond",
            ),
        ]
        indexes = [
            models.Index(fields=["community", "-paid_at", "-id"], name="payment_by_time"),
            models.Index(fields=["membership", "-paid_at"], name="payment_of_member"),
        ]

    @property
    def money(self) -> Money:
        return Money(self.amount, self.currency)


class Refund(models.Model):
    """Money on its way back, written before the provider hears of it. What it does to the membership is said with it."""

    class State(models.TextChoices):
        CREATED = "created", pgettext_lazy("refund", "Asked for")
        PENDING = "pending", pgettext_lazy("refund", "On its way")
        UNKNOWN = "unknown", pgettext_lazy("refund", "No answer yet")
        SUCCEEDED = "succeeded", pgettext_lazy("refund", "Sent back")
        FAILED = "failed", pgettext_lazy("refund", "Refused")

    class Then(models.TextChoices):
        KEEP = "keep", pgettext_lazy("what a refund does to the membership", "It goes on as it is")
        AT_END = "at_end", pgettext_lazy("what a refund does to the membership", "It ends with the period")
        NOW = "now", pgettext_lazy("what a refund does to the membership", "It ends now")

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    community = models.ForeignKey("communities.Community", models.CASCADE, related_name="refunds")
    payment = models.ForeignKey(Payment, models.RESTRICT, related_name="refunds")
    credit_note = models.OneToOneField(
        "commerce.CreditNote", models.RESTRICT, null=True, related_name="refund"
    )
    state = models.CharField(max_length=9, choices=State.choices, default=State.CREATED)
    amount = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    #: Into the member's credit instead of back the way it came.
    to_credit = models.BooleanField(default=False)
    then = models.CharField(max_length=6, choices=Then.choices)
    reason = models.CharField(max_length=240)
    provider_reference = models.CharField(max_length=200, blank=True)
    problem = models.CharField(max_length=240, blank=True)
    made_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)
    asks = models.PositiveSmallIntegerField(default=0)
    next_ask_at = models.DateTimeField(null=True)
    given_up_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-id"]
        constraints = [models.CheckConstraint(condition=Q(amount__gt=0), name="refund_is_of_something")]
        indexes = [
            models.Index(fields=["next_ask_at"], condition=Q(next_ask_at__isnull=False), name="refund_to_ask")
        ]

    @property
    def reference(self) -> str:
        return self.key.hex

    @property
    def idem(self) -> str:
        return f"refund-{self.pk}"

    @property
    def money(self) -> Money:
        return Money(self.amount, self.currency)


class Dispute(models.Model):
    """Money that a payer's bank took back until it is decided: `amount`, 0 while it has only asked. `then` is what staff chose
    for the membership, empty until they did; `credit_note` takes back what was asked for, once it is lost."""

    class State(models.TextChoices):
        OPEN = "open", pgettext_lazy("dispute", "To be decided")
        WON = "won", pgettext_lazy("dispute", "Won")
        LOST = "lost", pgettext_lazy("dispute", "Lost")

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    community = models.ForeignKey("communities.Community", models.CASCADE, related_name="disputes")
    payment = models.ForeignKey(Payment, models.RESTRICT, related_name="disputes")
    account = models.ForeignKey("commerce.ProviderAccount", models.RESTRICT, related_name="disputes")
    provider_reference = models.CharField(max_length=200)
    state = models.CharField(max_length=4, choices=State.choices, default=State.OPEN)
    amount = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    fee = models.BigIntegerField(null=True)
    reason = models.CharField(max_length=120, blank=True)
    then = models.CharField(max_length=6, choices=Refund.Then.choices, blank=True)
    credit_note = models.OneToOneField(
        "commerce.CreditNote", models.RESTRICT, null=True, related_name="dispute"
    )
    opened_at = models.DateTimeField()
    evidence_due_at = models.DateTimeField(null=True)
    decided_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-id"]
        constraints = [models.UniqueConstraint(fields=["account", "provider_reference"], name="dispute_once")]

    @property
    def money(self) -> Money:
        return Money(self.amount, self.currency)
