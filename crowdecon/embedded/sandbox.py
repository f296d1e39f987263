"""Where the payment provider for trials (`crowdecon/sandbox/`) is to be found. Standard library only.

Its pages are written down in pending payments, so it keeps its port from one start to the next where it can.
"""

import socket
from pathlib import Path

from crowdecon.embedded import ports
from crowdecon.embedded.services import Layout, write_private


def port_of(layout: Layout) -> int:
    """The port that it had before while that is free, else another."""
    _, _, before = address(layout.data).rpartition(":")
    return ports.free(int(before) if before.isdecimal() else 0)


def announce(layout: Layout, port: int) -> str:
    """Write down where it will be, for commands that are run beside `make run`; gives the address."""
    layout.sandbox.mkdir(exist_ok=True, mode=0o700)
    found = f"http://{ports.HOST}:{port}"
    write_private(_file(layout.data), found)
    return found


def address(data: Path) -> str:
    """Where it was last, "" where it never was."""
    try:
        return _file(data).read_text()
    except OSError:
        return ""


def answers(port: int) -> bool:
    try:
        with socket.create_connection((ports.HOST, port), timeout=1):
            return True
    except OSError:
        return False


def _file(data: Path) -> Path:
    return Layout(data).sandbox / "address"
