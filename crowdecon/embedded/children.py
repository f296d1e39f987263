"""One process of ours that is kept running: web, worker or scheduler."""

import signal
import subprocess
import sys
import time
from pathlib import Path

from crowdecon.embedded import process

ROOT = Path(__file__).resolve().parents[2]
STEADY = 60  # seconds after which a process counts as healthy again
LONGEST = 30  # seconds between two tries at most
LOG_LIMIT = 5 * 1024 * 1024


class Child:
    """A Python process, restarted with growing waits when it ends by itself. Its words go to `<logs>/<name>.log`."""

    def __init__(
        self,
        name: str,
        words: list[str],
        logs: Path,
        env: dict[str, str],
        *,
        insist: int = signal.SIGKILL,
        grace: float = 10,
    ) -> None:
        self.name, self.words, self.env, self.insist, self.grace = name, words, env, insist, grace
        self.log = logs / f"{name}.log"
        self.process: subprocess.Popen[bytes] | None = None
        self.started_at = 0.0
        self.wait = 1.0
        self.due: float | None = None

    def start(self) -> None:
        if self.log.exists() and self.log.stat().st_size > LOG_LIMIT:
            self.log.replace(self.log.with_suffix(".log.1"))
        self.process = process.start([sys.executable, *self.words], log=self.log, env=self.env, cwd=ROOT)
        self.started_at, self.due = time.monotonic(), None

    def alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def look_after(self) -> str:
        """Call often. Restarts the process when it is due; gives the words to tell about it, if any."""
        now = time.monotonic()
        if self.alive():
            return ""
        if self.due is None:
            self.wait = 1.0 if now - self.started_at > STEADY else min(self.wait * 2, LONGEST)
            self.due = now + self.wait
            code = self.process.returncode if self.process else None
            return f"The {self.name} process ended by itself (code {code}); it starts again in {self.wait:.0f} s. See {self.log}."
        if now >= self.due:
            self.start()
            return f"The {self.name} process runs again."
        return ""

    def ask_to_stop(self) -> None:
        if self.alive() and self.process:
            self.process.terminate()

    def wait_for_end(self) -> None:
        """After `ask_to_stop`: wait, then insist."""
        if self.process:
            process.stop(self.process, how=None, grace=self.grace, then=self.insist)

    def kill(self) -> None:
        if self.alive() and self.process:
            self.process.kill()

    def last_words(self) -> str:
        return process.last_words(self.log)
