"""Pytest plugin: private servers for this one process, on ports of their own, in a temporary folder that goes with it.

A made and migrated cluster is kept under `.cache/` by the content of the migrations, so that a run starts in about a
second. DATABASE_URL and REDIS_URL, when set, are used instead.
"""

import atexit
import hashlib
import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest

from crowdecon.embedded import messages, ports, postgres, process, services, valkey
from crowdecon.embedded.locks import Lock
from tests import workers

ROOT = Path(__file__).resolve().parents[1]
CACHE = ROOT / ".cache" / "test-clusters"
TEST_DATABASE = f"test_{postgres.DATABASE}"
KEPT = 4


class TestServers:
    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="crowdecon-test-"))
        self.children: list[subprocess.Popen[bytes]] = []
        self.migrated = False
        self.database = 0

    def start(self) -> None:
        template = migrated_cluster()
        self.migrated = template.name.startswith("migrated-")
        passwords = json.loads((template / "passwords.json").read_text())
        environment = self.start_postgres(template / "cluster", passwords) | self.start_valkey()
        os.environ.update(environment)

    def start_postgres(self, template: Path, passwords: dict[str, str]) -> dict[str, str]:
        """Start a server on a copy of a made cluster; gives the variables that name it."""
        cluster = self.folder / "postgres"
        shutil.copytree(template, cluster)
        postgres.give_away(cluster, tree=True)
        cluster.chmod(0o700)
        # Another run may take the same free port in the same moment: then another is tried.
        for _ in range(5):
            port = ports.free()
            server = postgres.start(cluster, port=port, log=self.folder / "postgres.log")
            if came_up(server, lambda: postgres.is_ready(cluster)):
                self.children.append(server)
                self.database = port
                return {
                    "DATABASE_URL": postgres.url(
                        user=postgres.WEB, password=passwords[postgres.WEB], port=port
                    ),
                    "DATABASE_OWNER_URL": postgres.url(
                        user=postgres.OWNER, password=passwords[postgres.OWNER], port=port
                    ),
                }
        raise RuntimeError(
            f"PostgreSQL did not start for the tests:\n{process.last_words(self.folder / 'postgres.log')}"
        )

    @contextmanager
    def without_database(self) -> Iterator[None]:
        """PostgreSQL is stopped, and is there again, on the same port with the same rows, afterwards."""
        cluster = self.folder / "postgres"
        postgres.stop(self.children.pop(0))
        try:
            yield
        finally:
            server = postgres.start(cluster, port=self.database, log=self.folder / "postgres.log")
            assert came_up(server, lambda: postgres.is_ready(cluster))
            self.children.insert(0, server)

    def start_valkey(self) -> dict[str, str]:
        password, log = secrets.token_urlsafe(16), self.folder / "valkey.log"
        for _ in range(5):
            port = ports.free()
            server = valkey.start(
                self.folder / "valkey", port=port, password=password, log=log, durable=False
            )
            if came_up(server, partial(valkey.is_ready, port=port, password=password)):
                self.children.append(server)
                return {"REDIS_URL": valkey.url(password=password, port=port)}
        raise RuntimeError(f"Valkey did not start for the tests:\n{process.last_words(log)}")

    def stop(self) -> None:
        while self.children:
            process.stop(self.children.pop(), how=signal.SIGQUIT)
        shutil.rmtree(self.folder, ignore_errors=True)


def came_up(server: subprocess.Popen[bytes], ready: Callable[[], bool]) -> bool:
    """Wait until the server is ready; False when it ended instead."""
    process.wait_until(lambda: server.poll() is not None or ready(), seconds=60, pause=0.01)
    return server.poll() is None


def fingerprint(*patterns: str) -> str:
    digest = hashlib.sha256()
    for pattern in patterns:
        for path in sorted(ROOT.glob(pattern)):
            digest.update(str(path.relative_to(ROOT)).encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


def empty_cluster() -> Path:
    """A cluster with its roles and nothing in it, made once."""
    made = CACHE / f"empty-{fingerprint('crowdecon/embedded/postgres.py', 'requirements.txt')}"
    if not made.exists():
        part = Path(tempfile.mkdtemp(prefix="part-", dir=CACHE))
        passwords = {
            name: secrets.token_urlsafe(16) for name in (postgres.SUPERUSER, postgres.OWNER, postgres.WEB)
        }
        postgres.create(part / "cluster", passwords=passwords, careless=True)
        services.write_private(part / "passwords.json", json.dumps(passwords))
        part.rename(made)
    return made


def migrated_cluster() -> Path:
    """A cluster with the test database migrated; the empty one when the migrations do not run (pytest will say why)."""
    CACHE.mkdir(parents=True, exist_ok=True)
    lock = Lock(CACHE / "lock")
    lock.take(seconds=180)
    try:
        key = fingerprint(
            "requirements.txt", "crowdecon/embedded/postgres.py", "*/migrations/*.py", "*/*/*/migrations/*.py"
        )
        made = CACHE / f"migrated-{key}"
        if made.exists():
            os.utime(made)
            return made
        empty = empty_cluster()
        if not migrate_into(empty, made):
            return empty
        for old in sorted(CACHE.glob("migrated-*"), key=lambda path: path.stat().st_mtime)[:-KEPT]:
            shutil.rmtree(old, ignore_errors=True)
        return made
    finally:
        lock.release()


def migrate_into(empty: Path, made: Path) -> bool:
    """Migrate a copy of the empty cluster in a process of its own and keep it under the name `made`."""
    servers = TestServers()
    try:
        passwords = json.loads((empty / "passwords.json").read_text())
        environment = servers.start_postgres(empty / "cluster", passwords)
        script = (
            "import django; django.setup()\n"
            "from django.db import connection\n"
            "connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)\n"
        )
        settings = {
            "DATABASE_URL": environment["DATABASE_OWNER_URL"],
            "REDIS_URL": "redis://127.0.0.1:1",
            "SECRET_KEY": "only to migrate",
            "MONEY_KEYS": services.sealing_key(),
            "CROWDECON_DATA": str(servers.folder),
            "DJANGO_SETTINGS_MODULE": "crowdecon.settings.test",
        }
        done = subprocess.run(
            [sys.executable, "-c", script], env=os.environ | settings, cwd=ROOT, capture_output=True
        )
        for child in servers.children:
            postgres.stop(child)
        if done.returncode == 0:
            part = Path(tempfile.mkdtemp(prefix="part-", dir=CACHE))
            shutil.copytree(servers.folder / "postgres", part / "cluster")
            services.write_private(part / "passwords.json", json.dumps(passwords))
            part.rename(made)
        return done.returncode == 0
    finally:
        servers.stop()


servers: TestServers | None = None


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    """Before pytest-django reads the settings: they are read from the environment."""
    global servers
    os.environ["DJANGO_SETTINGS_MODULE"] = "crowdecon.settings.test"
    os.environ.setdefault("SECRET_KEY", secrets.token_urlsafe(48))
    os.environ.setdefault("MONEY_KEYS", services.sealing_key())
    servers = TestServers()
    atexit.register(servers.stop)
    os.environ["CROWDECON_DATA"] = str(servers.folder)
    if not workers.is_worker():
        messages.compile_changed()
    number, external = workers.decide(early_config), services.external()
    if number and external:
        raise pytest.UsageError("Servers of one's own hold one test database, for one process: -n 0")
    if number:
        migrated_cluster()
    elif not external:
        servers.start()


def pytest_configure(config: pytest.Config) -> None:
    """Where workers do the work, the settings read here lead nowhere: each worker starts its own servers."""
    if workers.has_workers(config):
        for name in ("DATABASE_URL", "REDIS_URL"):
            os.environ.pop(name, None)


def pytest_unconfigure() -> None:
    if servers:
        servers.stop()
