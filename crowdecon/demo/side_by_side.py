"""The demo communities made at once, each by a process of its own: they have nothing in common but two people."""

import os
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context

from crowdecon.demo.profiles import PROFILES, Profile
from crowdecon.embedded import process


def stage(*, owner_id: int, member_id: int) -> Iterator[tuple[Profile, float | None]]:
    """Each profile as soon as its community is alive, with the seconds it took; None where it was here already."""
    workers = min(os.cpu_count() or 1, len(PROFILES))
    # Spawned, not forked: a database connection must not be shared.
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn"), initializer=_begin) as pool:
        running = {
            pool.submit(_stage, place, owner_id, member_id): profile for place, profile in enumerate(PROFILES)
        }
        for done in as_completed(running):
            yield running[done], done.result()


def _begin() -> None:
    import django

    process.end_with_parent()
    django.setup()


def _stage(place: int, owner_id: int, member_id: int) -> float | None:
    # A new process knows the models only after `_begin`.
    from crowdecon.demo import staging
    from kernel.clock import now
    from members.models import User

    people = User.objects.in_bulk([owner_id, member_id])
    begun = time.monotonic()
    community = staging.stage(
        profile=PROFILES[place], owner=people[owner_id], member=people[member_id], at=now()
    )
    return None if community is None else time.monotonic() - begun
