from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class CustomFieldQuerySet(models.QuerySet["CustomField"]):
    def of(self, community_id: int) -> "CustomFieldQuerySet":
        return self.filter(community_id=community_id)

    def asked(self) -> "CustomFieldQuerySet":
        """Those that newcomers are asked for."""
        return self.filter(asked=True)

    def seen_by_members(self) -> "CustomFieldQuerySet":
        """Those that every member sees of the others."""
        return self.filter(seen_by=CustomField.Seen.MEMBERS)

    def seen_by_their_member(self) -> "CustomFieldQuerySet":
        """Those that a member sees of themselves."""
        return self.exclude(seen_by=CustomField.Seen.STAFF)


class CustomField(models.Model):
    """A field of the community's own: what `Membership.custom` holds under `key`, and how it is asked and shown.

    `key` is what the field was called when it was made, so that values that came by files under that name are its.
    `asked` is whether newcomers are asked for it, `required` whether they must say it, and `editable` whether members
    change what they have in it themselves. Staff see and change every field.
    """

    class Kind(models.TextChoices):
        TEXT = "text", _("Text")
        NUMBER = "number", _("Number")
        DAY = "day", _("Day")
        CHOICE = "choice", _("One of several")
        SEVERAL = "several", _("Several of several")
        FLAG = "flag", _("Yes or no")
        PHONE = "phone", _("Telephone number")

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
    asked = models.BooleanField(_("asked on joining"), default=False)
    required = models.BooleanField(_("needed on joining"), default=False)
    editable = models.BooleanField(_("members change it themselves"), default=False)
    seen_by = models.CharField(_("seen by"), max_length=10, choices=Seen.choices, default=Seen.STAFF)
    position = models.PositiveSmallIntegerField(default=0)

    objects = CustomFieldQuerySet.as_manager()

    class Meta:
        ordering = ["position", "id"]
        constraints = [
            models.UniqueConstraint(fields=["community", "key"], name="custom_field_key_unique"),
            models.UniqueConstraint(fields=["community", "name"], name="custom_field_name_unique"),
            models.CheckConstraint(
                condition=Q(asked=False, editable=False) | ~Q(seen_by="staff"),
                name="custom_field_asked_is_seen",
            ),
            models.CheckConstraint(
                condition=Q(required=False) | Q(asked=True), name="custom_field_needed_is_asked"
            ),
        ]

    def __str__(self) -> str:
        return self.name
