"""Long work of a worker: it gives signs of life and tells how far it is, and goes to another one when it falls silent.

Who works on something holds its lock (`kernel.locks.alone`), which ends with the process: nobody else begins meanwhile,
and of a worker that was killed it is free at once. The beat is what the sweep goes by, so that work is given out again
within half a minute; it comes from a thread with a connection of its own, since the work's may be in a long transaction.
"""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from threading import Event, Thread

from django.db import DatabaseError, connection
from django.db.models import F, Model, Q, QuerySet
from django.db.models.functions import Now

log = logging.getLogger(__name__)

Progress = Callable[[float], None]

#: Seconds between two signs of life.
BEAT = 2.0
#: After so long without one the work is given out anew. Longer than a library of graphs keeps a thread from running.
SILENT = timedelta(seconds=20)
#: A worker that has nothing else to do takes work up sooner than this.
TAKEN_UP = timedelta(minutes=1)
#: What ends its worker each time is not begun more often than this.
MOST = 5


def begin(rows: QuerySet[Model]) -> bool:
    """Write down that the one row is being worked on; whoever calls holds its lock. False for one that was begun so often
    that it is left as failed."""
    if rows.filter(tries__gte=MOST).update(state="failed"):
        log.error("%s was begun %d times and never ended.", rows.model.__name__, MOST)
        return False
    rows.update(state="running", progress=0, beat_at=Now(), tries=F("tries") + 1)
    return True


@contextmanager
def beating(rows: QuerySet[Model]) -> Iterator[Progress]:
    """Signs of life for the one row while the block runs. What it yields is called with the share done, 0 to 1."""
    beat = _Beat(rows)
    beat.start()
    try:
        yield beat.tell
    finally:
        beat.end()


def left(rows: QuerySet[Model], *, at: datetime) -> list[int]:
    """The rows to be given out once more: nobody took them up, or who did has fallen silent. Each comes once a while."""
    unmet = Q(state="waiting", requested_at__lt=at - TAKEN_UP)
    silent = Q(state="running") & (Q(beat_at=None) | Q(beat_at__lt=Now() - SILENT))
    found = list(rows.filter(unmet | silent).order_by("pk").values_list("pk", "state"))
    for state, changed in (("waiting", {"requested_at": at}), ("running", {"beat_at": Now()})):
        rows.filter(pk__in=[pk for pk, said in found if said == state], state=state).update(**changed)
    return [pk for pk, _state in found]


class _Beat(Thread):
    def __init__(self, rows: QuerySet[Model]) -> None:
        super().__init__(name="beat", daemon=True)
        self.rows = rows
        self.progress = 0.0
        self.over = Event()

    def tell(self, progress: float) -> None:
        self.progress = min(max(progress, self.progress), 1.0)

    def end(self) -> None:
        self.over.set()
        self.join()

    def run(self) -> None:
        try:
            while not self.over.wait(BEAT):
                self._beat()
        finally:
            connection.close()

    def _beat(self) -> None:
        try:
            self.rows.filter(state="running").update(progress=self.progress, beat_at=Now())
        except DatabaseError:
            # The work itself goes on or fails by what it sees of the database.
            log.warning("No sign of life could be written.", exc_info=True)
            connection.close()
