"""What members write in circles: posts, the comments below them, and what both said before they were changed."""

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from kernel import markdown

#: Characters of one text.
LONGEST = 20_000


class WithFiles:
    """What pictures and files go with (`models.Attachment`)."""

    attachments: Any
    #: They, once it is filled with them (`selectors.attached`).
    filled: Sequence[Any] | None = None

    @property
    def attached(self) -> Sequence[Any]:
        """All of them, in their order."""
        return list(self.attachments.all()) if self.filled is None else self.filled

    @property
    def pictures(self) -> list[Any]:
        return [one for one in self.attached if one.is_picture]

    @property
    def files(self) -> list[Any]:
        """Those that are no pictures."""
        return [one for one in self.attached if not one.is_picture]

    @property
    def called(self) -> str:
        """What they are called in one line: by what is on them, else by their names."""
        return " · ".join(one.alt or one.name for one in self.attached)


class Written(WithFiles, models.Model):
    """What a member has written. `key` names it in addresses.

    Once its author has taken it back (`removed_at`) its words are gone; what staff or hosts have hidden keeps them,
    with the `reason` that the author reads. What waits for approval (`held_at`) is hidden until then.
    """

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    body = models.TextField(_("text"), max_length=LONGEST, blank=True)
    created_at = models.DateTimeField()
    edited_at = models.DateTimeField(null=True, editable=False)
    removed_at = models.DateTimeField(null=True, editable=False)
    hidden_at = models.DateTimeField(null=True, editable=False)
    held_at = models.DateTimeField(null=True, editable=False)
    reason = models.CharField(max_length=240, blank=True, editable=False)

    #: The members it names, by number, as its reader may know them (`selectors.mentions`).
    people: Mapping[int, markdown.Named] = {}
    #: The reactions to it as a page shows them, once it is filled with them (`selectors.reactions`).
    tallies: Sequence[Any] = ()
    #: What it said before, the last first, once it is filled with it (`selectors.talk.thread`).
    said_before: Sequence["Version"] = ()

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                condition=Q(held_at__isnull=True) | Q(hidden_at__isnull=False),
                name="%(class)s_held_is_hidden",
            )
        ]

    @property
    def words(self) -> str:
        """What it says, without its marks and in one line; where it says nothing, what its pictures and files are called."""
        return markdown.plain(self.body, self.people) if self.body or self.removed_at else self.called

    @property
    def is_there(self) -> bool:
        """Whether its words are there for everyone who may read the circle."""
        return self.removed_at is None and self.hidden_at is None


class PostQuerySet(models.QuerySet["Post"]):
    def of(self, community_id: int) -> "PostQuerySet":
        return self.filter(circle__community_id=community_id)

    def open_questions(self) -> "PostQuerySet":
        """Questions of which no answer is accepted."""
        return self.filter(asks=True, accepted=None)

    def there(self) -> "PostQuerySet":
        """Those that neither their author nor anybody else has taken away."""
        return self.filter(removed_at=None, hidden_at=None)


class Post(Written):
    """The beginning of a thread in a circle. `comment_count` counts the comments that are there, `last_at` is when the
    last of them was written; a locked post takes none any more, a pinned one stands above the others. One that `asks` is
    a question: what stands directly below it are answers, of which one can be `accepted`."""

    circle = models.ForeignKey("communities.Circle", models.CASCADE, related_name="posts", db_index=False)
    author = models.ForeignKey("members.Membership", models.CASCADE, related_name="posts")
    title = models.CharField(_("title"), max_length=160, blank=True)
    asks = models.BooleanField(default=False, editable=False)
    accepted = models.ForeignKey(
        "communities.Comment", models.SET_NULL, null=True, related_name="+", editable=False
    )
    accepted_at = models.DateTimeField(null=True, editable=False)
    locked_at = models.DateTimeField(null=True, editable=False)
    pinned_at = models.DateTimeField(null=True, editable=False)
    comment_count = models.PositiveIntegerField(default=0, editable=False)
    last_at = models.DateTimeField(editable=False)

    objects = PostQuerySet.as_manager()

    #: Its poll as a page shows it, once it is filled with it (`selectors.polls`).
    shown_poll: Any = None

    class Meta(Written.Meta):
        indexes = [
            models.Index(fields=["circle", "created_at", "id"], name="post_by_circle"),
            models.Index(fields=["circle"], condition=Q(pinned_at__isnull=False), name="post_pinned"),
            models.Index(
                fields=["circle", "created_at", "id"],
                condition=Q(asks=True, accepted__isnull=True),
                name="post_open_question",
            ),
            models.Index(fields=["circle", "last_at"], name="post_by_last"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(accepted__isnull=True) | Q(asks=True), name="post_accepts_where_it_asks"
            )
        ]

    def __str__(self) -> str:
        return self.title or self.words[:80]


class CommentQuerySet(models.QuerySet["Comment"]):
    def of(self, community_id: int) -> "CommentQuerySet":
        return self.filter(post__circle__community_id=community_id)


class Comment(Written):
    """An answer to a post, or (`parent`) to another comment below it."""

    post = models.ForeignKey(Post, models.CASCADE, related_name="comments", db_index=False)
    parent = models.ForeignKey("self", models.CASCADE, null=True, related_name="answers")
    author = models.ForeignKey("members.Membership", models.CASCADE, related_name="comments")

    objects = CommentQuerySet.as_manager()

    class Meta(Written.Meta):
        indexes = [models.Index(fields=["post", "created_at", "id"], name="comment_by_post")]

    def __str__(self) -> str:
        return self.words[:80]


class Version(models.Model):
    """What a post or a comment said until it was changed."""

    post = models.ForeignKey(Post, models.CASCADE, null=True, related_name="versions")
    comment = models.ForeignKey(Comment, models.CASCADE, null=True, related_name="versions")
    title = models.CharField(max_length=160, blank=True)
    body = models.TextField()
    until = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(post__isnull=True) ^ Q(comment__isnull=True), name="version_of_one_thing"
            )
        ]

    def __str__(self) -> str:
        return self.body[:80]
