"""Files of gatherings that somebody takes along: the audit log keeps who took which."""

from datetime import datetime

from communities.models import Community
from members.actors import Actor
from members.services import audit


def noted(*, community: Community, file: str, at: datetime, by: Actor) -> None:
    """Keep that somebody took the file along ("events", "attendances")."""
    audit.record(
        action="event.exported",
        object_kind="gatherings",
        by=by,
        at=at,
        community_id=community.id,
        after={"file": file},
    )
