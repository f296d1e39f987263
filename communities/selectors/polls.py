"""Polls as their readers see them: the choices, one's own, and the votes where they are shown."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Exists, OuterRef, Subquery
from django.utils import timezone

from communities.models import Option, Poll, Post, Vote
from communities.models.poll import UNWRITTEN
from members.models import Membership


@dataclass(frozen=True)
class Choice:
    """An option, and whether the viewer chose it; `votes` is None where they are not shown."""

    id: int
    text: str
    mine: bool
    votes: int | None


@dataclass(frozen=True)
class Shown:
    """A poll for one viewer; `voters` is None where votes are not shown."""

    poll: Poll
    choices: Sequence[Choice]
    voted: bool
    closed: bool
    voters: int | None

    @property
    def seen(self) -> bool:
        """Whether the votes are shown."""
        return self.voters is not None

    @property
    def most(self) -> int:
        """What a bar of full length stands for."""
        return max(self.voters or 0, 1)


def fill(posts: Sequence[Post], viewer: Membership | None, at: datetime) -> None:
    """Give each post that has a poll its `shown_poll`: in one query, in none where no post has one. The posts come with
    their polls (`selectors.talk.posts`); None is a program."""
    polls = {post.pk: post.poll for post in posts if getattr(post, "poll", None)}
    if not polls:
        return
    mine = Vote.objects.filter(option=OuterRef("pk"), member=viewer)
    options = Option.objects.filter(poll__in=polls.values()).order_by("place")
    of_poll = Vote.objects.filter(poll=OuterRef("poll")).values("poll").order_by()
    voters = of_poll.values(n=Count("member", distinct=True))
    rows: dict[int, list[Option]] = {}
    for option in options.annotate(n=Count("votes"), mine=Exists(mine), voters=Subquery(voters)):
        rows.setdefault(option.poll_id, []).append(option)
    for post in posts:
        if poll := polls.get(post.pk):
            post.shown_poll = _shown(poll, rows.get(poll.pk, []), at)


def _shown(poll: Poll, options: Sequence[Option], at: datetime) -> Shown:
    voters = next((option.voters for option in options), None) or 0  # type: ignore[attr-defined]
    voted, closed = any(option.mine for option in options), poll.is_closed(at)  # type: ignore[attr-defined]
    seen = closed or poll.results == Poll.Results.ALWAYS or (voted and poll.results == Poll.Results.VOTED)
    choices = [
        Choice(option.pk, option.text, option.mine, option.n if seen else None)  # type: ignore[attr-defined]
        for option in options
    ]
    return Shown(poll, choices, voted, closed, voters if seen else None)


def form_values(post: Post, at: datetime) -> dict[str, object] | None:
    """What the form of its poll begins with, as it would be typed; None once it is closed, or somebody has voted."""
    poll = getattr(post, "poll", None)
    if poll is None:
        return dict(UNWRITTEN)
    if poll.is_closed(at) or poll.votes.exists():
        return None
    closes_at = poll.closes_at and timezone.localtime(poll.closes_at)
    return {
        "options": "\n".join(poll.options.values_list("text", flat=True)),
        "several": poll.several,
        "results": poll.results,
        "closes_at": f"{closes_at:%Y-%m-%dT%H:%M}" if closes_at else "",
    }
