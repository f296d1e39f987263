"""Counting figures again from the facts, and the heavy ones, at full size: how long, and in how much memory.
`make bench ARGS="checking checks"` runs a part."""

import resource
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from benchmarks import place, scale, stream
from benchmarks.asking import machine

CHECKED = ("members", "active_members", "retention", "score", "network")


def run(parts: list[str]) -> None:
    size = scale.chosen()
    started = time.perf_counter()
    community = _community(size)
    print(
        f"{size.facts:,} facts, {size.members:,} members, {size.days} days, "
        f"ready in {time.perf_counter() - started:.0f} s; {machine()}."
    )
    at = datetime.combine(size.first + timedelta(days=size.days), datetime.min.time(), UTC)
    for name in parts or PARTS:
        PARTS[name](community, at + timedelta(hours=12))


def _community(size: scale.Scale) -> Any:
    from communities.models import Community
    from engagement.models import Fact

    slug = f"checking-{size.facts}"
    found = Community.objects.filter(slug=slug).first()
    if found is None:
        told = stream.make(size)
        found = place.found(told, slug)
        place.load(told, found)
    assert Fact.objects.of(found.pk).exists()
    return found


def refreshing(community: Any, at: datetime) -> None:
    """What the night does: a worker rolls up and computes the light figures, each heavy one is work by itself."""
    from engagement.models import FigureRequest
    from engagement.services import figures, refresh

    _measured(
        "refresh, heavy ones apart",
        lambda: refresh.refresh(community_id=community.pk, at=at, heavy_apart=True),
    )
    for request in FigureRequest.objects.filter(community_id=community.pk):
        name = f"{request.key}, of {request.as_of}"
        _measured(name, lambda pk=request.pk: figures.answer(request_id=pk, at=at))  # type: ignore[misc]


def checks(community: Any, at: datetime) -> None:
    """Each of some figures from every fact there is, beside what is stored."""
    from engagement.services import checks as service
    from members.actors import Actor

    for key in CHECKED:
        check = service.ask(community=community, key=key, given={}, by=Actor.site("bench"), at=at)
        done = _measured(f"check of {key}", lambda pk=check.pk: service.carry_out(check_id=pk, at=at))  # type: ignore[misc]
        print(f"    {done.state}")


def _measured(name: str, act: Callable[[], Any]) -> Any:
    started = time.perf_counter()
    found = act()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"  {name}: {time.perf_counter() - started:.1f} s, {peak:,.0f} MB at most so far", flush=True)
    return found


PARTS = {"refreshing": refreshing, "checks": checks}
