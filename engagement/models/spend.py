import uuid

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from engagement.ways import BY_CHANNEL, named
from kernel.money import Money


class SpendQuerySet(models.QuerySet["Spend"]):
    def of(self, community_id: int) -> "SpendQuerySet":
        return self.filter(community_id=community_id)

    def standing(self) -> "SpendQuerySet":
        return self.filter(removed_at=None)


class Spend(models.Model):
    """What a channel, or one campaign of it, cost on the local days `first` to `last`: each of them an equal share.

    `amount` is in the smallest units of `currency`. What is removed stays, so that it can be taken back.
    """

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    community_id = models.IntegerField()
    channel = models.CharField(_("channel"), max_length=40)
    campaign = models.CharField(_("campaign"), max_length=80, blank=True)
    first = models.DateField(_("first day"))
    last = models.DateField(_("last day"))
    amount = models.BigIntegerField(_("amount"))
    currency = models.CharField(_("currency"), max_length=3)
    note = models.CharField(_("note"), max_length=200, blank=True)
    entered_at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True)

    objects = SpendQuerySet.as_manager()

    class Meta:
        ordering = ["-last", "-id"]
        indexes = [models.Index(fields=["community_id", "-last", "-id"], name="spend_of_community")]
        constraints = [
            models.CheckConstraint(condition=Q(last__gte=F("first")), name="spend_ends_after_it_begins"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="spend_is_more_than_nothing"),
            models.CheckConstraint(condition=~Q(channel=""), name="spend_has_a_channel"),
        ]

    def __str__(self) -> str:
        return f"{self.channel} {self.first} – {self.last}: {self.money}"

    @property
    def money(self) -> Money:
        return Money(self.amount, self.currency)

    @property
    def way(self) -> str:
        """The channel and the campaign, as figures name them."""
        name = named(BY_CHANNEL, self.channel)
        return f"{name} · {self.campaign}" if self.campaign else name
