"""Loading facts by COPY.

The fast way is to copy straight into the table: new facts are the rule. Where a row is known already the
database refuses the whole chunk, and from then on the load goes through a temporary table and
`ON CONFLICT DO NOTHING`, which is half as fast and tells which rows were known (docs/benchmarks.md).
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from itertools import islice
from operator import itemgetter
from uuid import UUID

from django.db import IntegrityError, OperationalError, connection, transaction
from psycopg2.errors import DeadlockDetected

from engagement.services import identity, times
from engagement.services.identity import Row
from kernel.activity import VERBS

CHUNK = 50_000
#: How often a load gives way to others that bring the same rows.
PATIENCE = 3
#: The columns of `identity.values` first, in its order.
COLUMNS = (
    "member, verb, target, object_kind, object_id, circle_id, occurred_at, value,"
    " utc_day, staff, dedupe, community_id, batch"
)


def chunks(rows: Iterable[Row]) -> Iterator[tuple[int, list[Row]]]:
    """The rows in chunks, each with the place (from 0) of its first."""
    rows = iter(rows)
    start = 0
    while chunk := list(islice(rows, CHUNK)):
        yield start, chunk
        start += len(chunk)


class Writer:
    """Writes chunks of facts of one community and remembers the hours (UTC, "2026-03-02T14") they lie in."""

    def __init__(self, *, community_id: int, limit: datetime, batch: UUID | None) -> None:
        self.community_id = community_id
        self.limit = limit
        self.batch = "\\N" if batch is None else str(batch)
        self.hours: set[str] = set()
        self.expect_known = False

    def write(self, chunk: list[Row]) -> list[int]:
        """Write the new ones among these rows; the places of those that were known already, in order."""
        self._check(chunk)
        if not self.expect_known:
            lines = _Lines(self, chunk)
            try:
                with transaction.atomic(), connection.cursor() as cursor, connection.wrap_database_errors:
                    cursor.copy_expert(f"COPY engagement_fact ({COLUMNS}) FROM STDIN", lines, 1 << 16)
            except IntegrityError:
                self.expect_known = True
            except OperationalError as error:
                # Another load brings the same rows in another order; what was copied is given up.
                if not isinstance(error.__cause__, DeadlockDetected):
                    raise
                self.expect_known = True
            else:
                self.hours |= lines.hours
                return lines.repeated
        for _attempt in range(PATIENCE):
            try:
                with transaction.atomic():
                    return self._write_through_staging(chunk)
            except OperationalError as error:
                if not isinstance(error.__cause__, DeadlockDetected):
                    raise
        return self._write_through_staging(chunk)

    def _check(self, chunk: list[Row]) -> None:
        unknown = set(map(itemgetter(1), chunk)) - VERBS.keys()
        if unknown:
            raise ValueError(f"Not verbs of the stream of facts: {', '.join(sorted(unknown))}.")
        for extreme in (max, min):
            times.check(extreme(map(itemgetter(2), chunk)), latest=self.limit)

    def _write_through_staging(self, chunk: list[Row]) -> list[int]:
        lines = _Lines(self, chunk)
        with connection.cursor() as cursor:
            cursor.execute(
                "CREATE TEMPORARY TABLE IF NOT EXISTS fact_staging (LIKE engagement_fact) ON COMMIT DROP"
            )
            cursor.execute("TRUNCATE fact_staging")
            cursor.copy_expert(f"COPY fact_staging ({COLUMNS}) FROM STDIN", lines, 1 << 16)
            # In the order of the key, so that two loads of the same rows wait for one another and never in a ring.
            cursor.execute(
                f"INSERT INTO engagement_fact ({COLUMNS}) SELECT {COLUMNS} FROM fact_staging ORDER BY dedupe"
                " ON CONFLICT (community_id, dedupe) DO NOTHING"
                " RETURNING dedupe::text, to_char(occurred_at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24')"
            )
            new = dict(cursor.fetchall())
        self.hours |= set(new.values())
        if not new:
            return list(range(len(chunk)))
        keys = {str(UUID(key)): place for key, place in lines.places.items()}
        known = [place for key, place in keys.items() if key not in new]
        return sorted(known + lines.repeated)


class _Lines:
    """The chunk as the file that COPY reads; lines are made while the server writes the ones before.

    A row that repeats an earlier one of the chunk makes no line; `repeated` holds its place.
    """

    def __init__(self, writer: Writer, chunk: list[Row]) -> None:
        self.hours: set[str] = set()
        self.repeated: list[int] = []
        self.places: dict[str, int] = {}
        self._lines = self._make(writer, chunk)

    def read(self, size: int) -> str:
        # One piece is some lines, at most a little more than a buffer of the connection; never cut inside a line.
        return "".join(islice(self._lines, max(1, size // 128)))

    def _make(self, writer: Writer, chunk: list[Row]) -> Iterator[str]:
        places, hours = self.places, self.hours
        canonical, of_name, of_values = identity.values, identity.of_name, identity.of_values
        tail = f"{writer.community_id}\t{writer.batch}\n"
        for place, row in enumerate(chunk):
            at = row[2]
            utc = at.isoformat() if at.tzinfo is UTC else at.astimezone(UTC).isoformat()
            values = canonical(row, utc)
            key = of_name(row[9]) if row[9] else of_values(values, utc)
            if key in places:
                self.repeated.append(place)
                continue
            places[key] = place
            hours.add(utc[:13])
            yield f"{values}\t{utc[:10]}\t{'t' if row[8] else 'f'}\t{key}\t{tail}"
