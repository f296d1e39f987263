"""Checks of everything the platform stands on. Each says what it found and, when it is not well, what to do."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import uuid4

from django.conf import settings
from django.core.cache import cache
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.mail import get_connection
from django.db import connection
from django.utils.translation import gettext as _

from crowdecon import health
from crowdecon.celery import app
from crowdecon.tasks import HEARTBEAT
from kernel import letters as documents

DRIFT = timedelta(seconds=5)
SILENCE = timedelta(minutes=3)


class Unwell(Exception):
    """What is wrong, and what to do about it."""

    def __init__(self, wrong: str, remedy: str) -> None:
        super().__init__(wrong)
        self.remedy = remedy


@dataclass(frozen=True)
class Finding:
    check: str
    well: bool
    words: str
    remedy: str = ""


def examine() -> Iterator[Finding]:
    """Run every check, in an order in which the first failure is the likeliest cause of the next."""
    for check in (database, migrations, rights, clock, broker, workers, scheduler, mail, storage, letters):
        try:
            yield Finding(check.__name__, True, check())
        except Unwell as trouble:
            yield Finding(check.__name__, False, str(trouble), trouble.remedy)
        except Exception as trouble:
            # The kind of trouble only: its text may repeat an address with a password in it.
            yield Finding(check.__name__, False, type(trouble).__name__, REMEDIES[check])


def database() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version")
        return _("PostgreSQL %(version)s answers.") % {"version": cursor.fetchone()[0]}


def migrations() -> str:
    if not health.migrations():
        raise Unwell(_("The database is not at this version's shape."), _("Run: ./manage.py migrate"))
    return _("The database has this version's shape.")


def rights() -> str:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_user, (SELECT count(*) FROM pg_tables WHERE tableowner = current_user)"
        )
        role, owned = cursor.fetchone()
    if owned:
        raise Unwell(
            _("The role %(role)s owns %(owned)d tables.") % {"role": role, "owned": owned},
            _(
                "Let DATABASE_URL name a role that owns none, and DATABASE_OWNER_URL the owner. See .env.example."
            ),
        )
    return _("The role %(role)s owns no table.") % {"role": role}


def clock() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        drift = abs(cursor.fetchone()[0] - datetime.now(UTC))
    if drift > DRIFT:
        words = _("This machine and the database differ by %(seconds)d seconds.") % {
            "seconds": drift.total_seconds()
        }
        raise Unwell(words, _("Let both machines follow a time server (NTP)."))
    return _("The clocks agree.")


def broker() -> str:
    health.broker()
    cache.set("doctor", "well", timeout=10)
    if cache.get("doctor") != "well":
        raise Unwell(
            _("The cache forgets what it is given."),
            _("Look at the server of REDIS_URL: is its memory full?"),
        )
    return _("Broker and cache answer.")


def workers() -> str:
    answers = app.control.ping(timeout=2)
    if not answers:
        raise Unwell(
            _("No worker answers."),
            _("Start workers: make run, or the worker service of docker-compose.yml."),
        )
    return _("Workers that answer: %(number)d.") % {"number": len(answers)}


def scheduler() -> str:
    last = cache.get(HEARTBEAT)
    remedy = _(
        "Start the scheduler: make run, or the beat service of docker-compose.yml. It needs three minutes to show."
    )
    if last is None:
        raise Unwell(_("The scheduler has not been seen."), remedy)
    silent = datetime.now(UTC) - datetime.fromisoformat(last)
    if silent > SILENCE:
        raise Unwell(_("The scheduler was last seen at %(time)s (UTC).") % {"time": last[:19]}, remedy)
    return _("The scheduler was seen %(seconds)d seconds ago.") % {"seconds": silent.total_seconds()}


def mail() -> str:
    if settings.EMBEDDED:
        return _("Mail is kept in a folder and read at /mailbox/; nothing is sent.")
    with get_connection():
        return _("The mail server lets us in.")


def storage() -> str:
    name = default_storage.save(f"doctor/{uuid4().hex}", ContentFile(b"well"))
    try:
        with default_storage.open(name) as file:
            if file.read() != b"well":
                raise Unwell(_("A stored file came back different."), REMEDIES[storage])
    finally:
        default_storage.delete(name)
    return _("Files are stored and come back.")


def letters() -> str:
    if not documents.installed():
        raise Unwell(
            _("The letters of invoices and receipts as PDF are not installed."),
            _("Fetch them with npm: make install, or build the image anew."),
        )
    return _("Invoices and receipts have their letters.")


REMEDIES: dict[Callable[[], str], str] = {
    database: "Is the server of DATABASE_URL up, and are name and password right?",
    migrations: "Can the role of DATABASE_URL read the tables? Run ./manage.py migrate as their owner.",
    rights: "Is the server of DATABASE_URL up?",
    clock: "Is the server of DATABASE_URL up?",
    broker: "Is the server of REDIS_URL up, and is the password right?",
    workers: "Is the server of REDIS_URL up?",
    scheduler: "Is the server of REDIS_URL up?",
    mail: "Is the server of EMAIL_URL up, and are name and password right?",
    storage: "May this user write to the storage folder, and is the disk full?",
    letters: "May this user read the folder FONTS_DIR?",
}
