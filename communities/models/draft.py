import uuid

from django.db import models
from django.db.models import Q

from communities.models.post import LONGEST, Comment, Post, WithFiles


class DraftQuerySet(models.QuerySet["Draft"]):
    def of(self, community_id: int) -> "DraftQuerySet":
        return self.filter(author__community_id=community_id)


class Draft(WithFiles, models.Model):
    """What a member is writing and has not published: a post in a circle, an answer, or a change of either.

    There is one for each place (`place`, as `services.drafts.Place` names it). `poll` is what the form of a poll says, as it
    was typed (`services.polls.as_typed`), nothing where none is written. `version` counts how often it was saved: who saves
    from an older one is told of it.
    """

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    author = models.ForeignKey("members.Membership", models.CASCADE, related_name="drafts", db_index=False)
    place = models.CharField(max_length=60)
    circle = models.ForeignKey("communities.Circle", models.CASCADE, null=True, related_name="drafts")
    post = models.ForeignKey(Post, models.CASCADE, null=True, related_name="drafts")
    comment = models.ForeignKey(Comment, models.CASCADE, null=True, related_name="drafts")
    title = models.CharField(max_length=160, blank=True)
    body = models.TextField(max_length=LONGEST, blank=True)
    poll = models.JSONField(default=dict)
    version = models.PositiveIntegerField(default=1)
    saved_at = models.DateTimeField()

    objects = DraftQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["author", "place"], name="draft_one_for_each_place"),
            models.CheckConstraint(
                condition=Q(circle__isnull=False, post__isnull=True, comment__isnull=True)
                | Q(circle__isnull=True, post__isnull=False),
                name="draft_is_somewhere",
            ),
        ]

    def __str__(self) -> str:
        return (self.title or self.body or " / ".join(self.choices) or self.called)[:80]

    @property
    def choices(self) -> list[str]:
        """Of its poll, as far as they are written."""
        return [line for line in str(self.poll.get("options", "")).splitlines() if line.strip()]

    @property
    def is_change(self) -> bool:
        """Whether something that is published already is to say something else."""
        return self.place.startswith(("post:", "comment:"))
