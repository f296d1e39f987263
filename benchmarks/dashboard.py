"""What the desk's figures cost the database: the number of queries and their 95th percentile."""

import time
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np

from benchmarks.measure import Measured
from benchmarks.stream import Stream

READINGS = 200


def run(stream: Stream, community: Any) -> list[Measured]:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from engagement.selectors import board, timeline
    from engagement.services import refresh
    from kernel.metrics import metrics
    from kernel.permissions import unlimited
    from members.models import Membership

    at = datetime.combine(stream.scale.first + timedelta(days=stream.scale.days), datetime.min.time(), UTC)
    refresh.refresh(community_id=community.pk, at=at + timedelta(hours=1))
    number = int(np.bincount(stream.member).argmax())
    keenest = Membership.objects.of(community.pk).get(number=number)

    def dashboard() -> None:
        board.freshness(community, at=at)
        board.tiles(community, keys=metrics.keys(), may=unlimited)

    def nothing() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")

    def one_timeline() -> None:
        timeline.of_member(community=community, member=keenest, money=True, most=31)

    with CaptureQueriesContext(connection) as queries:
        dashboard()
    found = [
        Measured("queries of the dashboard's data", "", len(queries), 12, len(queries), 12, unit="queries")
    ]
    for work, what in [
        ("the dashboard's data", dashboard),
        ("a timeline's first page", one_timeline),
        ("for comparison: SELECT 1", nothing),
    ]:
        found.append(_database(work, what))
    return found


def _database(work: str, what: Any) -> Measured:
    """The 95th percentile of the time spent waiting for the database, in milliseconds."""
    from django.db import connection

    waited: list[float] = []

    def watch(execute: Any, sql: Any, parameters: Any, many: bool, context: Any) -> Any:
        started = time.perf_counter()
        try:
            return execute(sql, parameters, many, context)
        finally:
            waited[-1] += time.perf_counter() - started

    with connection.execute_wrapper(watch):
        for _reading in range(READINGS):
            waited.append(0.0)
            what()
    p95 = float(np.percentile(waited, 95)) * 1000
    return Measured(f"{work}, in the database, p95", "10 ms", p95, 10, p95, 10, unit="ms")
