"""Every figure at full size, as a worker computes it from what is stored; the night's refresh; and counting again from the
facts: how long, and in how much memory. `make bench ARGS="checking shelf"` runs a part."""

import os
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks import grown, scale
from benchmarks.asking import machine

CHECKED = ("members", "active_members", "retention", "score", "referral_k", "network")


def run(parts: list[str]) -> None:
    size = scale.chosen()
    _measured("ready", lambda: grown.community(size))
    print(f"{size.facts:,} facts, {size.members:,} members, {size.days} days; {machine()}.", flush=True)
    for name in parts or PARTS:
        PARTS[name](grown.community(size), size)


def refreshing(community: Any, size: scale.Scale) -> None:
    """What the night does, from every day being rolled up: a worker rolls up and computes the light figures, each heavy one
    is work by itself."""
    from engagement.models import FigureRequest
    from engagement.services import figures, refresh, weekly

    at = grown.at(size)
    FigureRequest.objects.filter(community_id=community.pk).delete()
    _measured(
        "rolling everything up, and the light figures",
        lambda: refresh.refresh(community_id=community.pk, at=at, full=True, heavy_apart=True),
    )
    for pk, key in FigureRequest.objects.filter(community_id=community.pk).values_list("pk", "key"):
        _measured(f"{key}, by a worker", lambda pk=pk: figures.answer(request_id=pk, at=at))  # type: ignore[misc]
    _measured("the week's acts and well-being", lambda: weekly.bring(community_id=community.pk, at=at))


def shelf(community: Any, size: scale.Scale) -> None:
    """Every figure with its usual parameters and by each of its grains, each by itself and from nothing."""
    from engagement.selectors import figures as known
    from engagement.selectors import loading
    from engagement.services import figures
    from kernel.clock import last_complete_day

    at = grown.at(size)
    as_of = last_complete_day(community.zone, at)
    for question in known.standing():
        _measured(
            f"{question.metric.key} {question.asked}",
            lambda question=question: figures.computed(  # type: ignore[misc]
                question=question, history=loading.history(community=community, as_of=as_of), at=at
            ),
        )


def checks(community: Any, size: scale.Scale) -> None:
    """Each of some figures from every fact there is, beside what is stored."""
    from engagement.services import checks as service
    from members.actors import Actor

    at = grown.at(size)

    def counted(key: str) -> None:
        check = service.ask(community=community, key=key, given={}, by=Actor.site("bench"), at=at)
        done = service.carry_out(check_id=check.pk, at=at)
        assert done is not None
        print(f"    {key}: {done.state}", flush=True)

    for key in CHECKED:
        _measured(f"check of {key}", lambda key=key: counted(key))  # type: ignore[misc]


def _measured(name: str, act: Callable[[], Any]) -> None:
    """In a process of its own, whose memory is its own: what the one before it left counts for nothing."""
    from django.db import connections

    connections.close_all()
    child = os.fork()
    if child:
        _pid, status = os.waitpid(child, 0)
        if status:
            raise SystemExit(f"{name} failed.")
        return
    failed = 1
    try:
        started, before = time.perf_counter(), time.process_time()
        act()
        seconds, computing = time.perf_counter() - started, time.process_time() - before
        print(f"| {name} | {seconds:.1f} | {computing:.1f} | {_peak():,.0f} |", flush=True)
        failed = 0
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(failed)


def _peak() -> float:
    """The most memory this process has had, in MB."""
    told = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    return int(told["VmHWM"].split()[0]) / 1024


PARTS: dict[str, Callable[[Any, scale.Scale], None]] = {
    "refreshing": refreshing,
    "shelf": shelf,
    "checks": checks,
}
