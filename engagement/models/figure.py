from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class RollupState(models.Model):
    """How far a community's roll-ups and figures are.

    `generation` counts the roll-ups; `zone` is the time zone whose days are rolled up; `as_of` is the day for
    which the standing figures were last computed, by `refreshed_at`.
    """

    community_id = models.IntegerField(primary_key=True)
    generation = models.BigIntegerField(default=0)
    zone = models.CharField(max_length=60, blank=True)
    as_of = models.DateField(null=True)
    refreshed_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.community_id}: generation {self.generation}, {self.as_of}"


class Figure(models.Model):
    """A computed figure. It holds while its generation is the community's and its version the figure's.

    `brief` is what tiles read in place of long data, None where they read all of it.

    `given` are the parameters that were asked for beside `as_of`, `asked` the same as canonical text.
    """

    community_id = models.IntegerField()
    key = models.CharField(max_length=60)
    as_of = models.DateField()
    asked = models.CharField(max_length=240)
    parameters = models.JSONField()
    version = models.PositiveSmallIntegerField()
    generation = models.BigIntegerField()
    data = models.JSONField()
    brief = models.JSONField(null=True)
    computed_at = models.DateTimeField()
    took_ms = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["community_id", "key", "as_of", "asked"], name="figure_computed_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.key} {self.as_of}"


class FigureRequest(models.Model):
    """A heavy figure that somebody, or the night, asked for and a worker computes.

    `beat_at` is when whoever computes it last gave a sign of life, `tries` how often it was begun. `generation` is that of
    the roll-ups it is computed from, and goes on with the community's as long as the days it reads stay the same.
    """

    class State(models.TextChoices):
        WAITING = "waiting", pgettext_lazy("figure request", "Waiting for a worker")
        RUNNING = "running", pgettext_lazy("figure request", "Being computed")
        FAILED = "failed", pgettext_lazy("figure request", "Failed")

    UNDER_WAY = (State.WAITING, State.RUNNING)

    community_id = models.IntegerField()
    key = models.CharField(max_length=60)
    as_of = models.DateField()
    asked = models.CharField(max_length=240)
    given = models.JSONField()
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.WAITING)
    progress = models.FloatField(_("progress"), default=0)
    requested_at = models.DateTimeField()
    beat_at = models.DateTimeField(null=True)
    tries = models.PositiveSmallIntegerField(default=0)
    generation = models.BigIntegerField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["community_id", "key", "as_of", "asked"], name="figure_asked_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.key} {self.as_of}: {self.state}"
