from django.db import models


class NetworkDrawing(models.Model):
    """The picture of a community's network, one row a community: where its members stand and which ties are drawn, by number.

    `figure_at` is when the figure was computed whose sub-communities it shows; `version` that of the way of drawing.
    """

    community_id = models.IntegerField(primary_key=True)
    as_of = models.DateField()
    figure_at = models.DateTimeField()
    version = models.PositiveSmallIntegerField()
    data = models.JSONField()

    def __str__(self) -> str:
        return f"{self.community_id}: {self.as_of}"
