from django.db import models
from django.db.models import Q


class Reaction(models.Model):
    """One tap of a member on a post or a comment: one of each kind. A kind that the community has dropped since stays
    where it was given."""

    post = models.ForeignKey(
        "communities.Post", models.CASCADE, null=True, related_name="reactions", db_index=False
    )
    comment = models.ForeignKey(
        "communities.Comment", models.CASCADE, null=True, related_name="reactions", db_index=False
    )
    member = models.ForeignKey("members.Membership", models.CASCADE, related_name="reactions")
    emoji = models.CharField(max_length=16)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(post__isnull=True) ^ Q(comment__isnull=True), name="reaction_to_one_thing"
            ),
            # Each serves as the index by which those of a page are found.
            models.UniqueConstraint(
                fields=["post", "emoji", "member"],
                condition=Q(post__isnull=False),
                name="reaction_once_to_post",
            ),
            models.UniqueConstraint(
                fields=["comment", "emoji", "member"],
                condition=Q(comment__isnull=False),
                name="reaction_once_to_comment",
            ),
        ]

    def __str__(self) -> str:
        return self.emoji
