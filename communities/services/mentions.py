"""Mentions: members named in what others write, by their number, and told of it once.

A text names a member as `@[Ada](12)`, which is kept as `@#12`: names change, and go with those whose they are.
"""

from collections.abc import Collection, Sequence
from datetime import datetime

from django.utils.translation import gettext as _

from communities import access as rules
from communities.models import Circle, Comment, Mention, Post
from kernel import access, activity, markdown
from kernel.activity import Activity
from kernel.errors import Refused
from members.models import Membership

MOST = 10


def found(body: str, circle: Circle, author: Membership, known: Collection[int] = ()) -> list[Membership]:
    """The members whom the text names and who may be told: they read the circle, and the author sees them or (`known`,
    by key) their words. Raises `Refused` (`too_many_named`) for more than `MOST`."""
    numbers = markdown.mentioned(body)
    if len(numbers) > MOST:
        told = _("Name at most %(most)d members in one text.") % {"most": MOST}
        raise Refused(told, code="too_many_named", field="body")
    if not numbers:
        return []
    rows = Membership.objects.of(circle.community_id).filter(number__in=numbers)
    rows = rows.filter(rules.readers_q(circle)).exclude(pk=author.pk)
    seen = set(access.visible(rows, author).values_list("pk", flat=True)) | set(known)
    return [one for one in rows.order_by("pk") if one.pk in seen]


def kept(body: str) -> str:
    """The text as it is kept: with the bare numbers of those whom it names."""
    return markdown.MENTION.sub(lambda found: f"@#{int(found['chosen'] or found['kept'])}", body)


def record(
    *, on: Post | Comment, people: Sequence[Membership], at: datetime, answered: Membership | None = None
) -> None:
    """Write down whom it names, in the caller's transaction, which holds them (`posts.hold_author`). That is a fact for
    who was not named in it before, and they are told; who is `answered` by it hears of that already."""
    post = on if isinstance(on, Post) else on.post
    kind = "post" if isinstance(on, Post) else "comment"
    before = set(Mention.objects.filter(**{kind: on}).values_list("member", flat=True))
    new = [one for one in people if one.pk not in before]
    Mention.objects.bulk_create(Mention(**{kind: on}, member=one, at=at) for one in new)
    activity.publish(
        *(
            Activity(
                community_id=post.circle.community_id,
                member=on.author.number,
                verb="mentioned",
                at=at,
                target=one.number,
                object_kind=kind,
                object_id=str(on.key),
                circle_id=post.circle_id,
                staff=on.author.is_staff,
                dedupe=f"mention:{kind}:{on.key}:{one.number}",
            )
            for one in new
        )
    )
    for one in new:
        if answered is not None and answered.pk == one.pk:
            continue
        activity.announce("member.mentioned", written=on, member=one, at=at)
