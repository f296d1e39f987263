import uuid
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from kernel.money import Money


class ReconciliationRun(models.Model):
    """One comparison of an account's own books with ours: once on each day of the community's. Lines from `since` to
    `until` were judged. `sums` are what both sides come to: {"currency", "kind", "here", "there"}, each (how many, amount).
    """

    account = models.ForeignKey("commerce.ProviderAccount", models.CASCADE, related_name="runs")
    day = models.DateField()
    since = models.DateTimeField()
    until = models.DateTimeField()
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    problem = models.CharField(max_length=300, blank=True)
    lines = models.PositiveIntegerField(default=0)
    #: What was found missing here, and was there once the provider was asked for it.
    taken_over = models.PositiveIntegerField(default=0)
    sums: Any = models.JSONField(default=list)

    class Meta:
        ordering = ["-day"]
        constraints = [models.UniqueConstraint(fields=["account", "day"], name="reconciled_once_a_day")]


class DifferenceQuerySet(models.QuerySet["Difference"]):
    def of(self, community_id: int) -> "DifferenceQuerySet":
        return self.filter(account__community_id=community_id)

    def open(self) -> "DifferenceQuerySet":
        """Those that wait for somebody: neither gone by themselves nor settled."""
        return self.filter(gone_at=None, settled_at=None)


class Difference(models.Model):
    """Something on which a provider's books and ours disagree. It is carried on from night to night until it is gone by
    itself, or staff settle it with a reason; what was settled is not raised again. `mark` says which one it is."""

    class Kind(models.TextChoices):
        MISSING_HERE = "missing_here", pgettext_lazy("a difference of books", "Missing here")
        MISSING_THERE = "missing_there", pgettext_lazy("a difference of books", "Missing there")
        AMOUNT = "amount", pgettext_lazy("a difference of books", "Another amount")
        CURRENCY = "currency", pgettext_lazy("a difference of books", "Another currency")
        FEE = "fee", pgettext_lazy("a difference of books", "Another fee")
        TWICE = "twice", pgettext_lazy("a difference of books", "Twice there")
        STATE = "state", pgettext_lazy("a difference of books", "Not as far here")

    class Subject(models.TextChoices):
        PAYMENT = "payment", pgettext_lazy("what books differ on", "Payment")
        REFUND = "refund", pgettext_lazy("what books differ on", "Refund")
        DISPUTE = "dispute", pgettext_lazy("what books differ on", "Dispute")
        DISPUTE_REVERSED = "dispute_reversed", pgettext_lazy("what books differ on", "Dispute won")

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    account = models.ForeignKey("commerce.ProviderAccount", models.CASCADE, related_name="differences")
    kind = models.CharField(max_length=13, choices=Kind.choices)
    subject = models.CharField(max_length=16, choices=Subject.choices)
    mark = models.CharField(max_length=300)
    provider_reference = models.CharField(max_length=200, blank=True)
    payment = models.ForeignKey("commerce.Payment", models.CASCADE, null=True, related_name="differences")
    here = models.BigIntegerField(null=True)
    here_currency = models.CharField(max_length=3, blank=True)
    there = models.BigIntegerField(null=True)
    there_currency = models.CharField(max_length=3, blank=True)
    at = models.DateTimeField()
    found_at = models.DateTimeField()
    gone_at = models.DateTimeField(null=True)
    settled_at = models.DateTimeField(null=True)
    reason = models.CharField(_("reason"), max_length=240, blank=True)

    objects = DifferenceQuerySet.as_manager()

    class Meta:
        ordering = ["at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["account", "mark"], condition=Q(gone_at=None), name="difference_carried_once"
            )
        ]

    @property
    def ours(self) -> Money | None:
        return None if self.here is None else Money(self.here, self.here_currency)

    @property
    def theirs(self) -> Money | None:
        return None if self.there is None else Money(self.there, self.there_currency)


class ProviderMovement(models.Model):
    """What moved with a provider beside payments: a payout to the bank, and fees that are no payment's. Known only from the
    provider's own books, and posted from them; `amount` is signed as its balance moved."""

    account = models.ForeignKey("commerce.ProviderAccount", models.CASCADE, related_name="movements")
    line_id = models.CharField(max_length=200)
    kind = models.CharField(max_length=16)
    amount = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "line_id", "kind"], name="movement_taken_once")
        ]
