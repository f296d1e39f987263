"""Loading facts, deduplicated, beside COPY of the same columns into a table without an index."""

import io
from datetime import timedelta
from itertools import count
from typing import Any

from benchmarks import place, servers
from benchmarks.measure import Measured, side_by_side
from benchmarks.stream import Stream

ROWS = 200_000


def run(stream: Stream) -> list[Measured]:
    from engagement.services import bulk, facts
    from engagement.services.bulk import Writer, _Lines

    at = stream.scale.start + timedelta(days=3650)
    rows = min(ROWS, len(stream))
    unnamed = list(place.rows(stream, 0, rows))
    named = list(place.rows(stream, 0, rows, named=True))
    owner = servers.as_owner()
    cursor = owner.cursor()
    cursor.execute("CREATE TABLE bench_raw (LIKE engagement_fact)")
    cursor.execute("ALTER TABLE bench_raw ALTER COLUMN retracted_at DROP NOT NULL")
    text = "".join(_Lines(Writer(community_id=1, limit=at, batch=None), unnamed)._lines)
    numbers = count(1_000_000)

    def raw() -> None:
        cursor.copy_expert(f"COPY bench_raw ({bulk.COLUMNS}) FROM STDIN", io.StringIO(text), 1 << 16)

    def fresh(kind: list[Any]) -> None:
        loaded = facts.load(community_id=next(numbers), rows=kind, at=at)
        assert (loaded.inserted, loaded.duplicate) == (rows, 0)

    def again() -> None:
        loaded = facts.load(community_id=1_000_000, rows=unnamed, at=at)
        assert (loaded.inserted, loaded.duplicate) == (0, rows)

    works = [
        ("load new facts, identified by their values", lambda: fresh(unnamed)),
        ("load new facts, identified by ids", lambda: fresh(named)),
        ("load facts that are all known", again),
    ]
    found = []
    for work, ours in works:
        raw()
        found.append(
            side_by_side(
                work,
                "raw COPY, no index",
                ours=ours,
                theirs=raw,
                goal=0.25,
                repeats=stream.scale.repeats,
                speed=True,
            )
        )
        cursor.execute("TRUNCATE bench_raw")
    cursor.execute("DROP TABLE bench_raw")
    owner.close()
    return found
