"""Drafts: what members are writing, kept until it is published or thrown away. They are nobody else's business, and no facts."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from communities.models import Circle, Comment, Draft, Post
from communities.models.post import LONGEST
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
    *, place: Place, author: Membership, body: str, version: int, at: datetime, title: str = ""
) -> Draft | None:
    """Keep what is being written; None where nothing is written any more, and no draft is left.

    `version` is the one that the writer began from, 0 for none. Raises `Refused` where another window has saved
    something else since (`changed`), or published it or thrown it away (`gone`); for an endless text (`length`), and for
    more than `MOST` drafts (`too_many`).
    """
    body, title = body.replace("\r\n", "\n"), title.strip()[:160]
    if len(body) > LONGEST or "\x00" in body + title:
        raise Refused(_("Write between 1 and %(most)d characters.") % {"most": LONGEST}, code="length")
    # Held so that two windows are one after the other, and nobody has more than they may.
    locked(Membership.objects.filter(pk=author.pk)).get()
    draft = at_place(place, author)
    if draft is None:
        return _begin(place, author, title, body, version, at)
    if (draft.title, draft.body) == (title, body):
        return draft
    # With files alone it has no words to lose.
    if draft.version != version and (draft.title or draft.body):
        raise Refused(_("Something else was saved here in another window."), code="changed")
    if not (title or body.strip()) and not draft.attachments.exists():
        draft.delete()
        return None
    draft.title, draft.body, draft.saved_at = title, body, at
    draft.version += 1
    draft.save(update_fields=["title", "body", "saved_at", "version"])
    return draft


def hold(*, place: Place, author: Membership, at: datetime) -> Draft:
    """The draft for the place, begun without words where there is none. The author is held. Raises `Refused`
    (`too_many`)."""
    return at_place(place, author) or _made(place, author, at)


def finish(*, place: Place, author: Membership, title: str, body: str, version: int | None) -> None:
    """What was published is no draft any more. One that another window has saved since stays: its words are nowhere
    else. The author is held."""
    draft = at_place(place, author)
    if draft and (draft.version == version or (draft.title, draft.body.strip()) in ((title, body), ("", ""))):
        draft.delete()


@transaction.atomic
def throw_away(*, draft: Draft, author: Membership) -> None:
    """Let a draft of one's own be gone, for good."""
    locked(Membership.objects.filter(pk=author.pk)).get()
    Draft.objects.filter(pk=draft.pk, author=author).delete()
    # What was with it belongs to nothing now: the sweeper takes it away.


def _begin(
    place: Place, author: Membership, title: str, body: str, version: int, at: datetime
) -> Draft | None:
    if version:
        raise Refused(_("This draft was published or thrown away in another window."), code="gone")
    if not (title or body.strip()):
        return None
    return _made(place, author, at, title=title, body=body)


def _made(place: Place, author: Membership, at: datetime, **told: str) -> Draft:
    if Draft.objects.filter(author=author).count() >= MOST:
        words = _("You have %(most)d drafts: publish some, or throw them away.")
        raise Refused(words % {"most": MOST}, code="too_many")
    where: dict[str, Any] = {"circle": place.circle, "post": place.post, "comment": place.comment}
    return Draft.objects.create(author=author, place=place.key, saved_at=at, **where, **told)
