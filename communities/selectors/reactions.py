"""Reactions as a page shows them: how many of each kind, and who."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib.postgres.aggregates import ArrayAgg, BoolOr
from django.db.models import Count, Func, Q, QuerySet
from django.utils.translation import ngettext

from communities import emoji as sets
from communities.models import Comment, Community, Post, Reaction
from kernel import keyset, words
from kernel.keyset import Order, Page
from members.models import Membership

#: So many are named on the page itself.
NAMED = 3
PAGE = 100
LATEST = Order("at", descending=True)


@dataclass(frozen=True)
class Tally:
    """How many gave one kind of reaction; `names` are those of the first of them, `mine` whether the viewer did."""

    emoji: str
    word: str
    count: int
    mine: bool
    names: Sequence[str]

    @property
    def who(self) -> str:
        """The first by name, the others as a number; empty where nobody is named."""
        more = self.count - len(self.names) if self.names else 0
        if not more:
            return words.listed(self.names)
        others = ngettext("%(n)s other", "%(n)s others", more) % {"n": words.number(more)}
        return words.listed([*self.names, others])


def fill(
    things: Sequence[Post | Comment], community: Community, viewer: Membership | None, *, named: bool = True
) -> None:
    """Give each its `tallies`, in the order of the community's set; in two queries, without names in one."""
    posts = [one.pk for one in things if isinstance(one, Post)]
    comments = [one.pk for one in things if isinstance(one, Comment)]
    if not things:
        return
    here = Q(post__in=posts) if posts else Q()
    here |= Q(comment__in=comments) if comments else Q()
    groups = list(
        Reaction.objects.filter(here)
        .values("post_id", "comment_id", "emoji")
        .annotate(
            n=Count("pk"),
            mine=BoolOr(Q(member_id=viewer.pk if viewer else 0)),
            first=Func(ArrayAgg("member_id", order_by="pk"), template=f"(%(expressions)s)[1:{NAMED}]"),
        )
        .order_by()
    )
    pks = {pk for group in groups for pk in group["first"]} if named else set()
    people = Membership.objects.in_bulk(pks) if pks else {}
    kinds = sets.of(community)
    places = {kind.emoji: place for place, kind in enumerate(kinds)}
    meant = {kind.emoji: kind.word for kind in kinds}
    found: dict[tuple[int | None, int | None], list[Tally]] = {}
    for group in sorted(groups, key=lambda one: (places.get(one["emoji"], len(places)), one["emoji"])):
        names = [people[pk].display_name for pk in group["first"]] if named else []
        tally = Tally(group["emoji"], meant.get(group["emoji"], ""), group["n"], bool(group["mine"]), names)
        found.setdefault((group["post_id"], group["comment_id"]), []).append(tally)
    for one in things:
        one.tallies = found.get((one.pk, None) if isinstance(one, Post) else (None, one.pk), [])


def to(thing: Post | Comment) -> QuerySet[Reaction]:
    """Every reaction to it, with who gave it."""
    where: dict[str, Any] = {"post": thing} if isinstance(thing, Post) else {"comment": thing}
    return Reaction.objects.filter(**where).select_related("member")


def given(thing: Post | Comment, cursor: str = "") -> Page[Reaction]:
    """One page of who reacted, the latest first."""
    return keyset.page(to(thing), order=LATEST, size=PAGE, cursor=cursor)


def takes_part(viewer: Membership, post: Post) -> bool:
    """Whether the viewer, who reads the post, can react there now: to it, and to what others wrote below it."""
    return viewer.is_counted and post.is_there and post.circle.archived_at is None
