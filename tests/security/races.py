"""Doing things at once: each in a thread with a connection of its own, all let go at the same moment."""

import threading
import time
from collections.abc import Callable
from typing import Any

from django.db import connection, transaction

from kernel.errors import Refused


class Session(threading.Thread):
    """Work in a connection of its own, from now on; `finish` gives what came of it or raises what it raised."""

    def __init__(self, work: Callable[[], Any]) -> None:
        super().__init__(daemon=True)
        self.work, self.value = work, None
        self.error: BaseException | None = None
        self.start()

    def run(self) -> None:
        try:
            self.value = self.work()
        except BaseException as error:
            self.error = error
        finally:
            connection.close()

    def finish(self) -> Any:
        self.join(20)
        assert not self.is_alive(), "It waits for something that never comes."
        if self.error is not None:
            raise self.error
        return self.value


def together(*works: Callable[[], Any]) -> list[Any]:
    """What came of each, in their order: its value, or the code of its refusal. Any other error is raised."""
    gate = threading.Barrier(len(works), timeout=20)

    def at_the_gate(work: Callable[[], Any]) -> Callable[[], Any]:
        def go() -> Any:
            connection.ensure_connection()
            gate.wait()
            try:
                return work()
            except Refused as refusal:
                return refusal.code

        return go

    sessions = [Session(at_the_gate(work)) for work in works]
    for session in sessions:
        # All are over before the first error is raised: nobody holds a row when the test ends.
        session.join(20)
    return [session.finish() for session in sessions]


def while_it_waits(change: Callable[[], Any], work: Callable[[], Any]) -> Any:
    """What comes of the work, as `together` tells it, when it has to wait for a row that `change` writes: that is
    committed once the database says that the work waits for it, and not before."""
    with transaction.atomic():
        change()
        session = Session(work)
        until = time.monotonic() + 20
        while not _is_waited_for():
            assert session.is_alive() and time.monotonic() < until, f"It waits for nothing: {session.error!r}"
            time.sleep(0.01)
    try:
        return session.finish()
    except Refused as refusal:
        return refusal.code


def _is_waited_for() -> bool:
    """Whether another connection waits for a lock that this one holds."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY (pg_blocking_pids(pid)))"
        )
        return bool(cursor.fetchone()[0])
