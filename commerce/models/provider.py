import uuid
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class ProviderAccount(models.Model):
    """A community's account on a payment rail. `sealed` holds its keys, encrypted with a key from the environment: they
    are never shown again. `reference` is the provider's own name for the account; `health` what the last test found."""

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    community = models.ForeignKey("communities.Community", models.CASCADE, related_name="provider_accounts")
    provider = models.CharField(max_length=20)
    reference = models.CharField(max_length=120, blank=True)
    sealed = models.TextField(blank=True)
    enabled = models.BooleanField(_("offered to members"), default=False)
    position = models.PositiveSmallIntegerField(default=0)
    made_at = models.DateTimeField()
    tested_at = models.DateTimeField(null=True)
    health: Any = models.JSONField(default=dict)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["position", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["community", "provider"],
                condition=Q(ended_at=None),
                name="provider_account_one_a_rail",
            )
        ]

    def __str__(self) -> str:
        return self.provider


class ProviderEvent(models.Model):
    """A provider's proven word, kept before anybody acts on it; a worker does, and a sweep finds what none did."""

    account = models.ForeignKey(ProviderAccount, models.CASCADE, related_name="events")
    event_id = models.CharField(max_length=200)
    kind = models.CharField(max_length=80)
    subject = models.CharField(max_length=10)
    reference = models.CharField(max_length=200, blank=True)
    provider_reference = models.CharField(max_length=200, blank=True)
    amount = models.BigIntegerField(null=True)
    currency = models.CharField(max_length=3, blank=True)
    at = models.DateTimeField()
    received_at = models.DateTimeField()
    handled_at = models.DateTimeField(null=True)
    tries = models.PositiveSmallIntegerField(default=0)
    next_try_at = models.DateTimeField(null=True)
    problem = models.CharField(max_length=240, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "event_id"], name="provider_event_once")]
        indexes = [
            models.Index(
                fields=["next_try_at"],
                condition=Q(next_try_at__isnull=False),
                name="provider_event_to_handle",
            )
        ]


class MoneySettings(models.Model):
    """What a community has decided about its money. Terms are in days, `reward_percent` in hundredths of a per cent."""

    community = models.OneToOneField(
        "communities.Community", models.CASCADE, primary_key=True, related_name="money_settings"
    )
    seller_name = models.CharField(_("name on invoices"), max_length=120, blank=True)
    seller_address = models.CharField(_("address on invoices"), max_length=400, blank=True)
    seller_tax_id = models.CharField(_("tax number"), max_length=60, blank=True)
    invoice_series = models.CharField(_("invoice numbers begin with"), max_length=10, default="INV")
    credit_series = models.CharField(_("credit note numbers begin with"), max_length=10, default="CN")
    ask_ahead_days = models.PositiveSmallIntegerField(_("ask so many days ahead"), default=7)
    lapse_days = models.PositiveSmallIntegerField(_("lapses after so many days"), default=30)
    refund_days = models.PositiveSmallIntegerField(_("refund window"), default=14)
    lifetime_days = models.PositiveIntegerField(_("days a lifetime is earned over"), default=1826)
    reward_percent = models.PositiveIntegerField(_("share of the first payment"), default=0)
    #: When the site let the community take money by providers, where anybody may found one.
    rails_approved_at = models.DateTimeField(null=True, editable=False)
    reward_amount = models.BigIntegerField(_("amount for each"), default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(reward_percent__lte=10_000), name="reward_share_at_most_all"),
            models.CheckConstraint(
                condition=~Q(invoice_series=models.F("credit_series")), name="series_are_two"
            ),
        ]


class ReferralReward(models.Model):
    """What a member gets for whom they brought themselves, once that one has paid: held until the refund window is over.

    One level, never more: chains that are paid by depth are pyramid selling.
    """

    class State(models.TextChoices):
        HELD = "held", pgettext_lazy("reward", "Held")
        GIVEN = "given", pgettext_lazy("reward", "Given")
        FORFEITED = "forfeited", pgettext_lazy("reward", "Forfeited")

    community = models.ForeignKey("communities.Community", models.CASCADE, related_name="rewards")
    inviter = models.ForeignKey("members.Membership", models.RESTRICT, related_name="rewards")
    invitee = models.OneToOneField("members.Membership", models.RESTRICT, related_name="reward_for_bringing")
    payment = models.OneToOneField("commerce.Payment", models.RESTRICT, related_name="reward")
    amount = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    state = models.CharField(max_length=9, choices=State.choices, default=State.HELD)
    made_at = models.DateTimeField()
    held_until = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["held_until"], condition=Q(state="held"), name="reward_held")]
