import uuid
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db import models
from django.db.models import F, Q
from django.utils.crypto import get_random_string
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from kernel.money import Money


def pay_token() -> str:
    """What a pay link ends with: nobody guesses it."""
    return get_random_string(32)


class NumberSeries(models.Model):
    """The last number of a series in a year of a community. The row is locked while the next one is given, in the
    transaction that writes what is numbered: so numbers have no gap."""

    community = models.ForeignKey("communities.Community", models.CASCADE, related_name="number_series")
    series = models.CharField(max_length=10)
    year = models.PositiveSmallIntegerField()
    last = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["community", "series", "year"], name="number_series_once")
        ]


class InvoiceQuerySet(models.QuerySet["Invoice"]):
    def of(self, community_id: int) -> "InvoiceQuerySet":
        return self.filter(community_id=community_id)

    def unpaid(self) -> "InvoiceQuerySet":
        return self.filter(status=Invoice.Status.OPEN)


class Invoice(models.Model):
    """What a member owes, final from the moment it has its number: a trigger refuses to change what it says.

    Amounts are in the smallest units of `currency`: `net + tax = gross`, and `due` is what is left of `gross` after
    `credit_used`. `seller` and `billed_to` are as they were then. `period_start` to `period_end` are the days it is for.
    `billed_to` alone can be emptied, when a person is erased.
    """

    class Status(models.TextChoices):
        OPEN = "open", pgettext_lazy("invoice", "To be paid")
        PAID = "paid", pgettext_lazy("invoice", "Paid")
        VOID = "void", pgettext_lazy("invoice", "Void")

    class Reason(models.TextChoices):
        PERIOD = "period", pgettext_lazy("what an invoice is for", "Dues")
        CHANGE = "change", pgettext_lazy("what an invoice is for", "Change of plan")
        GIFT = "gift", pgettext_lazy("what an invoice is for", "Gift")
        ORDER = "order", pgettext_lazy("what an invoice is for", "Order")
        OTHER = "other", pgettext_lazy("what an invoice is for", "Other")

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    community = models.ForeignKey("communities.Community", models.CASCADE, related_name="invoices")
    membership = models.ForeignKey("members.Membership", models.RESTRICT, related_name="invoices")
    subscription = models.ForeignKey(
        "commerce.Subscription", models.RESTRICT, null=True, related_name="invoices"
    )
    gift = models.OneToOneField("commerce.Gift", models.RESTRICT, null=True, related_name="invoice")
    order = models.ForeignKey("commerce.Order", models.RESTRICT, null=True, related_name="invoices")
    reason = models.CharField(max_length=10, choices=Reason.choices)
    status = models.CharField(_("status"), max_length=6, choices=Status.choices, default=Status.OPEN)
    series = models.CharField(max_length=10)
    year = models.PositiveSmallIntegerField()
    sequence = models.PositiveIntegerField()
    currency = models.CharField(max_length=3)
    net = models.BigIntegerField()
    tax = models.BigIntegerField()
    gross = models.BigIntegerField()
    credit_used = models.BigIntegerField(default=0)
    period_start = models.DateField(null=True)
    period_end = models.DateField(null=True)
    due_on = models.DateField()
    issued_at = models.DateTimeField()
    paid_at = models.DateTimeField(null=True)
    voided_at = models.DateTimeField(null=True)
    void_reason = models.CharField(max_length=240, blank=True)
    pay_token = models.CharField(max_length=32, unique=True, default=pay_token, editable=False)
    language = models.CharField(max_length=10)
    seller: Any = models.JSONField(default=dict)
    billed_to: Any = models.JSONField(default=dict)
    # The ladder of what is late: how often it was tried or asked for, and what comes next.
    tries = models.PositiveSmallIntegerField(default=0)
    tried_on = models.DateField(null=True)
    needs_other_means = models.BooleanField(default=False)
    extended_to = models.DateField(null=True)
    next_at = models.DateTimeField(null=True)

    objects = InvoiceQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["community", "series", "year", "sequence"], name="invoice_number_once"
            ),
            models.UniqueConstraint(
                fields=["subscription", "period_start"],
                condition=Q(reason="period") & ~Q(status="void"),
                name="invoice_one_a_period",
            ),
            models.CheckConstraint(condition=Q(gross=F("net") + F("tax")), name="invoice_adds_up"),
            models.CheckConstraint(
                condition=Q(credit_used__gte=0, credit_used__lte=F("gross")), name="invoice_credit_within"
            ),
        ]
        indexes = [
            models.Index(fields=["membership", "-id"], name="invoice_of_member"),
            models.Index(fields=["community", "status", "due_on"], name="invoice_by_status"),
            models.Index(fields=["next_at"], condition=Q(next_at__isnull=False), name="invoice_clock"),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def number(self) -> str:
        """As it is printed: INV-2026-000123."""
        return f"{self.series}-{self.year}-{self.sequence:06d}"

    @property
    def due(self) -> Money:
        """What is to be paid, or was."""
        return Money(self.gross - self.credit_used, self.currency)

    @property
    def total(self) -> Money:
        return Money(self.gross, self.currency)

    @property
    def before_tax(self) -> Money:
        return Money(self.net, self.currency)

    @property
    def taxes(self) -> Money:
        return Money(self.tax, self.currency)

    @property
    def credit(self) -> Money:
        """What the member's credit took off, as it is written: negative."""
        return Money(-self.credit_used, self.currency)

    @property
    def last_day(self) -> date | None:
        """The last day it is for; None for life, and for what is for no days."""
        return self.period_end - timedelta(days=1) if self.period_end else None


class InvoiceLine(models.Model):
    """One thing on an invoice, in words as they were written then; negative for what is taken off.

    `starts_on` to `ends_on` are the days over which it is earned, both None for what is earned at once.
    """

    class Kind(models.TextChoices):
        DUES = "dues", pgettext_lazy("line of an invoice", "Dues")
        UNUSED = "unused", pgettext_lazy("line of an invoice", "Unused time")
        COUPON = "coupon", pgettext_lazy("line of an invoice", "Coupon")
        GIFT = "gift", pgettext_lazy("line of an invoice", "Gift")
        ITEM = "item", pgettext_lazy("line of an invoice", "Item")
        OTHER = "other", pgettext_lazy("line of an invoice", "Other")

    invoice = models.ForeignKey(Invoice, models.CASCADE, related_name="lines")
    position = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=6, choices=Kind.choices)
    words = models.CharField(max_length=240)
    quantity = models.PositiveIntegerField(default=1)
    tax_rate = models.PositiveIntegerField(default=0)
    net = models.BigIntegerField()
    tax = models.BigIntegerField()
    gross = models.BigIntegerField()
    starts_on = models.DateField(null=True)
    ends_on = models.DateField(null=True)

    class Meta:
        ordering = ["invoice", "position"]
        constraints = [
            models.UniqueConstraint(fields=["invoice", "position"], name="invoice_line_in_order"),
            models.CheckConstraint(condition=Q(gross=F("net") + F("tax")), name="invoice_line_adds_up"),
        ]

    @property
    def total(self) -> Money:
        return Money(self.gross, self.invoice.currency)

    @property
    def before_tax(self) -> Money:
        return Money(self.net, self.invoice.currency)

    @property
    def taxes(self) -> Money:
        return Money(self.tax, self.invoice.currency)

    @property
    def tax_share(self) -> Decimal:
        """0.06 for 6%."""
        return Decimal(self.tax_rate).scaleb(-4)


class Deferral(models.Model):
    """What was asked for and is still to be earned, day by day, of one invoice line: `amount` is net and signed,
    `recognised` what is earned of it so far. It begins when the invoice is paid; what is credited ends it early."""

    line = models.OneToOneField(InvoiceLine, models.CASCADE, related_name="deferral")
    community = models.ForeignKey("communities.Community", models.CASCADE, related_name="deferrals")
    currency = models.CharField(max_length=3)
    amount = models.BigIntegerField()
    recognised = models.BigIntegerField(default=0)
    #: What was credited before it could be earned.
    released = models.BigIntegerField(default=0)
    starts_on = models.DateField()
    ends_on = models.DateField()
    through = models.DateField(null=True)
    begun_at = models.DateTimeField(null=True)
    closed = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(ends_on__gt=F("starts_on")), name="deferral_has_days"),
        ]
        indexes = [
            models.Index(
                fields=["community", "starts_on"],
                condition=Q(closed=False, begun_at__isnull=False),
                name="deferral_open",
            )
        ]


class CreditNote(models.Model):
    """What is taken back of a final invoice, in a series of its own and as final; `lines` are the shares of the invoice's
    lines, by position: net, tax and gross each."""

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    community = models.ForeignKey("communities.Community", models.CASCADE, related_name="credit_notes")
    invoice = models.ForeignKey(Invoice, models.RESTRICT, related_name="credit_notes")
    series = models.CharField(max_length=10)
    year = models.PositiveSmallIntegerField()
    sequence = models.PositiveIntegerField()
    currency = models.CharField(max_length=3)
    net = models.BigIntegerField()
    tax = models.BigIntegerField()
    gross = models.BigIntegerField()
    reason = models.CharField(max_length=240)
    lines: Any = models.JSONField(default=list)
    issued_at = models.DateTimeField()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["community", "series", "year", "sequence"], name="credit_note_number_once"
            ),
            models.CheckConstraint(
                condition=Q(gross=F("net") + F("tax"), gross__gt=0), name="credit_note_adds_up"
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def number(self) -> str:
        return f"{self.series}-{self.year}-{self.sequence:06d}"

    @property
    def total(self) -> Money:
        return Money(self.gross, self.currency)
