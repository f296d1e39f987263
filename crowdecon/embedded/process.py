"""Processes that end when they should. Standard library only."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

PR_SET_PDEATHSIG = 1
LAUNCH = Path(__file__).with_name("launch.py")


def end_with_parent(how: int = signal.SIGKILL) -> None:
    """Let the kernel send this process `how` when its parent ends, however that happens (Linux; else does nothing)."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, int(how), 0, 0, 0)


def launcher(*, death: int, unprivileged: bool) -> list[str]:
    """The words to put before a command so that it ends with this process (launch.py)."""
    return [
        sys.executable,
        "-I",
        "-S",
        str(LAUNCH),
        str(os.getpid()),
        str(int(death)),
        "1" if unprivileged else "0",
    ]


def start(
    command: Sequence[str | os.PathLike[str]],
    *,
    log: Path,
    death: int = signal.SIGKILL,
    unprivileged: bool = False,
    env: dict[str, str] | None = None,
    cwd: Path | None = None,
    keep: Sequence[int] = (),
) -> subprocess.Popen[bytes]:
    """Start a child in a process group of its own, its words going to `log`.

    It gets `death` when this process ends. `unprivileged`: PostgreSQL refuses to run as root, see launch.py.
    `keep`: open descriptors (a held lock) that the child keeps as well. Call it from the main thread only: the
    kernel watches the thread that started the child.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as words:
        return subprocess.Popen(
            [*launcher(death=death, unprivileged=unprivileged), *command],
            stdin=subprocess.DEVNULL,
            stdout=words,
            stderr=words,
            env=env,
            cwd=cwd,
            pass_fds=tuple(keep),
            start_new_session=True,
        )


def run_to_end(command: Sequence[str | os.PathLike[str]], *, cwd: Path) -> int:
    """Run a command whose words go to our terminal; gives its exit code. It ends when we do, or when we are interrupted."""
    child = subprocess.Popen(
        [*launcher(death=signal.SIGKILL, unprivileged=False), *command],
        cwd=cwd,
        stdin=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        return child.wait()
    except BaseException:
        stop(child, grace=5)
        raise


def stop(
    child: subprocess.Popen[bytes],
    *,
    how: int | None = signal.SIGTERM,
    grace: float = 10,
    then: int = signal.SIGKILL,
) -> None:
    """Ask the child to end (None: it has been asked), wait `grace` seconds, then insist. Returns when it is gone."""
    if child.poll() is None:
        if how is not None:
            child.send_signal(how)
        try:
            child.wait(grace)
        except subprocess.TimeoutExpired:
            child.send_signal(then)
            try:
                child.wait(5)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()


def wait_until(ready, *, seconds: float, pause: float = 0.05) -> bool:  # type: ignore[no-untyped-def]
    """Call `ready()` until it is true; False when that took longer than `seconds`."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if ready():
            return True
        time.sleep(pause)
    return False


def last_words(log: Path, lines: int = 12) -> str:
    """The end of a log, for an error message."""
    try:
        return "\n".join(log.read_text(errors="replace").splitlines()[-lines:])
    except OSError:
        return ""
