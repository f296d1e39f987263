"""What was written in circles, as a table that leaves as a file."""

from collections.abc import Iterator
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from communities.models import Attachment, Circle, Comment, Community, Post, Reaction
from kernel import access
from members.models import Membership

#: `below` is the post that a comment lies below, `answers_to` the comment that it answers; members are named by number.
HEADER = (
    "kind", "id", "circle", "below", "answers_to", "member", "name", "title", "text", "question", "accepted", "files",
    "reactions", "written_at", "changed_at", "hidden_at", "reason",
)  # fmt: skip
PORTION = 1000


def rows(community: Community, viewer: Membership, circle: Circle | None = None) -> Iterator[list[Any]]:
    """All posts and then all comments that the viewer reads, or those of one circle, the oldest first, read in portions.
    What its author has taken back is left out."""
    posts = access.visible(Post.objects.of(community.pk).filter(removed_at=None), viewer)
    comments = access.visible(Comment.objects.of(community.pk).filter(removed_at=None), viewer)
    if circle is not None:
        posts, comments = posts.filter(circle=circle), comments.filter(post__circle=circle)
    for post in _told(posts.select_related("author", "circle"), "post"):
        marks = ["yes" if post.asks else "", ""]
        yield ["post", post.key, post.circle.slug, "", "", *_written(post, post.title, marks)]
    for comment in _told(comments.select_related("author", "post__circle", "parent"), "comment"):
        marks = ["", "yes" if comment.post.accepted_id == comment.pk else ""]
        where = [comment.post.circle.slug, comment.post.key, comment.parent.key if comment.parent else ""]
        yield ["comment", comment.key, *where, *_written(comment, "", marks)]


def _told(things: QuerySet[Any], kind: str) -> Iterator[Any]:
    here = {kind: OuterRef("pk")}
    files = Attachment.objects.filter(**here).order_by("position", "pk").values("name")
    given = Reaction.objects.filter(**here).order_by().values(kind).values(n=Count("pk"))
    told = things.annotate(files_named=ArraySubquery(files), given=Coalesce(Subquery(given), 0))
    return told.order_by("created_at", "pk").iterator(chunk_size=PORTION)


def _written(one: Any, title: str, marks: list[str]) -> list[Any]:
    said = [one.author.number, one.author.display_name, title, one.body, *marks]
    return [*said, one.files_named, one.given, one.created_at, one.edited_at, one.hidden_at, one.reason]
