import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models


class SeriesQuerySet(models.QuerySet["Series"]):
    def of(self, community_id: int) -> "SeriesQuerySet":
        return self.filter(community_id=community_id)


class Series(models.Model):
    """Events that come again by a rule (RFC 5545, `FREQ=WEEKLY;BYDAY=TH`), each of which is an `Event` of its own.

    The rule is counted from `starts_at` on the clock of `timezone`, so the hour stays through summer time. `left_out` are
    beginnings by the rule that there are none of. Events are written up to `written_until`, the sweep writes on.
    """

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    community = models.ForeignKey("communities.Community", models.CASCADE, related_name="series")
    rule = models.CharField(max_length=500)
    timezone = models.CharField(max_length=60)
    starts_at = models.DateTimeField()
    left_out = ArrayField(models.DateTimeField(), default=list, blank=True)
    written_until = models.DateTimeField()

    objects = SeriesQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "series"
        indexes = [models.Index(fields=["written_until"], name="series_to_write_on")]

    def __str__(self) -> str:
        return self.rule
