"""What lies in circles, for who may read it: the doors of the rooms that are about one post or one comment."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import cached_property

from communities.models import Comment, Post
from communities.selectors import talk
from kernel import access
from kernel.doors import MembersOnly


class OfWritten(MembersOnly):
    """For who may read the post or the comment (`thing`) that the address names; to everyone else it does not exist."""

    kwargs: dict[str, Any]

    @cached_property
    def thing(self) -> Any:
        raise NotImplementedError

    @property
    def place(self) -> str:
        """Where it is read."""
        raise NotImplementedError

    def back(self) -> HttpResponse:
        return redirect(self.place)


class OfPost(OfWritten):
    """For who may read the post."""

    @cached_property
    def thing(self) -> Any:
        rows = talk.posts(Post.objects.of(self.request.community.id))
        return access.find(rows, self.request, key=self.kwargs["post_key"])

    @property
    def place(self) -> str:
        return reverse("communities:post", args=[self.request.community.slug, self.thing.key])


class OfComment(OfWritten):
    """For who may read the post that the comment lies below."""

    @cached_property
    def thing(self) -> Any:
        rows = Comment.objects.of(self.request.community.id).filter(removed_at=None)
        rows = rows.select_related("author", "post__circle__community", "post__author")
        return access.find(rows, self.request, key=self.kwargs["comment_key"])

    @property
    def place(self) -> str:
        place = reverse("communities:post", args=[self.request.community.slug, self.thing.post.key])
        return f"{place}?comment={self.thing.key}#comment-{self.thing.key}"
