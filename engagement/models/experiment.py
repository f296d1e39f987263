import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

#: Of so many places one after the other half are A and half are B.
BLOCK = 4


class ExperimentQuerySet(models.QuerySet["Experiment"]):
    def of(self, community_id: int) -> "ExperimentQuerySet":
        return self.filter(community_id=community_id)

    def running(self, community_id: int, subject: str) -> "ExperimentQuerySet":
        """The one that runs with these words, if any does."""
        return self.of(community_id).filter(subject=subject, state=Experiment.State.RUNNING)


class Experiment(models.Model):
    """Two wordings of one thing, tried on people by turns: A is what stood in force as it was started, B what is tried.

    `size` is how many each arm takes, worked out from `base` (the share of today) and `least` (the smallest difference worth
    noticing). `a` and `b` are lists of pieces (`kernel.trials.Piece`). `assigned` is how many there were at the last
    sweep; `full_at` is when the last was, `matures_at` when their outcome is known too. `result` is {"a": [units, of them
    with the outcome], "b": ..., "counted": [[place, n], ...], "merged": [place, ...]}: how much each place has of what it
    is judged by, those with nothing of it left out, and whose record was merged into that of somebody who counts. It is
    counted once, as the experiment ends, and nothing of it exists before. From the start on a trigger holds what was
    fixed.
    """

    class State(models.TextChoices):
        PLANNED = "planned", pgettext_lazy("experiment", "Planned")
        RUNNING = "running", pgettext_lazy("experiment", "Running")
        STOPPED = "stopped", pgettext_lazy("experiment", "Stopped early")
        ENDED = "ended", pgettext_lazy("experiment", "Ended")

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    community_id = models.IntegerField()
    subject = models.CharField(_("what is tried"), max_length=40)
    title = models.CharField(_("what it is about"), max_length=120)
    base = models.FloatField(_("share of today"))
    least = models.FloatField(_("smallest difference worth noticing"))
    size = models.PositiveIntegerField(_("people in each arm"))
    seed = models.BigIntegerField()
    a = models.JSONField(default=list)
    b = models.JSONField()
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.PLANNED)
    assigned = models.PositiveIntegerField(default=0)
    planned_at = models.DateTimeField(_("planned"))
    started_at = models.DateTimeField(_("started"), null=True)
    full_at = models.DateTimeField(null=True)
    matures_at = models.DateTimeField(null=True)
    over_at = models.DateTimeField(_("ended"), null=True)
    result = models.JSONField(null=True)
    taken = models.CharField(_("taken for good"), max_length=1, blank=True)
    taken_at = models.DateTimeField(null=True)

    objects = ExperimentQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["community_id", "subject"],
                condition=Q(state="running"),
                name="experiment_one_at_a_time",
            ),
            models.CheckConstraint(
                condition=Q(assigned__lte=2 * F("size")), name="experiment_within_its_size"
            ),
            models.CheckConstraint(
                condition=Q(state="ended", result__isnull=False)
                | (~Q(state="ended") & Q(result__isnull=True)),
                name="experiment_result_at_its_end",
            ),
        ]
        indexes = [
            models.Index(fields=["community_id", "-planned_at", "-id"], name="experiment_by_time"),
            models.Index(fields=["matures_at"], condition=Q(state="running"), name="experiment_by_maturity"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def total(self) -> int:
        """How many are assigned in the end."""
        return 2 * self.size


class Assignment(models.Model):
    """Who was assigned to which arm: a member by their bare number, or a person who is not a member yet by their account.
    A person of whom the account is gone keeps the number they had joined with, if they had."""

    experiment = models.ForeignKey(Experiment, models.CASCADE, related_name="assignments")
    place = models.PositiveIntegerField()
    arm = models.CharField(max_length=1)
    member = models.IntegerField(null=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["experiment", "place"], name="assignment_place_once"),
            models.UniqueConstraint(fields=["experiment", "member"], name="assignment_of_a_member_once"),
            models.UniqueConstraint(fields=["experiment", "user"], name="assignment_of_a_person_once"),
        ]

    def __str__(self) -> str:
        return f"{self.experiment_id}: {self.place}"

    @property
    def block(self) -> int:
        """Which block the place lies in, from 1."""
        return self.place // BLOCK + 1
