import uuid
from decimal import Decimal

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from kernel.money import Money


class CouponQuerySet(models.QuerySet["Coupon"]):
    def of(self, community_id: int) -> "CouponQuerySet":
        return self.filter(community_id=community_id)


class Coupon(models.Model):
    """Something off the dues, or off what is ordered besides (`good_for`): `percent` in hundredths of a per cent, or an
    `amount` of one currency off each period, or each order.

    For the first `periods` of a subscription, None for all of them. `limit` is how many members may use it, None for any
    number; without `plans` it is good for every plan.
    """

    class GoodFor(models.TextChoices):
        DUES = "dues", pgettext_lazy("what a coupon is good for", "Dues")
        ORDERS = "orders", pgettext_lazy("what a coupon is good for", "Tickets")

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    community = models.ForeignKey("communities.Community", models.CASCADE, related_name="coupons")
    good_for = models.CharField(_("good for"), max_length=6, choices=GoodFor.choices, default=GoodFor.DUES)
    code = models.CharField(_("code"), max_length=40)
    percent = models.PositiveIntegerField(_("per cent off"), null=True, blank=True)
    amount = models.BigIntegerField(_("amount off"), null=True, blank=True)
    currency = models.CharField(_("currency"), max_length=3, blank=True)
    periods = models.PositiveSmallIntegerField(_("periods"), null=True, blank=True)
    plans = models.ManyToManyField(
        "commerce.Plan", blank=True, related_name="coupons", verbose_name=_("plans")
    )
    limit = models.PositiveIntegerField(_("how many may use it"), null=True, blank=True)
    expires_at = models.DateTimeField(_("good until"), null=True, blank=True)
    created_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = CouponQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["community", "code"], name="coupon_code_unique_in_community"),
            models.CheckConstraint(
                condition=Q(percent__range=(1, 10_000), amount=None, currency="")
                | Q(percent=None, amount__gt=0, currency__regex=r"^[A-Z]{3}$"),
                name="coupon_is_percent_or_amount",
            ),
            models.CheckConstraint(
                condition=Q(periods=None) | Q(periods__gt=0), name="coupon_for_some_period"
            ),
        ]

    def __str__(self) -> str:
        return self.code

    @property
    def share(self) -> Decimal | None:
        """0.2 for 20% off."""
        return None if self.percent is None else Decimal(self.percent).scaleb(-4)

    @property
    def money(self) -> Money | None:
        return None if self.amount is None else Money(self.amount, self.currency)


class CouponUse(models.Model):
    """That a member has used a coupon: once each, and for this subscription or this order."""

    coupon = models.ForeignKey(Coupon, models.RESTRICT, related_name="uses")
    membership = models.ForeignKey("members.Membership", models.RESTRICT, related_name="coupon_uses")
    subscription = models.OneToOneField(
        "commerce.Subscription", models.RESTRICT, null=True, related_name="coupon_use"
    )
    order = models.OneToOneField("commerce.Order", models.RESTRICT, null=True, related_name="coupon_use")
    used_at = models.DateTimeField()
    #: How many periods it has lowered so far.
    periods_used = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["coupon", "membership"], name="coupon_once_a_member"),
            models.CheckConstraint(
                condition=Q(subscription=None, order__isnull=False)
                | Q(subscription__isnull=False, order=None),
                name="coupon_used_for_one_thing",
            ),
        ]
