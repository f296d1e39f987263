from django.db import models


class HealthStandard(models.Model):
    """What a community's well-being is judged on from the local day `since` on: `goals` are {component: [target, weight]}.

    Rows are only added. Before the first of them, version 2, the goals of the community's type hold.
    """

    community_id = models.IntegerField()
    version = models.PositiveSmallIntegerField()
    since = models.DateField()
    goals = models.JSONField()
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["community_id", "version"], name="health_standard_once")
        ]

    def __str__(self) -> str:
        return f"{self.community_id}: version {self.version} from {self.since}"


class HealthWeek(models.Model):
    """What the figure `health` said at the end of a week, computed once and never again: `standard` is the version of the
    goals that it was judged by, `figure` the version of the figure."""

    community_id = models.IntegerField()
    sunday = models.DateField()
    value = models.FloatField(null=True)
    standard = models.PositiveSmallIntegerField()
    figure = models.PositiveSmallIntegerField()
    components = models.JSONField()
    counted_on = models.DateField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["community_id", "sunday"], name="health_week_once")]

    def __str__(self) -> str:
        return f"{self.community_id} {self.sunday}: {self.value}"
