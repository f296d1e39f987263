from django.db import models
from django.db.models import Q

from kernel.activity import TALK


class FactQuerySet(models.QuerySet["Fact"]):
    def of(self, community_id: int) -> "FactQuerySet":
        return self.filter(community_id=community_id)

    def valid(self) -> "FactQuerySet":
        """Those that figures may count."""
        return self.filter(retracted_at=None)


class Fact(models.Model):
    """One thing a member did, or that befell them. Written once; a trigger refuses every change but retraction.

    `member` and `target` are member numbers: no key points at anybody, so that erasing a person leaves the
    figures as they were, and loading stays fast. `dedupe` is the fact's identity (see `services.identity`).
    `utc_day` is the day of `occurred_at` in UTC: with it one index serves two readers of this table, a day of
    a community and a member's timeline; two more hold few facts: how soon is answered
    reads what was said on objects alone, K what was sent by invitation.
    """

    pk = models.CompositePrimaryKey("community_id", "dedupe")
    dedupe = models.UUIDField()
    occurred_at = models.DateTimeField()
    community_id = models.IntegerField()
    member = models.IntegerField()
    target = models.IntegerField(null=True)
    circle_id = models.IntegerField(null=True)
    utc_day = models.DateField()
    staff = models.BooleanField(default=False)
    verb = models.TextField()
    object_kind = models.TextField(default="")
    object_id = models.TextField(default="")
    value = models.DecimalField(max_digits=20, decimal_places=6, null=True)
    batch = models.UUIDField(null=True)
    retracted_at = models.DateTimeField(null=True)

    objects = FactQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["community_id", "utc_day", "member"], name="fact_by_day_and_member"),
            models.Index(
                fields=["community_id", "occurred_at"],
                condition=Q(verb__in=sorted(TALK)) & ~Q(object_id=""),
                name="fact_of_talk",
            ),
            models.Index(
                fields=["community_id", "utc_day"],
                condition=Q(verb="invited"),
                name="fact_of_inviting",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.member} {self.verb} {self.occurred_at:%Y-%m-%d %H:%M}"


class DirtyDay(models.Model):
    """The log of what has to be rolled up again. Rows are added with the facts, in one transaction.

    It names instants, from `since` to `until`, both included: which local days these are is decided when
    rolling up, so that a change of the time zone at the same moment loses nothing. Without instants the days
    stand and only the figures are out of date (another weight, say). With a `member`'s number it is every day on which
    facts name them, as actor or as target, and the figures of every day.
    """

    community_id = models.IntegerField()
    since = models.DateTimeField(null=True)
    until = models.DateTimeField(null=True)
    member = models.IntegerField(null=True)

    class Meta:
        indexes = [models.Index(fields=["community_id"], name="dirty_by_community")]

    def __str__(self) -> str:
        return f"{self.community_id}: {self.since} to {self.until}"
