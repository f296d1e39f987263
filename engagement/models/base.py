from django.contrib.postgres.fields import ArrayField
from django.db import models


class DecayedDay(models.Model):
    """Decayed counts (`selectors.decay`) as they stood at the end of a day: scores go on from there.

    `counts` packs (member, verb), a verb its place in `verbs`; `totals` are their sums, little-endian doubles.
    A row holds what the days up to it come to, and goes when one of them is rolled up again.
    """

    pk = models.CompositePrimaryKey("community_id", "day")
    community_id = models.IntegerField()
    day = models.DateField()
    verbs = ArrayField(models.TextField())
    counts = models.BinaryField()
    totals = models.BinaryField()

    def __str__(self) -> str:
        return f"{self.community_id} {self.day}"
