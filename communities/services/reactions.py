"""Reactions: one tap of a member on a post or a comment of somebody else's, and back."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from communities import emoji as sets
from communities.models import Comment, Post, Reaction
from communities.services import posts
from kernel import activity
from kernel.activity import Activity
from kernel.errors import Refused
from members.models import Membership


@transaction.atomic
def give(*, on: Post | Comment, member: Membership, emoji: str, at: datetime) -> None:
    """React; giving twice is giving once. It is a fact the first time, however often it is taken back and given.

    Raises `Refused` for who does not read the circle (`not_in_it`) or reads only (`not_active`), in an archived circle
    (`archived`), for what is not there any more (`gone`), for words of one's own (`own`), and for what is none of the
    community's reactions (`unknown`). A closed thread takes them.
    """
    on, member = _held(on, member, at)
    post = on if isinstance(on, Post) else on.post
    if on.author_id == member.pk:
        raise Refused(_("You have written this yourself: reactions are for what others write."), code="own")
    if emoji not in {kind.emoji for kind in sets.of(post.circle.community)}:
        raise Refused(_("This is none of the reactions here."), code="unknown", field="emoji")
    kind, where = _where(on)
    _reaction, new = Reaction.objects.get_or_create(**where, member=member, emoji=emoji, defaults={"at": at})
    if not new:
        return
    activity.publish(
        Activity(
            community_id=post.circle.community_id,
            member=member.number,
            verb="reacted",
            at=at,
            target=on.author.number,
            object_kind=kind,
            object_id=str(on.key),
            circle_id=post.circle_id,
            staff=member.is_staff,
            dedupe=f"reaction:{kind}:{on.key}:{emoji}:{member.number}",
        )
    )


@transaction.atomic
def take(*, on: Post | Comment, member: Membership, emoji: str, at: datetime) -> None:
    """Take a reaction back; where there is none nothing happens. Raises `Refused` as `give` does for who may not."""
    on, member = _held(on, member, at)
    Reaction.objects.filter(**_where(on)[1], member=member, emoji=emoji).delete()


def _held(on: Post | Comment, member: Membership, at: datetime) -> tuple[Post | Comment, Membership]:
    """What is reacted to as it is now, and the member, held: so two taps of theirs come one after the other."""
    circle = on.circle if isinstance(on, Post) else on.post.circle
    member = posts.hold_reader(member, circle, at)
    found: Post | Comment
    if isinstance(on, Post):
        found = post = Post.objects.select_related("author", "circle__community").get(pk=on.pk)
    else:
        rows = Comment.objects.select_related("author", "post__circle__community")
        found = rows.get(pk=on.pk)
        post = found.post
    if not (found.is_there and post.is_there):
        raise Refused(_("This is not there any more."), code="gone")
    return found, member


def _where(on: Post | Comment) -> tuple[str, dict[str, Post | Comment]]:
    kind = "post" if isinstance(on, Post) else "comment"
    return kind, {kind: on}
