from django.db import models


class ThreadRead(models.Model):
    """How far a member has read a thread: what was written there until then. It is kept as long as it says more than
    the circle's own mark (`CircleMembership.read_until`)."""

    membership = models.ForeignKey(
        "members.Membership", models.CASCADE, related_name="threads_read", db_index=False
    )
    post = models.ForeignKey("communities.Post", models.CASCADE, related_name="reads")
    until = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["membership", "post"], name="thread_read_once")]
        indexes = [models.Index(fields=["until"], name="thread_read_until")]

    def __str__(self) -> str:
        return f"{self.membership_id} in {self.post_id} until {self.until:%Y-%m-%d %H:%M}"
