"""Locks that end with the process that holds them, however it ends (flock). Standard library only."""

import fcntl
import os
import time
from pathlib import Path


class Lock:
    """One lock file. Descriptors handed to a child keep the lock until the child is gone too."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.fd: int | None = None

    def take(self, *, shared: bool = False, seconds: float = 0) -> bool:
        """Take it; False when somebody else still holds it after `seconds`."""
        if self.fd is None:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self.fd = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        deadline = time.monotonic() + seconds
        while True:
            try:
                fcntl.flock(self.fd, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
                return True
            except BlockingIOError:
                if time.monotonic() >= deadline:
                    return False
                time.sleep(0.05)

    def adopt(self, fd: int) -> None:
        """Hold a lock that came open from the parent process."""
        os.set_inheritable(fd, False)
        self.fd = fd

    def release(self) -> None:
        """Let go of this process's hold. A child that got the descriptor goes on holding it."""
        if self.fd is not None:
            os.close(self.fd)
            self.fd = None

    def is_free(self) -> bool:
        """Whether nobody holds it at this moment."""
        probe = Lock(self.path)
        try:
            return probe.take()
        finally:
            probe.release()
