"""Drafts: what members are writing, kept until it is published or thrown away. They are nobody else's business, and no facts."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from communities.models import Circle, Comment, Draft, Poll, Post
from communities.models.poll import UNWRITTEN
from communities.models.post import LONGEST
from communities.services import polls
from kernel.errors import Refused
from kernel.locks import locked
from members.models import Membership

#: Drafts that one member may have.
MOST = 50


@dataclass(frozen=True)
class Place:
    """Where something is being written. A member has at most one draft for each `key`."""

    key: str
    circle: Circle | None = None
    post: Post | None = None
    comment: Comment | None = None

    @property
    def is_change(self) -> bool:
        return self.key.startswith(("post:", "comment:"))

    @property
    def takes_poll(self) -> bool:
        """A post does, new or changed."""
        return self.key.startswith(("circle:", "post:"))


def new_post(circle: Circle) -> Place:
    return Place(f"circle:{circle.pk}", circle=circle)


def answer(post: Post, to: Comment | None = None) -> Place:
    return Place(f"answer:{post.pk}:{to.pk if to else ''}", post=post, comment=to)


def change(written: Post | Comment) -> Place:
    if isinstance(written, Post):
        return Place(f"post:{written.pk}", post=written)
    return Place(f"comment:{written.pk}", post=written.post, comment=written)


def at_place(place: Place, author: Membership) -> Draft | None:
    """The member's draft for the place."""
    return Draft.objects.filter(author=author, place=place.key).first()


@transaction.atomic
def save(
    *,
    place: Place,
    author: Membership,
    body: str,
    version: int,
    at: datetime,
    title: str = "",
    poll: Mapping[str, object] | None = None,
) -> Draft | None:
    """Keep what is being written; None where nothing is written any more, and no draft is left.

    `version` is the one that the writer began from, 0 for none; `poll` is what its form says, None where nothing is said of
    it and what is kept stays. Raises `Refused` where another window has saved something else since (`changed`), or
    published it or thrown it away (`gone`); for an endless text (`length`), a poll where there is none (`no_poll`), and
    for more than `MOST` drafts (`too_many`).
    """
    body, title = body.replace("\r\n", "\n"), title.strip()[:160]
    if len(body) > LONGEST or "\x00" in body + title:
        raise Refused(_("Write at most %(most)d characters.") % {"most": LONGEST}, code="length")
    typed = None if poll is None else _typed(poll, place)
    # Held so that two windows are one after the other, and nobody has more than they may.
    locked(Membership.objects.filter(pk=author.pk)).get()
    draft = at_place(place, author)
    if draft is None:
        return _begin(place, author, version, at, title=title, body=body, poll=typed or {})
    typed = draft.poll if typed is None else typed
    if (draft.title, draft.body, draft.poll) == (title, body, typed):
        return draft
    # With files alone it has no words to lose.
    if draft.version != version and (draft.title or draft.body or draft.poll):
        raise Refused(_("Something else was saved here in another window."), code="changed")
    if not (title or body.strip() or typed) and not draft.attachments.exists():
        draft.delete()
        return None
    draft.title, draft.body, draft.poll, draft.saved_at = title, body, typed, at
    draft.version += 1
    draft.save(update_fields=["title", "body", "poll", "saved_at", "version"])
    return draft


def hold(*, place: Place, author: Membership, at: datetime) -> Draft:
    """The draft for the place, begun without words where there is none. The author is held. Raises `Refused`
    (`too_many`)."""
    return at_place(place, author) or _made(place, author, at)


def finish(*, place: Place, author: Membership, title: str, body: str, version: int | None) -> None:
    """What was published is no draft any more. One that another window has saved since stays: its words are nowhere
    else. The author is held."""
    draft = at_place(place, author)
    if draft is None:
        return
    says_more = draft.poll or (draft.title, draft.body.strip()) not in ((title, body), ("", ""))
    if draft.version == version or not says_more:
        draft.delete()


@transaction.atomic
def throw_away(*, draft: Draft, author: Membership) -> None:
    """Let a draft of one's own be gone, for good."""
    locked(Membership.objects.filter(pk=author.pk)).get()
    Draft.objects.filter(pk=draft.pk, author=author).delete()
    # What was with it belongs to nothing now: the sweeper takes it away.


def _typed(poll: Mapping[str, object], place: Place) -> dict[str, object]:
    """What is kept of a poll's form: nothing of an empty one, but where it takes away the poll of what is published."""
    if not place.takes_poll:
        raise Refused(_("A poll goes with a post."), code="no_poll", field="poll")
    typed = polls.as_typed(poll)
    is_there = place.post is not None and Poll.objects.filter(post=place.post).exists()
    return {} if typed == UNWRITTEN and not is_there else typed


def _begin(place: Place, author: Membership, version: int, at: datetime, **told: Any) -> Draft | None:
    if version:
        raise Refused(_("This draft was published or thrown away in another window."), code="gone")
    if not (told["title"] or told["body"].strip() or told["poll"]):
        return None
    return _made(place, author, at, **told)


def _made(place: Place, author: Membership, at: datetime, **told: Any) -> Draft:
    if Draft.objects.filter(author=author).count() >= MOST:
        words = _("You have %(most)d drafts: publish some, or throw them away.")
        raise Refused(words % {"most": MOST}, code="too_many")
    where: dict[str, Any] = {"circle": place.circle, "post": place.post, "comment": place.comment}
    return Draft.objects.create(author=author, place=place.key, saved_at=at, **where, **told)
