"""The peer's memory: one SQLite file, which survives the process and on which several processes agree."""

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from secrets import token_hex
from typing import Any

Row = sqlite3.Row
Db = sqlite3.Connection

SCHEMA = """
CREATE TABLE IF NOT EXISTS accounts (
    id TEXT PRIMARY KEY, name TEXT NOT NULL, api_key TEXT NOT NULL, webhook_secret TEXT NOT NULL,
    control TEXT NOT NULL UNIQUE, notify_url TEXT NOT NULL, clock TEXT
);
CREATE TABLE IF NOT EXISTS payments (
    id TEXT PRIMARY KEY, account TEXT NOT NULL, reference TEXT NOT NULL, idem TEXT NOT NULL, page TEXT NOT NULL UNIQUE,
    amount INTEGER NOT NULL, currency TEXT NOT NULL, description TEXT NOT NULL, language TEXT NOT NULL,
    payer TEXT NOT NULL, return_url TEXT NOT NULL, notify_url TEXT NOT NULL, save_mandate INTEGER NOT NULL,
    state TEXT NOT NULL, captured INTEGER NOT NULL DEFAULT 0, refunded INTEGER NOT NULL DEFAULT 0,
    fee INTEGER, mandate TEXT, decline_code TEXT NOT NULL DEFAULT '', at TEXT NOT NULL, paid_at TEXT, expires_at TEXT
);
CREATE INDEX IF NOT EXISTS payments_by_reference ON payments (account, reference);
CREATE TABLE IF NOT EXISTS charges (
    id TEXT PRIMARY KEY, account TEXT NOT NULL, payment TEXT NOT NULL, reference TEXT NOT NULL, idem TEXT NOT NULL,
    amount INTEGER NOT NULL, currency TEXT NOT NULL, at TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS charges_by_reference ON charges (account, reference);
CREATE TABLE IF NOT EXISTS answers (
    account TEXT NOT NULL, idem TEXT NOT NULL, asked TEXT NOT NULL, answer TEXT NOT NULL, PRIMARY KEY (account, idem)
);
CREATE TABLE IF NOT EXISTS mandates (
    id TEXT PRIMARY KEY, account TEXT NOT NULL, payer TEXT NOT NULL, label TEXT NOT NULL, forgotten INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE IF NOT EXISTS refunds (
    id TEXT PRIMARY KEY, account TEXT NOT NULL, payment TEXT NOT NULL, idem TEXT NOT NULL, amount INTEGER NOT NULL,
    currency TEXT NOT NULL, reason TEXT NOT NULL, state TEXT NOT NULL, at TEXT NOT NULL
);
CREATE UNIQUE INDEX IF NOT EXISTS refunds_by_idem ON refunds (account, idem);
CREATE TABLE IF NOT EXISTS disputes (
    id TEXT PRIMARY KEY, account TEXT NOT NULL, payment TEXT NOT NULL, reference TEXT NOT NULL, amount INTEGER NOT NULL,
    currency TEXT NOT NULL, reason TEXT NOT NULL, state TEXT NOT NULL, at TEXT NOT NULL, due_at TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS lines (
    number INTEGER PRIMARY KEY, account TEXT NOT NULL, kind TEXT NOT NULL, amount INTEGER NOT NULL, fee INTEGER NOT NULL,
    currency TEXT NOT NULL, reference TEXT NOT NULL, provider_reference TEXT NOT NULL, at TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS lines_by_time ON lines (account, at);
CREATE TABLE IF NOT EXISTS faults (
    account TEXT NOT NULL, name TEXT NOT NULL, operation TEXT NOT NULL, value REAL NOT NULL, times INTEGER,
    PRIMARY KEY (account, name)
);
CREATE TABLE IF NOT EXISTS events (
    number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, account TEXT NOT NULL, kind TEXT NOT NULL, body TEXT NOT NULL,
    url TEXT NOT NULL, at TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS events_of_account ON events (account, number);
CREATE TABLE IF NOT EXISTS deliveries (
    number INTEGER PRIMARY KEY, account TEXT NOT NULL, event INTEGER NOT NULL, due REAL, tries INTEGER NOT NULL DEFAULT 0,
    status INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX IF NOT EXISTS deliveries_due ON deliveries (due) WHERE due IS NOT NULL;
CREATE INDEX IF NOT EXISTS deliveries_of_account ON deliveries (account, number);
"""


class Store:
    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.file = folder / "sandbox.sqlite3"
        self._free: list[Db] = []
        with self._open() as db:
            db.execute("PRAGMA journal_mode = WAL")
            db.executescript(SCHEMA)
        self.file.chmod(0o600)

    @contextmanager
    def _open(self) -> Iterator[Db]:
        """A connection of nobody else's meanwhile; what went well with it is used again."""
        try:
            db = self._free.pop()
        except IndexError:
            db = self._connect()
        try:
            yield db
        except BaseException:
            db.close()
            raise
        self._free.append(db)

    def _connect(self) -> Db:
        db = sqlite3.connect(self.file, timeout=30, isolation_level=None, check_same_thread=False)
        db.row_factory = sqlite3.Row
        # Safe against the death of the process; against that of the machine, this is a trial.
        db.execute("PRAGMA synchronous = NORMAL")
        return db

    reading = _open

    @contextmanager
    def writing(self) -> Iterator[Db]:
        """One change at a time, whole or not at all: whoever comes second sees what the first one did."""
        with self._open() as db:
            db.execute("BEGIN IMMEDIATE")
            try:
                yield db
            except BaseException:
                db.execute("ROLLBACK")
                raise
            db.execute("COMMIT")


def insert(db: Db, table: str, values: Mapping[str, Any]) -> None:
    names = ", ".join(values)
    marks = ", ".join(f":{name}" for name in values)
    # Table and columns are written in this package; only values come from outside.
    db.execute(f"INSERT INTO {table} ({names}) VALUES ({marks})", values)


def new_id(kind: str) -> str:
    return f"{kind}_{token_hex(12)}"


def written(at: datetime) -> str:
    """An instant as text that sorts as time does."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def now_of(account: Row) -> datetime:
    """The time where this account lives: the real one, unless a test has given it a clock of its own."""
    return datetime.fromisoformat(account["clock"]) if account["clock"] else datetime.now(UTC)
