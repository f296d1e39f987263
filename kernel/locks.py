"""Locks that end with the transaction, and one that ends with its holder."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypeVar

from django.db import connection, transaction
from django.db.models import Model, QuerySet

M = TypeVar("M", bound=Model)


def locked(rows: QuerySet[M]) -> QuerySet[M]:
    """The rows, locked for update until the transaction ends; joined tables stay free. What a row points at is asked for
    after it: a statement that has waited for the row knows of it as it is now, of what it was joined with as it was."""
    return rows.select_for_update(of=("self",))


def locked_one(rows: QuerySet[M]) -> M:
    """The one row with all that it is joined with, locked. By itself first: a statement that waits for a row and finds it
    joined to another one by then, as a post that was moved to another circle, finds nothing at all. Raises as `get`."""
    locked(rows.select_related(None)).get()
    return rows.get()


def held(rows: QuerySet[M]) -> QuerySet[M]:
    """The rows, held against every change until the transaction ends, while new rows may still point at them: for what
    takes place between two of them, so that two who point at one another do not wait for each other."""
    return rows.select_for_update(of=("self",), no_key=True)


def none_open() -> None:
    """Raises `RuntimeError` inside a transaction: whoever talks to somebody outside holds no lock meanwhile, and what they
    have written stands. The transaction that a test runs in does not count."""
    blocks = transaction.get_connection().atomic_blocks
    if blocks and not blocks[-1]._from_testcase:
        raise RuntimeError("Nobody outside is waited for inside a transaction.")


def advisory(*, name: str, key: int, shared: bool = False) -> None:
    """Wait until no other transaction holds this name and key; held until this transaction ends. Any number hold it
    `shared` together, and nobody else meanwhile.

    Used where the thing to guard is not one row: a community's roll-up, a file being imported.
    """
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("An advisory lock ends with its transaction: take it inside one.")
    with connection.cursor() as cursor:
        lock = "pg_advisory_xact_lock_shared" if shared else "pg_advisory_xact_lock"
        cursor.execute(f"SELECT {lock}(%s, %s)", [_space(name), _fold(key)])


def _space(name: str) -> int:
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:4], "big", signed=True)


def _fold(key: int) -> int:
    """The key in the signed 32 bits that PostgreSQL's two-part locks take."""
    return int.from_bytes((key & 0xFFFFFFFF).to_bytes(4, "big"), "big", signed=True)


def try_advisory(*, name: str, key: int) -> bool:
    """The same without waiting: whether the lock was free and is now held until this transaction ends."""
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("An advisory lock ends with its transaction: take it inside one.")
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s, %s)", [_space(name), _fold(key)])
        return bool(cursor.fetchone()[0])


@contextmanager
def alone(*, name: str, key: int) -> Iterator[bool]:
    """Whether nobody else is at it now, without waiting; whoever is first holds it until the block ends, over any number
    of transactions.

    It ends with the connection as well: that of a worker that is killed at once, that of a machine that vanishes as soon
    as the database misses it, which is told here to ask after half a minute's silence.
    """
    with connection.cursor() as cursor:
        cursor.execute(_ASK_AFTER)
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [_space(name), _fold(key)])
        mine = bool(cursor.fetchone()[0])
    try:
        yield mine
    finally:
        if mine:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [_space(name), _fold(key)])


# Seconds of silence before a peer is asked whether it is there, between two questions, and how many may stay unanswered.
# Without meaning where database and worker share a machine.
_ASK_AFTER = """
    SET tcp_keepalives_idle = 30; SET tcp_keepalives_interval = 10; SET tcp_keepalives_count = 3
"""
