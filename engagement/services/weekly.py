"""What a community's weeks bring, once its figures are up to date."""

from datetime import datetime

from communities.models import Community
from engagement.selectors import figures as known
from engagement.services import drawings, health_weeks, introductions, week_acts


def bring(*, community_id: int, at: datetime) -> None:
    """Keep what the well-being was in the weeks that are over, draw the network, look at what followed from introductions
    and acts, and find this week's acts.

    Nothing while workers compute figures that acts rest on: whoever computes the last of them asks again.
    """
    if known.awaited(community_id):
        return
    health_weeks.keep(community_id=community_id, at=at)
    community = Community.objects.get(pk=community_id)
    drawings.bring(community=community)
    introductions.look_back(community=community)
    week_acts.look_back(community=community)
    week_acts.plan(community=community, at=at)
