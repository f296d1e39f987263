import uuid

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from kernel.money import Money
from members.models import Membership


class SubscriptionQuerySet(models.QuerySet["Subscription"]):
    def of(self, community_id: int) -> "SubscriptionQuerySet":
        return self.filter(community_id=community_id)

    def of_person(self, membership: Membership) -> "SubscriptionQuerySet":
        """A member's, their own before those of records that were merged into theirs."""
        records = Membership.objects.filter(Q(pk=membership.pk) | Q(merged_into=membership.pk))
        first = F("membership__merged_into").asc(nulls_first=True)
        return self.filter(membership__in=records.values("pk")).order_by(first, "-id")

    def live(self) -> "SubscriptionQuerySet":
        """Those that have not ended."""
        return self.exclude(status=Subscription.Status.ENDED)


class Subscription(models.Model):
    """That a member has taken a plan, at the price it had then, and how far it is paid for.

    Periods are counted from `anchor` (a day of the community) and never from the one before: `index` is the number of the
    one that comes next, `period_start` to `period_end` (the first day after it; None for life, and before anything is
    paid) the days of the last that was begun. `next_at` is when the clock has to look at it again, None for never. A trial,
    a pause and a gift move the anchor. `next_plan` and `next_quantity` hold from the next period on, or as soon as the
    invoice of the change is paid; `next_amount` is a price that was agreed to before, None for the plan's own.

    `covered_from` to `period_end` are the days that `covered_paid` (gross, after coupons) was paid for, and `covered_days`
    how many the period had at first, where a change or a pause has cut it short: what `proration.Covered` reckons with.
    """

    class Status(models.TextChoices):
        PENDING = "pending", pgettext_lazy("subscription", "To be paid first")
        TRIALING = "trialing", pgettext_lazy("subscription", "On trial")
        ACTIVE = "active", pgettext_lazy("subscription", "Active")
        PAST_DUE = "past_due", pgettext_lazy("subscription", "In grace")
        SUSPENDED = "suspended", pgettext_lazy("subscription", "Suspended")
        CANCELLED = "cancelled", pgettext_lazy("subscription", "Cancelled, runs out")
        ENDED = "ended", pgettext_lazy("subscription", "Ended")

    class Cause(models.TextChoices):
        CANCELLED = "cancelled", pgettext_lazy("why a subscription ended", "Cancelled")
        PAYMENT_FAILED = "payment_failed", pgettext_lazy("why a subscription ended", "Payment failed")
        TERM_ENDED = "term_ended", pgettext_lazy("why a subscription ended", "The term ended")
        REMOVED = "removed", pgettext_lazy("why a subscription ended", "Removed")
        REPLACED = "replaced", pgettext_lazy("why a subscription ended", "Replaced by another")

    class Kind(models.TextChoices):
        PAID = "paid", pgettext_lazy("subscription", "Paid")
        GIFT = "gift", pgettext_lazy("subscription", "A gift")
        COMPLIMENTARY = "complimentary", pgettext_lazy("subscription", "Free of charge")

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    community = models.ForeignKey("communities.Community", models.CASCADE, related_name="subscriptions")
    membership = models.ForeignKey("members.Membership", models.RESTRICT, related_name="subscriptions")
    plan = models.ForeignKey("commerce.Plan", models.RESTRICT, related_name="subscriptions")
    kind = models.CharField(max_length=13, choices=Kind.choices, default=Kind.PAID)
    status = models.CharField(_("status"), max_length=10, choices=Status.choices)
    amount = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    quantity = models.PositiveIntegerField(_("seats"), default=1)
    anchor = models.DateField()
    index = models.PositiveIntegerField(default=0)
    period_start = models.DateField()
    period_end = models.DateField(_("paid until"), null=True)
    covered_from = models.DateField(null=True)
    covered_paid = models.BigIntegerField(default=0)
    covered_days = models.PositiveIntegerField(null=True)
    trial_ends_on = models.DateField(null=True)
    #: The end that its member has been written to about.
    told_of = models.DateField(null=True)
    next_plan = models.ForeignKey("commerce.Plan", models.RESTRICT, null=True, related_name="+")
    next_quantity = models.PositiveIntegerField(null=True)
    next_amount = models.BigIntegerField(null=True)
    paused_on = models.DateField(null=True)
    resumes_on = models.DateField(null=True)
    mandate = models.ForeignKey("commerce.Mandate", models.SET_NULL, null=True, related_name="subscriptions")
    started_at = models.DateTimeField()
    next_at = models.DateTimeField(null=True)
    cancelled_at = models.DateTimeField(null=True)
    cancel_reason = models.CharField(max_length=240, blank=True)
    ended_on = models.DateField(null=True)
    cause = models.CharField(max_length=14, choices=Cause.choices, blank=True)

    objects = SubscriptionQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["membership"], condition=~Q(status="ended"), name="subscription_one_alive"
            ),
            models.CheckConstraint(
                condition=Q(period_end=None) | Q(period_end__gt=F("period_start")),
                name="subscription_period_has_days",
            ),
            models.CheckConstraint(condition=Q(quantity__gte=1), name="subscription_has_a_seat"),
            models.CheckConstraint(
                condition=Q(amount__gte=0), name="subscription_costs_no_less_than_nothing"
            ),
            models.CheckConstraint(
                condition=Q(status="ended", ended_on__isnull=False) & ~Q(cause="")
                | ~Q(status="ended") & Q(ended_on=None, cause=""),
                name="subscription_ends_for_a_cause",
            ),
        ]
        indexes = [
            models.Index(fields=["next_at"], condition=Q(next_at__isnull=False), name="subscription_clock"),
            models.Index(fields=["community", "status", "period_end"], name="subscription_by_status"),
        ]

    def __str__(self) -> str:
        return f"{self.membership}: {self.plan}"

    @property
    def price(self) -> Money:
        """Of one period, all seats together, before any coupon."""
        return Money(self.amount * self.quantity, self.currency)

    @property
    def is_charged(self) -> bool:
        """Whether its member pays for it, and it is neither a gift nor free of charge."""
        return self.kind == self.Kind.PAID

    @property
    def has_its_trial(self) -> bool:
        """Whether the days it has are those of its trial: after a pause too periods are counted anew, but from another day."""
        return self.index == 0 and self.trial_ends_on == self.anchor

    @property
    def next_price(self) -> Money | None:
        """Of the period that is asked for next; None where nothing is."""
        if self.next_plan is not None:
            amount = self.next_plan.amount if self.next_amount is None else self.next_amount
            return Money(amount * (self.next_quantity or 1), self.next_plan.currency)
        return self.price if self.kind == self.Kind.PAID and self.plan.renews else None


class SubscriptionChange(models.Model):
    """What was contracted from a day on, written when it changed and never changed itself: monthly revenue of any month is
    read from it. `amount` is of one period and seat; nothing is contracted in a trial, a pause, a gift or at the end."""

    class Kind(models.TextChoices):
        TRIAL = "trial", pgettext_lazy("what became of a subscription", "Trial begun")
        BEGUN = "begun", pgettext_lazy("what became of a subscription", "Begun")
        CHANGED = "changed", pgettext_lazy("what became of a subscription", "Changed")
        CANCELLED = "cancelled", pgettext_lazy("what became of a subscription", "Cancelled, runs out")
        KEPT = "kept", pgettext_lazy("what became of a subscription", "Kept after all")
        EXTENDED = "extended", pgettext_lazy("what became of a subscription", "Extended")
        PAUSED = "paused", pgettext_lazy("what became of a subscription", "Paused")
        RESUMED = "resumed", pgettext_lazy("what became of a subscription", "Resumed")
        ENDED = "ended", pgettext_lazy("what became of a subscription", "Ended")

    subscription = models.ForeignKey(Subscription, models.CASCADE, related_name="changes")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    day = models.DateField()
    at = models.DateTimeField()
    plan = models.ForeignKey("commerce.Plan", models.RESTRICT, related_name="+")
    amount = models.BigIntegerField()
    quantity = models.PositiveIntegerField()

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["subscription", "day"], name="subscription_change_by_day")]


class Seat(models.Model):
    """A place in a group that one member pays for: open until somebody takes it with its `code`, and again when they go."""

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    subscription = models.ForeignKey(Subscription, models.CASCADE, related_name="seats")
    membership = models.ForeignKey("members.Membership", models.RESTRICT, null=True, related_name="seats")
    email = models.EmailField(blank=True)
    code = models.CharField(max_length=40, unique=True)
    made_at = models.DateTimeField()
    taken_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["membership"],
                condition=Q(ended_at=None, membership__isnull=False),
                name="seat_one_a_member",
            )
        ]


class Gift(models.Model):
    """A term that somebody paid for somebody else: given by mail and by code, and good for who is a member already too.

    Paid, it can be taken until `expires_at`. Taken, it waits for what runs in `subscription`, or for its taker to be let in,
    and then is had from `begins_on` up to and without `ends_on` (None for life).
    """

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    community = models.ForeignKey("communities.Community", models.CASCADE, related_name="gifts")
    plan = models.ForeignKey("commerce.Plan", models.RESTRICT, related_name="gifts")
    periods = models.PositiveSmallIntegerField(default=1)
    code = models.CharField(max_length=40, unique=True)
    giver = models.ForeignKey("members.Membership", models.RESTRICT, related_name="gifts_given")
    recipient_name = models.CharField(max_length=120, blank=True)
    recipient_email = models.EmailField(blank=True)
    message = models.CharField(max_length=1000, blank=True)
    made_at = models.DateTimeField()
    paid_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)
    redeemed_by = models.ForeignKey(
        "members.Membership", models.RESTRICT, null=True, related_name="gifts_received"
    )
    redeemed_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)
    expired_at = models.DateTimeField(null=True)
    subscription = models.ForeignKey(Subscription, models.RESTRICT, null=True, related_name="gifts")
    begins_on = models.DateField(null=True)
    ends_on = models.DateField(null=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(condition=Q(periods__gte=1), name="gift_of_a_period_at_least"),
            models.CheckConstraint(
                condition=Q(redeemed_at=None, redeemed_by=None, begins_on=None)
                | Q(redeemed_at__isnull=False, redeemed_by__isnull=False, paid_at__isnull=False),
                name="gift_taken_by_somebody_once_paid",
            ),
            models.CheckConstraint(
                condition=Q(redeemed_at=None) | Q(revoked_at=None, expired_at=None), name="gift_has_one_end"
            ),
        ]
        indexes = [
            models.Index(fields=["community", "-id"], name="gift_of_community"),
            models.Index(
                fields=["expires_at"],
                condition=Q(redeemed_at=None, revoked_at=None, expired_at=None, expires_at__isnull=False),
                name="gift_to_expire",
            ),
        ]
