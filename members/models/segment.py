import json
from collections.abc import Iterable

from django.db import models
from django.db.models import BooleanField, F, Value
from django.db.models.expressions import Func
from django.utils.translation import gettext_lazy as _


class _Names(Func):
    """Whether something stands in the rules, in whichever of their groups, as a path of JSON says."""

    template = "(%(expressions)s::jsonpath)"
    arg_joiner = " @? "
    output_field = BooleanField()
    conditional = True


class SegmentQuerySet(models.QuerySet["Segment"]):
    def of(self, community_id: int) -> "SegmentQuerySet":
        return self.filter(community_id=community_id)

    def without(self, fields: Iterable[str]) -> "SegmentQuerySet":
        """Those that ask nothing about these fields."""
        rows = self
        for field in fields:
            rows = rows.exclude(_Names(F("rules"), Value(f"$.**.field ? (@ == {json.dumps(field)})")))
        return rows


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
