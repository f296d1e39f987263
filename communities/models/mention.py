from django.db import models
from django.db.models import Q


class Mention(models.Model):
    """That a post or a comment named a member, who was told so; it stays when the name is taken out again."""

    post = models.ForeignKey(
        "communities.Post", models.CASCADE, null=True, related_name="mentions", db_index=False
    )
    comment = models.ForeignKey(
        "communities.Comment", models.CASCADE, null=True, related_name="mentions", db_index=False
    )
    member = models.ForeignKey("members.Membership", models.CASCADE, related_name="mentions", db_index=False)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["member", "at"], name="mention_of_member")]
        constraints = [
            models.CheckConstraint(
                condition=Q(post__isnull=True) ^ Q(comment__isnull=True), name="mention_in_one_thing"
            ),
            models.UniqueConstraint(
                fields=["post", "member"], condition=Q(post__isnull=False), name="mention_once_in_post"
            ),
            models.UniqueConstraint(
                fields=["comment", "member"],
                condition=Q(comment__isnull=False),
                name="mention_once_in_comment",
            ),
        ]

    def __str__(self) -> str:
        return f"@{self.member}"
