"""`make run` from its start to its ends, as a person meets it."""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from crowdecon.embedded import ports, process
from tests.embedded.test_servers import processes
from tests.services import ROOT


@dataclass
class Run:
    data: Path
    port: int = field(default_factory=ports.free)
    child: subprocess.Popen[bytes] | None = None

    def start(self) -> "Run":
        given = {"CROWDECON_DATA": str(self.data), "PORT": str(self.port), "CROWDECON_DEMO": "no"}
        hidden = {
            "DATABASE_URL",
            "DATABASE_OWNER_URL",
            "REDIS_URL",
            "SANDBOX_URL",
            "SECRET_KEY",
            "MONEY_KEYS",
            "DJANGO_SETTINGS_MODULE",
            "MAKELEVEL",
        }
        env = {name: value for name, value in os.environ.items() if name not in hidden} | given
        self.data.mkdir(exist_ok=True)
        with self.out.open("ab") as out:
            command = [sys.executable, "-m", "crowdecon.embedded.supervisor"]
            self.child = subprocess.Popen(
                command, cwd=ROOT, env=env, stdout=out, stderr=out, start_new_session=True
            )
        return self

    @property
    def out(self) -> Path:
        return self.data / "out"

    def words(self) -> str:
        return self.out.read_text()

    def wait_for(self, words: str) -> None:
        assert self.child
        found = process.wait_until(
            lambda: words in self.words() or self.child.poll() is not None, seconds=200
        )
        assert found and words in self.words(), self.words()

    def get(self, path: str) -> bytes:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=10) as answer:
            return answer.read()

    def worker_pid(self) -> int:
        """The worker itself: its pool's processes have the same words, and any numbers."""
        assert self.child
        for entry in Path("/proc").glob("[0-9]*"):
            try:
                words = (entry / "cmdline").read_bytes()
                parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            except OSError:
                continue
            if parent == self.child.pid and b"celery" in words and f"w{self.child.pid}@".encode() in words:
                return int(entry.name)
        return 0

    def end(self, how: signal.Signals) -> int:
        assert self.child
        self.child.send_signal(how)
        return self.child.wait(30)

    def left(self) -> list[str]:
        """What still runs of it."""
        name = f"w{self.child.pid}@" if self.child else ""
        return processes(self.data) + [words for words in processes(Path("celery")) if name in words]


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Run]:
    run = Run(tmp_path / "a folder")
    yield run
    if run.child and run.child.poll() is None:
        run.child.kill()
        run.child.wait()


@pytest.mark.exhaustive
@pytest.mark.timeout(600)
def test_the_life_of_a_run(run):
    run.start().wait_for("Ctrl-C stops it.")
    assert f"Crowdecon is ready: http://localhost:{run.port}/" in run.words()
    ready = json.loads(run.get("/readyz"))
    assert ready == {"status": "ready", "database": "ok", "broker": "ok", "migrations": "ok"}
    assert b"<html" in run.get("/mailbox/")
    provider = (run.data / "sandbox/address").read_text()
    assert urllib.request.urlopen(provider, timeout=10).status == 200

    # A second one on the same folder, and one on the same port, say so in a sentence.
    second = Run(run.data, port=run.port).start()
    assert second.child and second.child.wait(30) == 1
    assert "Crowdecon already runs on" in run.words()
    other = Run(run.data.parent / "other", port=run.port).start()
    assert other.child and other.child.wait(30) == 1
    assert other.words() == f"Port {run.port} is taken by another program. PORT=8001 make run uses another.\n"

    # A worker that is killed comes back.
    killed = run.worker_pid()
    os.kill(killed, signal.SIGKILL)
    run.wait_for("The worker process runs again.")

    # Killed outright, nothing stays.
    run.end(signal.SIGKILL)
    assert process.wait_until(lambda: not run.left(), seconds=15), run.left()

    # The next start is quick, finds what there was, and stops in order.
    began = time.monotonic()
    run.out.unlink()
    (run.data / "demo-logins.json").write_text(
        '[{"email": "a@demo.invalid", "password": "pw", "role": "runs it"}]'
    )
    run.start().wait_for("Ctrl-C stops it.")
    # On a machine that is busy with something else the time says nothing.
    assert time.monotonic() - began < 15 or os.getloadavg()[0] > 3
    assert (run.data / "sandbox/address").read_text() == provider
    assert "\nDemo logins:\n  a@demo.invalid  pw  runs it\n" in run.words()
    assert run.end(signal.SIGINT) == 0
    assert run.left() == []
    assert run.words().endswith("Stopping ...\n")


def test_stopping_while_it_starts(run):
    run.start().wait_for("Starting PostgreSQL")
    assert run.end(signal.SIGTERM) == 0
    assert process.wait_until(lambda: not run.left(), seconds=15), run.left()


def test_port_that_is_no_port(run):
    run.port = 99999
    run.start()
    assert run.child and run.child.wait(30) == 1
    assert run.words() == "PORT must be a number from 1 to 65535, not '99999'.\n"
