import uuid
from datetime import datetime

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from kernel.money import Money


class OrderQuerySet(models.QuerySet["Order"]):
    def of(self, community_id: int) -> "OrderQuerySet":
        return self.filter(community_id=community_id)


class Order(models.Model):
    """Something that was ordered and is kept until `held_until`, while it is paid for by its invoice (docs/adr/0033).

    `payable` says of what sort it is and `subject` which one (`kernel.payable`); `key` is what it is kept under there. What
    is to go back is sent by a worker from `refund_due_at` on. Its lines are those of its invoice, of which there is a
    second one where it was paid after the first had been taken back.
    """

    class State(models.TextChoices):
        HELD = "held", pgettext_lazy("order", "Kept while it is paid")
        PAID = "paid", pgettext_lazy("order", "Paid")
        EXPIRED = "expired", pgettext_lazy("order", "Not paid in time")
        CANCELLED = "cancelled", pgettext_lazy("order", "Called off")
        REFUNDED = "refunded", pgettext_lazy("order", "Paid back")

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    community = models.ForeignKey("communities.Community", models.CASCADE, related_name="orders")
    membership = models.ForeignKey("members.Membership", models.RESTRICT, related_name="orders")
    payable = models.CharField(max_length=20)
    subject = models.UUIDField()
    title = models.CharField(max_length=240)
    state = models.CharField(_("state"), max_length=9, choices=State.choices, default=State.HELD)
    amount = models.BigIntegerField(_("amount"))
    currency = models.CharField(max_length=3)
    made_at = models.DateTimeField(_("ordered"))
    held_until = models.DateTimeField()
    paid_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    refund_due_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=240, blank=True)

    objects = OrderQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [models.CheckConstraint(condition=Q(amount__gte=0), name="order_amount_valid")]
        indexes = [
            models.Index(fields=["membership", "-id"], name="order_of_member"),
            models.Index(fields=["community", "-id"], name="order_of_community"),
            models.Index(fields=["held_until"], condition=Q(state="held"), name="order_held"),
            models.Index(
                fields=["refund_due_at"], condition=Q(refund_due_at__isnull=False), name="order_to_refund"
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def money(self) -> Money:
        return Money(self.amount, self.currency)

    def takes_money(self, at: datetime) -> bool:
        """Whether it can still be paid for."""
        return self.state == self.State.HELD and at < self.held_until


class OrderPart(models.Model):
    """One of the things that were ordered together, by its position: `gross` is its share of what the order came to, the
    coupon taken off, and the shares of all are its amount.

    It can be given back by itself (`returned_at`); what is to go back for it is owed from `owed_at` on, and was sent, or
    became credit, at `sent_at`.
    """

    order = models.ForeignKey(Order, models.CASCADE, related_name="parts")
    position = models.PositiveSmallIntegerField()
    gross = models.BigIntegerField()
    returned_at = models.DateTimeField(null=True)
    owed_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["order", "position"]
        constraints = [
            models.UniqueConstraint(fields=["order", "position"], name="order_part_once"),
            models.CheckConstraint(condition=Q(gross__gte=0), name="order_part_gross_valid"),
        ]
