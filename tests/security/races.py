"""Doing things at once: each in a thread with a connection of its own, all let go at the same moment."""

import threading
from collections.abc import Callable
from typing import Any

from django.db import connection

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
