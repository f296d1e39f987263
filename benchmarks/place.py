"""The stream as a community of the product."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from benchmarks.stream import VERBS, Stream


def found(stream: Stream, slug: str) -> Any:
    """A community with the stream's members, numbered 1..n; nothing has happened in it yet."""
    from communities.models import Community
    from members.models import Membership

    community = Community.objects.create(
        slug=slug, name=slug, type="knowledge", language="en", timezone="UTC", currency="EUR"
    )
    # Everybody at an instant of their own, as where people join by themselves.
    joined = [
        stream.scale.start
        + timedelta(days=int(day), microseconds=member * 86_399_999_999 // len(stream.joined_day))
        for member, day in enumerate(stream.joined_day)
    ]
    Membership.objects.bulk_create(
        (
            Membership(
                community=community, number=number, status="active", external_id=f"u{number}", joined_at=at
            )
            for number, at in enumerate(joined, start=1)
        ),
        batch_size=5000,
    )
    return community


def rows(stream: Stream, start: int, end: int, *, named: bool = False) -> Iterator[Any]:
    """The facts start..end as prepared rows, with ids of their own when `named`."""
    from engagement.services.identity import Row

    verbs = list(VERBS)
    part = slice(start, end)
    columns = (stream.member, stream.target, stream.verb, stream.microsecond)
    for place, (member, target, verb, microsecond) in enumerate(
        zip(*(column[part].tolist() for column in columns), strict=True), start=start
    ):
        at = stream.instant(microsecond)
        name = f"id:a{place}" if named else ""
        yield Row(member, verbs[verb], at, target or None, "post", str(place % 9973), None, None, False, name)


def load(stream: Stream, community: Any, start: int = 0, end: int | None = None) -> None:
    """Load the facts in parts of a transaction each, as an import does."""
    from engagement.services import facts

    stop = len(stream) if end is None else end
    at = stream.scale.start + timedelta(days=3650)
    for first in range(start, stop, 200_000):
        part = rows(stream, first, min(first + 200_000, stop))
        facts.load(community_id=community.pk, rows=part, at=at)
