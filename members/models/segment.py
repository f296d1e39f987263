from django.db import models
from django.utils.translation import gettext_lazy as _


class SegmentQuerySet(models.QuerySet["Segment"]):
    def of(self, community_id: int) -> "SegmentQuerySet":
        return self.filter(community_id=community_id)


class Segment(models.Model):
    """A name for whoever fits some rules (see `members.rules`) at the moment of reading."""

    community = models.ForeignKey("communities.Community", models.CASCADE, related_name="segments")
    name = models.CharField(_("name"), max_length=80)
    rules = models.JSONField(_("conditions"))
    made_by = models.ForeignKey("members.Membership", models.SET_NULL, null=True, related_name="+")
    made_at = models.DateTimeField(_("made"))
    changed_at = models.DateTimeField(_("changed"))

    objects = SegmentQuerySet.as_manager()

    class Meta:
        ordering = ["name", "id"]
        constraints = [
            models.UniqueConstraint(fields=["community", "name"], name="segment_name_unique_in_community")
        ]

    def __str__(self) -> str:
        return self.name
