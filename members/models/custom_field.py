from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class CustomFieldQuerySet(models.QuerySet["CustomField"]):
    def of(self, community_id: int) -> "CustomFieldQuerySet":
        return self.filter(community_id=community_id)


class CustomField(models.Model):
    """A field of the community's own: what `Membership.custom` holds under `key`, and how it is asked and shown.

    `key` is what the field was called when it was made, so that values that came by files under that name are its.
    """

    class Kind(models.TextChoices):
        TEXT = "text", _("Text")
        NUMBER = "number", _("Number")
        DAY = "day", _("Day")
        CHOICE = "choice", _("One of several")
        SEVERAL = "several", _("Several of several")
        FLAG = "flag", _("Yes or no")

    class Seen(models.TextChoices):
        STAFF = "staff", _("Staff only")
        MEMBER = "member", _("Staff and the member")
        MEMBERS = "members", _("All members")

    community = models.ForeignKey("communities.Community", models.CASCADE, related_name="custom_fields")
    key = models.CharField(_("key"), max_length=80)
    name = models.CharField(_("name"), max_length=80)
    hint = models.CharField(_("hint"), max_length=240, blank=True)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    choices = ArrayField(models.CharField(max_length=80), verbose_name=_("choices"), default=list, blank=True)
    required = models.BooleanField(_("needed on joining"), default=False)
    seen_by = models.CharField(_("seen by"), max_length=10, choices=Seen.choices, default=Seen.STAFF)
    position = models.PositiveSmallIntegerField(default=0)

    objects = CustomFieldQuerySet.as_manager()

    class Meta:
        ordering = ["position", "id"]
        constraints = [
            models.UniqueConstraint(fields=["community", "key"], name="custom_field_key_unique"),
            models.UniqueConstraint(fields=["community", "name"], name="custom_field_name_unique"),
            models.CheckConstraint(
                condition=Q(required=False) | ~Q(seen_by="staff"), name="custom_field_asked_is_seen"
            ),
        ]

    def __str__(self) -> str:
        return self.name
