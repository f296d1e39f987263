"""What this app knows for the page Today, gathered once a request: its parts and its needs read the same."""

from dataclasses import dataclass

from communities.models import Community
from engagement.selectors import board, newcomers, week_acts
from kernel.clock import now
from kernel.permissions import May
from kernel.tenancy import TenantRequest

KEPT_AS = "gathered_for_today"


@dataclass(frozen=True)
class Gathered:
    fresh: board.Freshness
    tiles: list[board.Tile]
    quiet: newcomers.Quiet
    standings: newcomers.Standings
    acts: week_acts.Lately


def of(request: TenantRequest) -> Gathered:
    """In eight queries the first time, in none after that."""
    known: Gathered | None = getattr(request, KEPT_AS, None)
    if known is None:
        known = _gather(request.community, request.membership.may)
        setattr(request, KEPT_AS, known)
    return known


def _gather(community: Community, may: May) -> Gathered:
    at = now()
    return Gathered(
        fresh=board.freshness(community, at=at),
        tiles=board.tiles(community, keys=community.blueprint.dashboard, may=may),
        quiet=newcomers.quiet(community, at=at),
        standings=newcomers.standings(community),
        acts=week_acts.this_week(community, at=at),
    )
