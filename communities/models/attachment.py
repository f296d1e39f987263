import uuid

from django.db import models
from django.db.models import Q

from communities.models.draft import Draft
from communities.models.post import Comment, Post
from members.models.import_run import private_storage


def random_name(attachment: "Attachment", filename: str) -> str:
    """A name that tells nothing: what a person called the file is kept in the row."""
    return f"attachments/{uuid.uuid4().hex}"


class AttachmentQuerySet(models.QuerySet["Attachment"]):
    def of(self, community_id: int) -> "AttachmentQuerySet":
        return self.filter(community_id=community_id)

    def loose(self) -> "AttachmentQuerySet":
        """Those that belong to nothing: sent and not used yet, or what they belonged to is gone."""
        return self.filter(draft=None, post=None, comment=None)


class Attachment(models.Model):
    """A picture or file of what somebody writes: of a draft until that is published, then of the post or comment.

    `size` is in bytes, of all that is stored. A picture has its `width` and `height` and a `small` copy; `alt` says what
    is on it, to those who do not see it, and `is_decorative` that there is nothing to say.
    """

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    community = models.ForeignKey("communities.Community", models.CASCADE, related_name="+", db_index=False)
    author = models.ForeignKey(
        "members.Membership", models.CASCADE, related_name="attachments", db_index=False
    )
    draft = models.ForeignKey(Draft, models.SET_NULL, null=True, related_name="attachments")
    post = models.ForeignKey(Post, models.SET_NULL, null=True, related_name="attachments")
    comment = models.ForeignKey(Comment, models.SET_NULL, null=True, related_name="attachments")
    position = models.PositiveSmallIntegerField(default=0)
    name = models.CharField(max_length=130)
    media_type = models.CharField(max_length=100)
    size = models.PositiveIntegerField()
    width = models.PositiveIntegerField(null=True)
    height = models.PositiveIntegerField(null=True)
    alt = models.CharField(max_length=300, blank=True)
    is_decorative = models.BooleanField(default=False)
    file = models.FileField(storage=private_storage, upload_to=random_name)
    small = models.FileField(storage=private_storage, upload_to=random_name, blank=True)
    created_at = models.DateTimeField()

    objects = AttachmentQuerySet.as_manager()

    class Meta:
        ordering = ["position", "pk"]
        indexes = [
            models.Index(fields=["community"], include=["size"], name="attachment_room_taken"),
            models.Index(fields=["author"], include=["size"], name="attachment_by_author"),
            models.Index(
                fields=["created_at"],
                condition=Q(draft__isnull=True, post__isnull=True, comment__isnull=True),
                name="attachment_loose",
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(draft__isnull=True, post__isnull=True)
                | Q(draft__isnull=True, comment__isnull=True)
                | Q(post__isnull=True, comment__isnull=True),
                name="attachment_of_one_thing",
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_picture(self) -> bool:
        return self.width is not None
