"""What this app tells in the weekly digest: how the community is doing, in a sentence a figure."""

from typing import cast

from django.utils.translation import pgettext

from communities.models import Community
from engagement.selectors import board
from kernel import digests
from kernel.digests import Week
from kernel.mails import Line, Section

#: Figures that every member may know.
TOLD = ("members", "active_members")


def register() -> None:
    # Every community has them every week: they come along, and are no reason to write.
    digests.add("figures", figures, news=False)


def figures(week: Week) -> Section | None:
    """The findings of what has been counted; None while nothing has."""
    tiles = board.tiles(cast(Community, week.community), keys=TOLD)
    lines = tuple(Line(tile.finding) for tile in tiles if tile.headline.value is not None)
    return Section(title=pgettext("part of the weekly digest", "In figures"), lines=lines) if lines else None
