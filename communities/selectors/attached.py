"""Pictures and files as a page shows them: with the posts, comments and drafts they belong to."""

from collections.abc import Sequence

from django.db.models import Q

from communities.models import Attachment, Comment, Draft, Post

_FIELDS = {Post: "post", Comment: "comment", Draft: "draft"}


def fill_wordless(things: Sequence[Post | Comment]) -> None:
    """The same of those alone that say nothing: lists that show no pictures call these by them."""
    fill([one for one in things if not one.body and one.removed_at is None])


def fill(things: Sequence[Post | Comment | Draft]) -> None:
    """Give each its pictures and files (`attached`), in one query."""
    here = Q(pk=None)
    for model, field in _FIELDS.items():
        if keys := [one.pk for one in things if isinstance(one, model)]:
            here |= Q(**{f"{field}__in": keys})
    if not here.children[1:]:
        return
    found: dict[tuple[int | None, ...], list[Attachment]] = {}
    for row in Attachment.objects.filter(here):
        found.setdefault((row.post_id, row.comment_id, row.draft_id), []).append(row)
    for one in things:
        place = tuple(one.pk if isinstance(one, model) else None for model in _FIELDS)
        one.filled = found.get(place, [])
