"""Short words for streams of facts in tests."""

from datetime import UTC, datetime
from typing import Any

from communities.models import Community
from engagement.models import DirtyDay, Fact
from engagement.services import facts
from engagement.services.facts import Row
from members.models import Membership
from members.roles import Status

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)


def at(text: str) -> datetime:
    """An instant of 2026 in UTC: "03-02 14:30"."""
    return datetime.fromisoformat(f"2026-{text}").replace(tzinfo=UTC)


def row(member: int, verb: str, when: str, target: int | None = None, **more: Any) -> Row:
    return Row(member, verb, at(when), target, **more)


def load(community: Community, *rows: Row, **more: Any) -> facts.Loaded:
    return facts.load(community_id=community.pk, rows=rows, at=NOW, **more)


def people(community: Community, numbers: range, joined_at: datetime) -> None:
    """Active members with these numbers, whom nothing was published of."""
    Membership.objects.bulk_create(
        Membership(community=community, number=number, status=Status.ACTIVE, joined_at=joined_at)
        for number in numbers
    )


def stored(community: Community) -> list[tuple[int, str, datetime]]:
    """The community's valid facts but those of joining, in order."""
    rows = (
        Fact.objects.of(community.pk).valid().exclude(verb="joined").order_by("occurred_at", "member", "verb")
    )
    return list(rows.values_list("member", "verb", "occurred_at"))


def dirty(community: Community) -> list[tuple[datetime | None, datetime | None]]:
    return list(
        DirtyDay.objects.filter(community_id=community.pk).order_by("id").values_list("since", "until")
    )
