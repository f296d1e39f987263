import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import pgettext_lazy

from kernel.money import Money


class BankLine(models.Model):
    """Money that came, as a bank's statement says it: kept by its identity, so that the same line in however many files is
    booked once. What the payer wrote is emptied where it is set aside."""

    class State(models.TextChoices):
        OPEN = "open", pgettext_lazy("line of a bank statement", "To be booked")
        BOOKED = "booked", pgettext_lazy("line of a bank statement", "Booked")
        ASIDE = "aside", pgettext_lazy("line of a bank statement", "Set aside")

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    community = models.ForeignKey("communities.Community", models.CASCADE, related_name="bank_lines")
    line_id = models.CharField(max_length=32)
    booked_on = models.DateField()
    amount = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    text = models.CharField(max_length=500, blank=True)
    counterparty = models.CharField(max_length=200, blank=True)
    state = models.CharField(max_length=6, choices=State.choices, default=State.OPEN)
    payment = models.OneToOneField("commerce.Payment", models.RESTRICT, null=True, related_name="bank_line")
    read_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["booked_on", "id"]
        constraints = [
            models.UniqueConstraint(fields=["community", "line_id"], name="bank_line_once"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="bank_line_came"),
            models.CheckConstraint(
                condition=Q(state="booked", payment__isnull=False) | ~Q(state="booked") & Q(payment=None),
                name="bank_line_booked_as_a_payment",
            ),
        ]
        indexes = [
            models.Index(
                fields=["community", "booked_on"], condition=Q(state="open"), name="bank_line_to_book"
            )
        ]

    @property
    def money(self) -> Money:
        return Money(self.amount, self.currency)
