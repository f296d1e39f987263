from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class FigureCheckQuerySet(models.QuerySet["FigureCheck"]):
    def of(self, community_id: int) -> "FigureCheckQuerySet":
        return self.filter(community_id=community_id)

    def under_way(self) -> "FigureCheckQuerySet":
        return self.filter(state__in=FigureCheck.UNDER_WAY)


class FigureCheck(models.Model):
    """A figure that somebody had counted again from the facts, and whether it came to the same.

    `asked_by` is the member's number, None for a program. `differences` holds the first of them, `differing` how many
    there are in all; `mending` is the row of the log (`DirtyDay`) by which what differs is counted anew.
    """

    class State(models.TextChoices):
        WAITING = "waiting", pgettext_lazy("check of a figure", "Waiting for a worker")
        RUNNING = "running", pgettext_lazy("check of a figure", "Being counted")
        FAILED = "failed", pgettext_lazy("check of a figure", "Failed")
        EQUAL = "equal", pgettext_lazy("check of a figure", "Equal")
        DIFFERENT = "different", pgettext_lazy("check of a figure", "Different")

    class Cause(models.TextChoices):
        ROLLUPS = "rollups", _("The stored days are not what the facts come to.")
        SINCE = "since", _("What else it reads has changed since it was computed.")
        BUSY = "busy", _("Facts of these days went on arriving meanwhile.")

    UNDER_WAY = (State.WAITING, State.RUNNING)

    community_id = models.IntegerField()
    key = models.CharField(max_length=60)
    as_of = models.DateField()
    asked = models.CharField(max_length=240)
    given = models.JSONField()
    asked_by = models.IntegerField(null=True)
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.WAITING)
    progress = models.FloatField(_("progress"), default=0)
    requested_at = models.DateTimeField()
    beat_at = models.DateTimeField(null=True)
    tries = models.PositiveSmallIntegerField(default=0)
    took_ms = models.PositiveIntegerField(null=True)
    differences = models.JSONField(default=list)
    differing = models.PositiveIntegerField(default=0)
    cause = models.CharField(max_length=10, choices=Cause.choices, blank=True)
    mending = models.BigIntegerField(null=True)

    objects = FigureCheckQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["community_id", "key", "as_of", "asked"],
                condition=Q(state__in=["waiting", "running"]),
                name="figure_checked_by_one",
            )
        ]
        indexes = [models.Index(fields=["community_id", "key", "asked", "-id"], name="check_by_figure")]

    def __str__(self) -> str:
        return f"{self.key} {self.as_of}: {self.state}"

    @property
    def is_under_way(self) -> bool:
        return self.state in self.UNDER_WAY
