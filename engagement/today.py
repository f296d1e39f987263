"""What this app knows for the page Today, gathered once a request: its parts and its needs read the same."""

from dataclasses import dataclass

from engagement.selectors import board, newcomers
from kernel.clock import now
from kernel.tenancy import TenantRequest


@dataclass(frozen=True)
class Gathered:
    fresh: board.Freshness
    tiles: list[board.Tile]
    quiet: newcomers.Quiet
    stages: dict[str, int]


def of(request: TenantRequest) -> Gathered:
    """In five queries the first time, in none after that."""
    if not hasattr(request, "gathered_for_today"):
        community, at = request.community, now()
        fresh = board.freshness(community, at=at)
        request.gathered_for_today = Gathered(
            fresh=fresh,
            tiles=board.tiles(community, keys=community.blueprint.dashboard),
            quiet=newcomers.quiet(community, at=at),
            stages=newcomers.stages(community),
        )
    return request.gathered_for_today
