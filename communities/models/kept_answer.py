from datetime import datetime

from django.db import models


class KeptAnswerQuerySet(models.QuerySet["KeptAnswer"]):
    def of(self, community_id: int) -> "KeptAnswerQuerySet":
        return self.filter(community_id=community_id)

    def older_than(self, at: datetime) -> "KeptAnswerQuerySet":
        return self.filter(kept_at__lt=at)


class KeptAnswer(models.Model):
    """What the API answered to a POST with an idempotency key, so that it can answer the same again. The status of a key that
    was claimed before its act, and not answered yet, is `CLAIMED`."""

    CLAIMED = 0

    community = models.ForeignKey("communities.Community", models.CASCADE, related_name="+")
    caller = models.CharField(max_length=60)
    key = models.CharField(max_length=255)
    fingerprint = models.BinaryField(max_length=32)
    status = models.PositiveSmallIntegerField()
    headers = models.JSONField()
    body = models.TextField()
    kept_at = models.DateTimeField()

    objects = KeptAnswerQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["community", "caller", "key"], name="kept_answer_once"),
        ]
        indexes = [models.Index(fields=["community", "kept_at"], name="kept_answer_by_age")]

    def __str__(self) -> str:
        return f"{self.caller}: {self.key}"
