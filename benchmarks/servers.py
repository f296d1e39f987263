"""Servers of this run's own, as `make run` has them, in a folder that goes with it."""

import atexit
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from urllib.parse import unquote, urlsplit

import psycopg2

ROOT = Path(__file__).resolve().parents[1]


def start(*, kept: str = "") -> None:
    """Start the servers, migrate, and set Django up to use them with the rights of the web's role.

    Their data goes with the run, unless it is `kept` under a name for the next one.
    """
    for name in ("DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL"):
        os.environ.pop(name, None)
    cache = ROOT / ".cache"
    cache.mkdir(exist_ok=True)
    data = cache / f"kept-{kept}" if kept else Path(tempfile.mkdtemp(prefix="bench-", dir=cache))
    os.environ |= {
        "CROWDECON_DATA": str(data),
        "DJANGO_SETTINGS_MODULE": "crowdecon.settings.dev",
        "LOG_LEVEL": "WARNING",
    }
    from crowdecon.embedded import services

    attachment = services.attach(data)
    atexit.register(_clear, attachment, data, kept=bool(kept))
    owner = attachment.addresses.environment()
    subprocess.run(
        [sys.executable, "manage.py", "migrate", "--verbosity", "0"],
        cwd=ROOT, check=True, env=os.environ | owner | {"DATABASE_URL": owner["DATABASE_OWNER_URL"]},
    )  # fmt: skip
    os.environ |= owner
    import django

    django.setup()


def none() -> None:
    """Set Django up for what asks no server anything."""
    os.environ |= {
        "DATABASE_URL": "postgres://nobody@127.0.0.1:1/nothing",
        "REDIS_URL": "redis://127.0.0.1:1/0",
        "DJANGO_SETTINGS_MODULE": "crowdecon.settings.dev",
        "LOG_LEVEL": "WARNING",
    }
    import django

    django.setup()


def _clear(attachment: object, data: Path, *, kept: bool) -> None:
    attachment.detach(wait=30)  # type: ignore[attr-defined]
    if not kept:
        shutil.rmtree(data, ignore_errors=True)


def as_owner() -> "psycopg2.extensions.connection":
    """A connection that may make tables, for what we are compared with."""
    parts = urlsplit(os.environ["DATABASE_OWNER_URL"])
    connection = psycopg2.connect(
        host=parts.hostname,
        port=parts.port,
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        dbname=parts.path[1:],
    )
    connection.autocommit = True
    return connection
