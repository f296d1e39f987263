"""What a page asks of the database: how many statements, how long they take, and how the slowest is carried out."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any
from unittest.mock import patch

GOAL_MS, GOAL_QUERIES = 100.0, 12
READINGS = 5


@dataclass(frozen=True)
class Reading:
    """`database` is the median of the milliseconds spent waiting for the database, `whole` of all there was to do;
    `busy` is how long the database's own process computed, which a loaded machine changes less."""

    name: str
    queries: int
    database: float
    busy: float
    whole: float
    slowest: float
    plan: str
    most_queries: int = GOAL_QUERIES
    most_ms: float = GOAL_MS

    @property
    def fits(self) -> bool:
        return self.database <= self.most_ms and self.queries <= self.most_queries

    def line(self) -> str:
        fits = "yes" if self.fits else "**no**"
        return (
            f"| {self.name} | {self.queries} | {self.database:.1f} | {self.busy:.1f} | {self.slowest:.1f} "
            f"| {self.whole:.0f} | {fits} |"
        )


def head(most_queries: int = GOAL_QUERIES, most_ms: float = GOAL_MS) -> str:
    return (
        f"| what is asked | queries (at most {most_queries}) | in the database, ms (at most {most_ms:g}) "
        "| computing there, ms | slowest statement, ms | whole answer, ms | |\n|---|---|---|---|---|---|---|"
    )


HEAD = head()


def watched(name: str, ask: Callable[[], Any], **goals: Any) -> Reading:
    """Ask several times, the first of them not counted; then have the slowest statement explained. `goals` are others than
    the usual ones, as `Reading` calls them."""
    from django.db import connection

    from kernel import wire

    asked: list[list[tuple[float, str, Any]]] = []
    copy = wire._copy

    def watch(execute: Any, sql: Any, parameters: Any, many: bool, context: Any) -> Any:
        started = time.perf_counter()
        try:
            return execute(sql, parameters, many, context)
        finally:
            asked[-1].append((time.perf_counter() - started, str(sql), parameters))

    def copied(sql: str, parameters: Any) -> bytes:
        """What is read as binary rows goes by no wrapper."""
        started = time.perf_counter()
        try:
            return copy(sql, parameters)
        finally:
            asked[-1].append((time.perf_counter() - started, sql, parameters))

    waits, wholes, slowest, busy = [], [], [], []
    with connection.execute_wrapper(watch), patch.object(wire, "_copy", copied):
        for _reading in range(READINGS + 1):
            asked.append([])
            computed, started = server_busy(), time.perf_counter()
            ask()
            wholes.append(time.perf_counter() - started)
            busy.append(server_busy() - computed)
            waits.append(sum(wait for wait, _sql, _parameters in asked[-1]))
            slowest.append(max(asked[-1], key=lambda one: one[0], default=(0.0, "", None)))
    worst = max(slowest[1:], key=lambda one: one[0])
    return Reading(
        name=name,
        queries=len(asked[-1]),
        database=median(waits[1:]) * 1000,
        busy=median(busy[1:]) * 1000,
        whole=median(wholes[1:]) * 1000,
        slowest=median(one[0] for one in slowest[1:]) * 1000,
        plan=_plan(worst[1], worst[2]),
        **goals,
    )


def server_busy() -> float:
    """The seconds that the process of this connection has computed, those of helpers it called in left out."""
    from django.db import connection

    connection.ensure_connection()
    pid = connection.connection.info.backend_pid
    return int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) / 1e9


def _plan(sql: str, parameters: Any) -> str:
    from django.db import connection

    if not sql.lstrip().upper().startswith(("SELECT", "WITH")):
        return sql[:400]
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, COSTS OFF, BUFFERS OFF) {sql}", parameters)
        lines = [row[0] for row in cursor.fetchall()]
    return "\n".join(line[:200] for line in lines)
