import uuid
from typing import Any

from django.db import models
from django.db.models import Q
from django.db.models.expressions import RawSQL
from django.utils.translation import pgettext_lazy


class Account(models.TextChoices):
    """The accounts of every community's ledger. A debit is positive, a credit negative."""

    RECEIVABLE = "receivable", pgettext_lazy("account of the ledger", "Receivable")
    CLEARING = "clearing", pgettext_lazy("account of the ledger", "Provider clearing")
    BANK = "bank", pgettext_lazy("account of the ledger", "Bank and cash")
    DEFERRED = "deferred", pgettext_lazy("account of the ledger", "Deferred revenue")
    REVENUE = "revenue", pgettext_lazy("account of the ledger", "Revenue")
    TAX = "tax", pgettext_lazy("account of the ledger", "Tax payable")
    FEES = "fees", pgettext_lazy("account of the ledger", "Provider fees")
    REFUNDS = "refunds", pgettext_lazy("account of the ledger", "Refunds payable")
    DISPUTES = "disputes", pgettext_lazy("account of the ledger", "Held for disputes")
    CREDIT = "credit", pgettext_lazy("account of the ledger", "Member credit")
    DISCOUNT = "discount", pgettext_lazy("account of the ledger", "Coupon discount")
    REWARD = "reward", pgettext_lazy("account of the ledger", "Referral reward")


class TransactionQuerySet(models.QuerySet["Transaction"]):
    def of(self, community_id: int) -> "TransactionQuerySet":
        return self.filter(community_id=community_id)


class Transaction(models.Model):
    """One posting. Its entries sum to zero in each currency when its database transaction ends, which is the only one that
    can add to it: triggers see to it, and refuse every change and removal. The same source is posted once for each kind.
    """

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    community = models.ForeignKey("communities.Community", models.PROTECT, related_name="transactions")
    kind = models.CharField(max_length=30)
    source_type = models.CharField(max_length=30)
    source_id = models.BigIntegerField()
    day = models.DateField()
    at = models.DateTimeField()
    #: A transaction that takes this one back points at it.
    reverses = models.OneToOneField("self", models.PROTECT, null=True, related_name="reversed_by")
    written_in: Any = models.BigIntegerField(
        db_default=RawSQL("(pg_current_xact_id()::text)::bigint", ()), editable=False
    )

    objects = TransactionQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["source_type", "source_id", "kind"], name="ledger_posted_once")
        ]
        indexes = [models.Index(fields=["community", "day", "id"], name="ledger_by_day")]

    def __str__(self) -> str:
        return f"{self.kind} {self.source_type} {self.source_id}"


class Entry(models.Model):
    """One side of a posting: `amount` in the currency's smallest units, a debit positive, a credit negative."""

    transaction = models.ForeignKey(Transaction, models.PROTECT, related_name="entries")
    community = models.ForeignKey("communities.Community", models.PROTECT, related_name="+", db_index=False)
    account = models.CharField(max_length=12, choices=Account.choices)
    currency = models.CharField(max_length=3)
    amount = models.BigIntegerField()
    day = models.DateField()
    membership = models.ForeignKey(
        "members.Membership", models.PROTECT, null=True, related_name="+", db_index=False
    )
    provider_account = models.ForeignKey(
        "commerce.ProviderAccount", models.PROTECT, null=True, related_name="+", db_index=False
    )

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(amount=0), name="ledger_entry_is_of_something")]
        indexes = [
            models.Index(fields=["community", "account", "currency", "day"], name="ledger_statement"),
            models.Index(
                fields=["membership", "account", "currency"],
                condition=Q(membership__isnull=False),
                name="ledger_of_member",
            ),
        ]
