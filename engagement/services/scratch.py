"""Roll-ups made anew from the facts, beside those that are stored and without touching them.

Tables of this session alone take the stored ones' names (PostgreSQL looks for temporary tables first), so that the very
functions that roll up and that read roll-ups work on them: what is compared is what they do, not a copy of it.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from zoneinfo import ZoneInfo

from django.db import connection

from engagement.models import ActiveDay, DecayedDay, MemberDay, PairDay
from engagement.services import refresh, rollup

TABLES = tuple(model._meta.db_table for model in (MemberDay, PairDay, ActiveDay, DecayedDay))
#: Days rolled up between two words of how far it is.
PART = 28


@contextmanager
def rolled_anew(
    *, community_id: int, zone: ZoneInfo, until: date, tell: Callable[[float], None]
) -> Iterator[None]:
    """Within the block, inside a transaction, this session reads roll-ups that were just made from the facts of all days
    up to `until`; `tell` hears the share that is done. Memory is bounded as that of `rollup.roll`."""
    with _own_tables():
        days = [day for day in refresh.every_day(community_id, zone) if day <= until]
        for first in range(0, len(days), PART):
            rollup.roll(community_id=community_id, days=days[first : first + PART], zone=zone)
            tell(min(first + PART, len(days)) / len(days))
        yield


@contextmanager
def _own_tables() -> Iterator[None]:
    with connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute(f"CREATE TEMPORARY TABLE {table} (LIKE {table} INCLUDING ALL) ON COMMIT DROP")
    yield
    # Where the block raises they go with its transaction.
    with connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute(f"DROP TABLE pg_temp.{table}")
