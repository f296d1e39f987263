from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _


class TierQuerySet(models.QuerySet["Tier"]):
    def of(self, community_id: int) -> "TierQuerySet":
        return self.filter(community_id=community_id)


class Tier(models.Model):
    """A level of membership in one community; a higher rank opens what the lower ones open, and more.

    `capacity` is the most members it holds at once, None for any number.
    """

    class Colour(models.TextChoices):
        PLAIN = "plain", _("Plain")
        INDIGO = "indigo", _("Indigo")
        GREEN = "green", _("Green")
        ROSE = "rose", _("Rose")
        AMBER = "amber", _("Amber")
        TEAL = "teal", _("Teal")

    community = models.ForeignKey("communities.Community", models.CASCADE, related_name="tiers")
    key = models.SlugField(_("key"), max_length=40)
    name = models.CharField(_("name"), max_length=80)
    description = models.CharField(_("description"), max_length=240, blank=True)
    rank = models.PositiveSmallIntegerField(_("rank"))
    perks = ArrayField(models.CharField(max_length=120), verbose_name=_("perks"), default=list, blank=True)
    colour = models.CharField(_("colour"), max_length=10, choices=Colour.choices, default=Colour.PLAIN)
    capacity = models.PositiveIntegerField(_("places"), null=True, blank=True)
    visible = models.BooleanField(_("shown to everyone"), default=True)
    is_default = models.BooleanField(_("given on joining"), default=False)

    objects = TierQuerySet.as_manager()

    class Meta:
        ordering = ["rank", "id"]
        constraints = [
            models.UniqueConstraint(fields=["community", "key"], name="tier_key_unique_in_community"),
            models.UniqueConstraint(
                fields=["community"], condition=models.Q(is_default=True), name="tier_one_default"
            ),
        ]

    def __str__(self) -> str:
        return self.name
