"""What this app tells in the weekly digest: how the community is doing, in a sentence a figure, and to its staff what is most
worth doing in the week that begins."""

from collections.abc import Callable
from typing import cast

from django.urls import reverse
from django.utils.translation import pgettext

from communities.models import Community
from engagement.selectors import board, week_acts
from kernel import digests
from kernel.clock import local_day
from kernel.digests import Week
from kernel.mails import Line, Section
from kernel.permissions import unlimited
from members.models import Membership

#: Figures that every member may know.
TOLD = ("members", "active_members")


def register() -> None:
    # Every community has them every week: they come along, and are no reason to write.
    digests.add("figures", figures, news=False)
    digests.add("worth_doing", begin=worth_doing)


def figures(week: Week) -> Section | None:
    """The findings of what has been counted; None while nothing has."""
    tiles = board.tiles(cast(Community, week.community), keys=TOLD, may=unlimited)
    lines = tuple(Line(tile.finding) for tile in tiles if tile.headline.value is not None)
    return Section(title=pgettext("part of the weekly digest", "In figures"), lines=lines) if lines else None


def worth_doing(week: Week) -> Callable[[object], Section | None]:
    """Read once; told to those of the staff who see members, in their own language."""
    community = cast(Community, week.community)
    acts = list(week_acts.rows(community).filter(week=local_day(week.end, community.zone), state="open"))

    def tell(member: object) -> Section | None:
        if not acts or not cast(Membership, member).may("members.view"):
            return None
        lines = tuple(
            Line(told.words, reverse("engagement:week_act", args=[community.slug, told.act.key]))
            for told in map(week_acts.told, acts)
        )
        return Section(title=pgettext("part of the weekly digest", "Worth doing this week"), lines=lines)

    return tell
