import uuid

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class IntroductionQuerySet(models.QuerySet["Introduction"]):
    def of(self, community_id: int) -> "IntroductionQuerySet":
        return self.filter(community_id=community_id)

    def made(self) -> "IntroductionQuerySet":
        return self.filter(state=Introduction.State.MADE)


class Introduction(models.Model):
    """That staff have brought two members together, or have said that these two are not to be: once a pair.

    The two are known by their numbers, `low` before `high`. `why` is what they had in common then, in counts: no word that
    anybody wrote. `met_on` is the first local day after on which one of them turned to the other, None while there is none.
    """

    class State(models.TextChoices):
        MADE = "made", pgettext_lazy("introduction of two members", "Introduced")
        SET_ASIDE = "set_aside", pgettext_lazy("introduction of two members", "Not these two")

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    community_id = models.IntegerField()
    low = models.IntegerField()
    high = models.IntegerField()
    state = models.CharField(_("state"), max_length=10, choices=State.choices)
    why = models.JSONField(default=dict)
    at = models.DateTimeField()
    by = models.IntegerField(null=True)
    met_on = models.DateField(null=True)

    objects = IntroductionQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["community_id", "low", "high"], name="introduction_once"),
            models.CheckConstraint(condition=Q(low__lt=F("high")), name="introduction_of_two"),
            models.CheckConstraint(
                condition=Q(state="made") | Q(met_on=None), name="introduction_made_before_met"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.community_id}: {self.low} and {self.high}: {self.state}"
