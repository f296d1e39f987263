"""Votes in polls: cast, changed and taken back until the poll is closed, at its end or by its author."""

from collections.abc import Collection
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from communities.models import Option, Poll, Post, Vote
from communities.services import posts
from kernel import activity
from kernel.activity import Activity
from kernel.errors import Refused
from kernel.locks import locked
from members.models import Membership


@transaction.atomic
def cast(*, post: Post, member: Membership, options: Collection[int], at: datetime) -> None:
    """Vote for the options of these ids, in place of what one voted before; none takes the vote back. The first vote
    in somebody else's poll is a fact.

    Raises `Refused` as `reactions.give` does for who may not, where there is no poll (`no_poll`), once it is closed
    (`closed`), for what is none of its options (`unknown`) and for several where one may be chosen (`one_only`).
    """
    member = posts.hold_reader(member, post.circle, at)
    post = Post.objects.select_related("author", "circle").get(pk=post.pk)
    if not post.is_there:
        raise Refused(_("This is not there any more."), code="gone")
    # Held, as its options are changed under the same lock.
    poll = locked(Poll.objects.filter(post=post)).first()
    if poll is None:
        raise Refused(_("There is no poll here."), code="no_poll")
    if poll.is_closed(at):
        raise Refused(_("The poll is closed."), code="closed")
    chosen = list(Option.objects.filter(poll=poll, pk__in=options))
    if len(chosen) != len(set(options)):
        raise Refused(_("The choices are others by now: look again."), code="unknown", field="options")
    if len(chosen) > 1 and not poll.several:
        raise Refused(_("Choose one."), code="one_only", field="options")
    mine = Vote.objects.filter(poll=poll, member=member)
    mine.exclude(option__in=chosen).delete()
    before = set(mine.values_list("option", flat=True))
    Vote.objects.bulk_create(
        Vote(poll=poll, option=option, member=member, alone=not poll.several, at=at)
        for option in chosen
        if option.pk not in before
    )
    if not chosen or post.author_id == member.pk:
        return
    activity.publish(
        Activity(
            community_id=post.circle.community_id,
            member=member.number,
            verb="voted",
            at=at,
            target=post.author.number,
            object_kind="post",
            object_id=str(post.key),
            circle_id=post.circle_id,
            staff=member.is_staff,
            dedupe=f"vote:{post.key}:{member.number}",
        )
    )


@transaction.atomic
def close(*, post: Post, author: Membership, at: datetime) -> None:
    """Take no more votes in a poll of one's own from now on, for good; those that were cast stand. For one that is closed
    nothing changes. Raises `Refused` for a post of somebody else's (`not_yours`) and where there is no poll (`no_poll`)."""
    if post.author_id != author.pk:
        raise Refused(_("Somebody else has written this."), code="not_yours")
    # Held as by those who vote: who comes after it finds it closed.
    poll = locked(Poll.objects.filter(post=post)).first()
    if poll is None:
        raise Refused(_("There is no poll here."), code="no_poll")
    if not poll.is_closed(at):
        poll.closed_at = at
        poll.save(update_fields=["closed_at"])
