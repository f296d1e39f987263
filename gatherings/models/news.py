from django.db import models

from gatherings.models.event import Event


class News(models.Model):
    """That an announced event changed, or was called off, at the instant `at`: a row for as long as somebody has yet to hear
    of it. Who has heard are the memberships whose key is at most `told_to`: some thousands are told some at a time."""

    class What(models.TextChoices):
        CHANGED = "changed"
        CANCELLED = "cancelled"

    event = models.ForeignKey(Event, models.CASCADE, related_name="news")
    what = models.CharField(max_length=9, choices=What.choices)
    at = models.DateTimeField()
    told_to = models.BigIntegerField(default=0)

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["event"], name="news_once_an_event")]

    def __str__(self) -> str:
        return f"{self.event}: {self.what}"
