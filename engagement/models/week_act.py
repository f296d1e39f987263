import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class WeekActQuerySet(models.QuerySet["WeekAct"]):
    def of(self, community_id: int) -> "WeekActQuerySet":
        return self.filter(community_id=community_id)


class WeekAct(models.Model):
    """One of the things most worth doing in the week that begins on `week`: found by a rule, from the figure of that key.

    `people` are the numbers of those whom it is about, `others` of those who would have been as fit and are left alone.
    `value` is the figure's as it was found, `effect` how many members are expected to do more because of it. Once
    it has been done and a week has passed, `outcome` is what was seen then; it is not looked at again.
    """

    class State(models.TextChoices):
        OPEN = "open", pgettext_lazy("act of the week", "To do")
        DONE = "done", pgettext_lazy("act of the week", "Done")
        SET_ASIDE = "set_aside", pgettext_lazy("act of the week", "Set aside")

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    community_id = models.IntegerField()
    week = models.DateField(_("week"))
    rule = models.CharField(max_length=40)
    figure = models.CharField(max_length=60)
    effect = models.FloatField()
    value = models.FloatField(null=True)
    people = ArrayField(models.IntegerField())
    others = ArrayField(models.IntegerField(), default=list)
    about = models.JSONField(default=dict)
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.OPEN)
    found_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)
    decided_by = models.IntegerField(null=True)
    outcome = models.JSONField(null=True)

    objects = WeekActQuerySet.as_manager()

    class Meta:
        ordering = ["-week", "-effect", "rule"]
        constraints = [
            models.UniqueConstraint(fields=["community_id", "week", "rule"], name="week_act_once"),
            models.CheckConstraint(
                condition=Q(state="open", decided_at__isnull=True)
                | (~Q(state="open") & Q(decided_at__isnull=False)),
                name="week_act_decided_at_a_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.community_id} {self.week} {self.rule}: {self.state}"
