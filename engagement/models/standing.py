from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Stage(models.TextChoices):
    """Where a member stands, by the rule of the figure `stage`."""

    NEW = "new", pgettext_lazy("stage of a member", "New")
    CORE = "core", pgettext_lazy("stage of a member", "Core")
    ACTIVE = "active", pgettext_lazy("stage of a member", "Active")
    DRIFTING = "drifting", pgettext_lazy("stage of a member", "Drifting")
    DORMANT = "dormant", pgettext_lazy("stage of a member", "Dormant")
    SILENT = "silent", pgettext_lazy("stage of a member", "Silent")


#: At these stages members are no longer to others what they were.
GONE_QUIET = (Stage.DRIFTING, Stage.DORMANT, Stage.SILENT)


class Risk(models.TextChoices):
    """Whether a member who came regularly hardly does any more, by the rule of the figure `at_risk`."""

    FADING = "yes", pgettext_lazy("a member who came regularly", "Fading")
    STEADY = "no", pgettext_lazy("a member who came regularly", "Steady")


class MemberStanding(models.Model):
    """What the member table shows of the figures: one row a membership, as of the last refresh.

    `stage` is empty for those whose membership is over; `parts` holds the score's parts by verb; `active_days` counts the
    days with an act among the last 28, `days_before` those among the 56 before them. `at_risk` is empty of whom the figure
    says nothing: who never came regularly, is too young or gone, and everybody where silence is normal.
    """

    membership = models.OneToOneField(
        "members.Membership", models.CASCADE, primary_key=True, related_name="standing"
    )
    community_id = models.IntegerField()
    stage = models.CharField(_("stage"), max_length=10, choices=Stage.choices, blank=True)
    score = models.FloatField(_("score"), default=0)
    parts = models.JSONField(_("parts of the score"), default=dict)
    active_days = models.PositiveSmallIntegerField(_("active days of the last 28"), default=0)
    days_before = models.PositiveSmallIntegerField(_("active days of the 56 before"), default=0)
    at_risk = models.CharField(_("at risk"), max_length=3, choices=Risk.choices, blank=True, default="")
    last_active_day = models.DateField(_("last active"), null=True)

    class Meta:
        indexes = [
            models.Index(fields=["community_id", "stage"], name="standing_by_stage"),
            models.Index(fields=["community_id", "-score"], name="standing_by_score"),
            models.Index(fields=["community_id", "at_risk"], name="standing_by_risk"),
        ]

    def __str__(self) -> str:
        return f"{self.membership_id}: {self.stage} {self.score:.1f}"
