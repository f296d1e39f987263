"""The platform's own processes for these tests: web server, worker and scheduler, on the test database."""

import os
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from crowdecon.embedded import ports, process

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Platform:
    address: str
    web: subprocess.Popen[bytes]
    worker: subprocess.Popen[bytes]

    @contextmanager
    def held_up(self) -> Iterator[None]:
        """The worker stands still where it is, and goes on afterwards."""
        os.killpg(self.worker.pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.killpg(self.worker.pid, signal.SIGCONT)


@contextmanager
def running(folder: Path) -> Iterator[Platform]:
    """Gunicorn as `make run` starts it, and a worker with the scheduler inside; both ready, both ended after."""
    port = ports.free()
    settings = {
        "DJANGO_SETTINGS_MODULE": "tests.browser.settings",
        "PORT": str(port),
        "WEB_CONCURRENCY": "1",
        "WEB_THREADS": "6",
        "LOG_LEVEL": "WARNING",
    }
    env = os.environ | settings
    web_log, worker_log = folder / "web.log", folder / "worker.log"
    gunicorn = [sys.executable, "-m", "gunicorn", "-c", "python:crowdecon.serving"]
    celery = [sys.executable, "-m", "celery", "-A", "crowdecon.celery", "worker", "--concurrency=1", "-B"]
    quiet = ["-s", str(folder / "schedule"), "--without-gossip", "--without-mingle", "--loglevel=INFO"]
    web = process.start(gunicorn, log=web_log, cwd=ROOT, env=env)
    worker = process.start([*celery, *quiet], log=worker_log, cwd=ROOT, env=env | {"LOG_LEVEL": "INFO"})
    try:
        address = f"http://localhost:{port}"
        up = process.wait_until(lambda: web.poll() is not None or _answers(address), seconds=60)
        assert up and web.poll() is None, f"The server did not start:\n{process.last_words(web_log, 40)}"
        up = process.wait_until(
            lambda: worker.poll() is not None or " ready." in worker_log.read_text(errors="replace"),
            seconds=60,
        )
        assert up and worker.poll() is None, (
            f"The worker did not start:\n{process.last_words(worker_log, 40)}"
        )
        yield Platform(address, web, worker)
        said = web_log.read_text(errors="replace")
        assert "Internal Server Error" not in said, f"The server met an error:\n{said}"
    finally:
        process.stop(worker, grace=10)
        process.stop(web, grace=10)


def _answers(address: str) -> bool:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(f"{address}/readyz", timeout=5) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False
