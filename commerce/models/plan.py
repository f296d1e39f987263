import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from commerce.periods import Interval
from kernel.money import Money


class PlanQuerySet(models.QuerySet["Plan"]):
    def of(self, community_id: int) -> "PlanQuerySet":
        return self.filter(community_id=community_id)

    def offered(self) -> "PlanQuerySet":
        """Those that somebody can take: neither put away nor kept for staff to give."""
        return self.filter(archived_at=None, visible=True, tier__visible=True)


class Plan(models.Model):
    """The price of a tier: what its members owe for each period.

    `amount` is gross, in the smallest units of `currency`, of one period and (for a `group`) of one seat. `tax_rate` is
    within it, in hundredths of a per cent (600 is 6%). `length_days` is the term of a plan that is paid once. Who has
    subscribed keeps the price they agreed to: a plan's amount, currency, interval and term never change.
    """

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    community = models.ForeignKey("communities.Community", models.CASCADE, related_name="plans")
    tier = models.ForeignKey("members.Tier", models.RESTRICT, related_name="plans", verbose_name=_("tier"))
    name = models.CharField(_("name"), max_length=80)
    description = models.CharField(_("description"), max_length=240, blank=True)
    amount = models.BigIntegerField(_("price"))
    currency = models.CharField(_("currency"), max_length=3)
    interval = models.CharField(_("every"), max_length=10, choices=Interval.choices)
    length_days = models.PositiveIntegerField(_("days of the term"), null=True, blank=True)
    group = models.BooleanField(_("for a group"), default=False)
    trial_days = models.PositiveSmallIntegerField(_("days of trial"), default=0)
    grace_days = models.PositiveSmallIntegerField(_("days of grace"), default=14)
    tax_rate = models.PositiveIntegerField(_("tax within"), default=0)
    visible = models.BooleanField(_("offered to everyone"), default=True)
    position = models.PositiveSmallIntegerField(_("order"), default=0)
    created_at = models.DateTimeField()
    archived_at = models.DateTimeField(null=True, blank=True)

    objects = PlanQuerySet.as_manager()

    class Meta:
        ordering = ["position", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gte=0), name="plan_costs_no_less_than_nothing"),
            models.CheckConstraint(condition=Q(tax_rate__lte=10_000), name="plan_tax_at_most_all"),
            models.CheckConstraint(
                condition=Q(currency__regex=r"^[A-Z]{3}$"), name="plan_currency_is_iso_4217"
            ),
            models.CheckConstraint(
                condition=(Q(interval="once") & Q(length_days__gt=0))
                | (~Q(interval="once") & Q(length_days=None)),
                name="plan_term_where_paid_once",
            ),
        ]
        indexes = [models.Index(fields=["community", "position", "id"], name="plan_in_order")]

    def __str__(self) -> str:
        return self.name

    @property
    def price(self) -> Money:
        return Money(self.amount, self.currency)

    @property
    def renews(self) -> bool:
        return self.interval in (Interval.MONTH, Interval.QUARTER, Interval.YEAR)
