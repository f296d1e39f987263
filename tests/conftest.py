"""Fixtures that every folder of tests may use. The servers come from the plugin `tests/services.py`."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import hypothesis
import pytest
from django.db import connection
from django.test import TransactionTestCase
from django.utils import translation

from crowdecon.embedded import postgres, process
from tests import services
from tests.peers import sandbox, sandbox_peer  # noqa: F401

ROOT = Path(__file__).resolve().parents[1]

# How fast a loaded machine is says nothing of what is tested.
hypothesis.settings.register_profile(
    "untimed", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("untimed")


@pytest.fixture(scope="session")
def django_db_setup(django_db_blocker: pytest.FixtureRequest) -> Iterator[None]:
    """Make or take over the test database as its owner; the tests then run with the rights of the web's role."""
    servers = services.servers
    private = bool(servers and servers.children)
    web = os.environ["DATABASE_URL"]
    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        settings = connection.settings_dict
        if os.environ.get("DATABASE_OWNER_URL"):
            owner = urlsplit(os.environ["DATABASE_OWNER_URL"])
            settings["USER"], settings["PASSWORD"] = owner.username, owner.password
        kept = private and servers is not None and servers.migrated
        connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False, keepdb=kept)
        os.environ["DATABASE_URL"] = urlunsplit(urlsplit(web)._replace(path="/" + settings["NAME"]))
        if private:
            connection.close()
            settings["OPTIONS"] = settings["OPTIONS"] | {"options": f"-c role={postgres.WEB}"}
    yield
    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        if not private:
            connection.creation.destroy_test_db(urlsplit(web).path.removeprefix("/"), verbosity=0)


#: Empties the tables that hold something. Django's own way truncates all of them and makes every permission anew: at a
#: hundred tables that takes fifty times as long.
EMPTY = """
DO $$
DECLARE one regclass; holds boolean;
BEGIN
    FOR one IN SELECT oid::regclass FROM pg_class
        WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'
        AND relname NOT IN ('django_migrations', 'django_content_type', 'auth_permission')
    LOOP
        EXECUTE format('SELECT EXISTS (SELECT FROM %s)', one) INTO holds;
        IF holds THEN EXECUTE format('DELETE FROM %s', one); END IF;
    END LOOP;
END $$"""


@pytest.fixture(scope="session", autouse=True)
def _empty_as_owner() -> Iterator[None]:
    """What a transactional test leaves is deleted as the tables' owner, past the triggers that refuse it to anyone else."""
    flush = TransactionTestCase._fixture_teardown  # type: ignore[attr-defined]

    def as_owner(self: TransactionTestCase) -> None:
        if "role=" not in connection.settings_dict.get("OPTIONS", {}).get("options", ""):
            return flush(self)
        with connection.cursor() as cursor:
            cursor.execute("RESET ROLE")
            cursor.execute(f"SET ROLE {postgres.OWNER}")
            cursor.execute("SET session_replication_role = replica")
            try:
                cursor.execute(EMPTY)
            finally:
                connection.close()
        return None

    TransactionTestCase._fixture_teardown = as_owner  # type: ignore[attr-defined]
    yield
    TransactionTestCase._fixture_teardown = flush  # type: ignore[attr-defined]


@pytest.fixture(autouse=True)
def _site_language() -> None:
    """A request leaves its language behind in its thread: every test begins in the site's own."""
    translation.deactivate()


@pytest.fixture
def mailbox_dir(settings, tmp_path: Path) -> Path:
    """An empty file mailbox of this test's own, and mail really written to it."""
    settings.EMAIL_BACKEND = "crowdecon.mailbox.backend.FileBox"
    settings.MAILBOX_DIR = tmp_path / "mailbox"
    return settings.MAILBOX_DIR


@dataclass(frozen=True)
class Worker:
    """A running Celery worker of its own process, working on the test database."""

    process: subprocess.Popen[bytes]
    log: Path

    def words(self) -> str:
        return self.log.read_text(errors="replace")


def start_worker(folder: Path, *, app: str = "crowdecon.celery", **env: str) -> Worker:
    """Start a worker process on the test database and broker; returns when it takes tasks."""
    log = folder / "worker.log"
    child = process.start(
        [sys.executable, "-m", "celery", "-A", app, "worker", "--concurrency=1",
         "--without-gossip", "--without-mingle", "--loglevel=INFO"],
        log=log, cwd=ROOT, env=os.environ | {"DJANGO_SETTINGS_MODULE": "crowdecon.settings.test"} | env,
    )  # fmt: skip
    worker = Worker(child, log)
    ready = process.wait_until(lambda: child.poll() is not None or " ready." in worker.words(), seconds=60)
    assert ready and child.poll() is None, f"The worker did not start:\n{process.last_words(log, 40)}"
    return worker


@pytest.fixture(scope="module")
def _module_worker(django_db_setup: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Worker]:
    worker = start_worker(tmp_path_factory.mktemp("worker"))
    yield worker
    process.stop(worker.process, how=signal.SIGTERM, grace=10)


@pytest.fixture
def celery_worker_process(
    transactional_db: None, _empty_queue: None, _module_worker: Worker
) -> Iterator[Worker]:
    """A real worker process, shared by the module's tests and gone after them, so that it takes nobody else's tasks.

    Rows must be committed for it to see: the test is transactional. What the test set going is over before its rows are
    deleted, or the two would wait for each other.
    """
    yield _module_worker
    assert process.wait_until(_idle, seconds=60), "The worker is still busy with what this test began."


def _idle() -> bool:
    """Drop the tasks that wait; true once the worker has none in its hands either."""
    from crowdecon.celery import app

    dropped = app.control.purge()
    worker = app.control.inspect(timeout=10, limit=1)
    hands = [worker.active(), worker.reserved()]
    return not dropped and all(held and not any(held.values()) for held in hands)


@pytest.fixture
def _empty_queue() -> None:
    """Drop tasks that earlier tests queued with nobody to do them."""
    from crowdecon.celery import app

    app.control.purge()
