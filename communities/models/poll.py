from datetime import datetime

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Poll(models.Model):
    """What a post asks its readers to choose between. Who chose what is told to nobody.

    `results` says when the votes are shown: to everyone, to who has voted, or to nobody until it is closed. It is closed at
    a time that was said before (`closes_at`), or when its author closes it (`closed_at`).
    """

    class Results(models.TextChoices):
        ALWAYS = "always", _("Always")
        VOTED = "voted", _("To who has voted")
        CLOSED = "closed", _("At the end")

    post = models.OneToOneField("communities.Post", models.CASCADE, related_name="poll")
    several = models.BooleanField(default=False)
    results = models.CharField(max_length=10, choices=Results.choices, default=Results.VOTED)
    closes_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return str(self.post)

    def is_closed(self, at: datetime) -> bool:
        return self.closed_at is not None or (self.closes_at is not None and self.closes_at <= at)


#: What the form of a poll says before anything is written in it.
UNWRITTEN = {"options": "", "several": False, "results": Poll.Results.VOTED.value, "closes_at": ""}


class Option(models.Model):
    """One of the choices of a poll, in their places from 1 on."""

    poll = models.ForeignKey(Poll, models.CASCADE, related_name="options", db_index=False)
    place = models.PositiveSmallIntegerField()
    text = models.CharField(max_length=120)

    class Meta:
        ordering = ["place"]
        constraints = [models.UniqueConstraint(fields=["poll", "place"], name="option_place_once")]

    def __str__(self) -> str:
        return self.text


class Vote(models.Model):
    """A member for an option: once for each, and where one can choose one alone (`alone`) once in the poll."""

    poll = models.ForeignKey(Poll, models.CASCADE, related_name="votes")
    option = models.ForeignKey(Option, models.CASCADE, related_name="votes", db_index=False)
    member = models.ForeignKey("members.Membership", models.CASCADE, related_name="votes")
    alone = models.BooleanField()
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["option", "member"], name="vote_once_for_option"),
            models.UniqueConstraint(
                fields=["poll", "member"], condition=Q(alone=True), name="vote_once_where_alone"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.option_id}"
