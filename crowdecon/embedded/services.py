"""Attaching to the embedded servers of a data folder. Standard library only.

`attach` starts them when nobody has, and holds them up for as long as this process lives or until `Attachment.detach`.
"""

import base64
import json
import os
import secrets
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from crowdecon.embedded import process
from crowdecon.embedded.locks import Lock

ROOT = Path(__file__).resolve().parents[2]


class Unavailable(Exception):
    """The servers cannot be had; the message is for the person who asked."""


@dataclass(frozen=True)
class Layout:
    """Where things lie in a data folder."""

    data: Path

    @property
    def users(self) -> Path:
        return self.data / "locks" / "users"

    @property
    def keeper(self) -> Path:
        return self.data / "locks" / "keeper"

    @property
    def supervisor(self) -> Path:
        return self.data / "locks" / "supervisor"

    @property
    def addresses(self) -> Path:
        return self.data / "services.json"

    @property
    def secrets(self) -> Path:
        return self.data / "secrets.json"

    @property
    def cluster(self) -> Path:
        return self.data / "postgres"

    @property
    def valkey(self) -> Path:
        return self.data / "valkey"

    @property
    def sandbox(self) -> Path:
        return self.data / "sandbox"

    @property
    def logs(self) -> Path:
        return self.data / "logs"


@dataclass(frozen=True)
class Addresses:
    """What the running servers are reached by."""

    database: str
    owner: str
    redis: str

    def environment(self) -> dict[str, str]:
        return {"DATABASE_URL": self.database, "DATABASE_OWNER_URL": self.owner, "REDIS_URL": self.redis}


def external() -> bool:
    """Whether the operator's own servers are to be used. Both variables, or neither."""
    given = {name for name in ("DATABASE_URL", "REDIS_URL") if os.environ.get(name, "").strip()}
    if len(given) == 1:
        missing = ({"DATABASE_URL", "REDIS_URL"} - given).pop()
        raise Unavailable(
            f"{given.pop()} is set but {missing} is not: set both to use your own servers, or neither."
        )
    return bool(given)


def data_folder() -> Path:
    """`CROWDECON_DATA`, default `.data` of this checkout."""
    return Path(os.environ.get("CROWDECON_DATA") or ROOT / ".data").expanduser().absolute()


def prepare(data: Path) -> Layout:
    """Make the data folder, for its owner's eyes only."""
    try:
        data.mkdir(parents=True, exist_ok=True, mode=0o700)
        data.chmod(0o700)
    except OSError as error:
        raise Unavailable(
            f"The data folder {data} cannot be used: {error.strerror}. CROWDECON_DATA names another."
        ) from error
    return Layout(data)


def write_private(path: Path, content: str) -> None:
    """Write a file of mode 0600 that appears whole or not at all."""
    part = path.with_name(f"{path.name}.{os.getpid()}")
    with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(content)
    os.replace(part, path)


def kept_secrets(layout: Layout) -> dict[str, str]:
    """The folder's own passwords, signing key and key for sealing, made the first time. Only the holder of the keeper lock
    adds to them."""
    kept = dict(json.loads(layout.secrets.read_text())) if layout.secrets.exists() else {}
    if "money" in kept:
        return kept
    made = {
        name: secrets.token_urlsafe(32) for name in ("postgres", "crowdecon_owner", "crowdecon_web", "valkey")
    }
    made |= {"django": secrets.token_urlsafe(48), "money": sealing_key()} | kept
    write_private(layout.secrets, json.dumps(made, indent=1))
    return made


def sealing_key() -> str:
    """A key of the form that Fernet takes."""
    return base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()


# Attachments for the life of the process: their locks go with it.
_held: list["Attachment"] = []


class Attachment:
    """A hold on the running servers. They stop when the last hold is let go."""

    def __init__(self, layout: Layout, users: Lock, addresses: Addresses, *, started: bool) -> None:
        self.layout, self.users, self.addresses, self.started = layout, users, addresses, started

    def hold(self) -> Addresses:
        """Keep the servers up until this process ends, however it ends; gives their addresses."""
        _held.append(self)
        return self.addresses

    def alive(self) -> bool:
        """Whether the servers are still kept up."""
        return _read(self.layout) == self.addresses

    def detach(self, *, wait: float = 0) -> bool:
        """Let go; with `wait`, until the servers are down (False when others still hold them up)."""
        self.users.release()
        return process.wait_until(Lock(self.layout.keeper).is_free, seconds=wait) if wait else True


def attach(data: Path, *, seconds: float = 90) -> Attachment:
    """Hold the servers of this data folder, starting them when they are down. Raises `Unavailable` with the reason."""
    layout = prepare(data)
    users, keeper = Lock(layout.users), Lock(layout.keeper)
    deadline = time.monotonic() + seconds
    if not users.take(shared=True, seconds=30):
        raise Unavailable(f"The servers of {data} are being stopped and do not end. See {layout.logs}.")
    started = False
    while time.monotonic() < deadline:
        # While a keeper lives, it and its servers hold this lock.
        if keeper.take():
            if started:
                break
            # Nobody keeps them. Our lock goes over to the keeper, so nobody else can start a second one meanwhile.
            layout.addresses.unlink(missing_ok=True)
            kept_secrets(layout)
            _start_keeper(layout, keeper)
            started = True
        addresses = _read(layout)
        if addresses:
            keeper.release()
            return Attachment(layout, users, addresses, started=started)
        time.sleep(0.05)
    users.release()
    keeper.release()
    raise Unavailable(
        f"The embedded servers did not start:\n{process.last_words(layout.logs / 'keeper.log')}"
    )


def _start_keeper(layout: Layout, keeper: Lock) -> None:
    """Start the keeper, which puts itself in the background at once, and hand it the lock."""
    assert keeper.fd is not None
    layout.logs.mkdir(exist_ok=True)
    with (layout.logs / "keeper.log").open("wb") as words:
        subprocess.run(
            [sys.executable, "-m", "crowdecon.embedded.keeper", str(layout.data), str(keeper.fd)],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=words,
            pass_fds=(keeper.fd,),
        )
    keeper.release()


def _read(layout: Layout) -> Addresses | None:
    """The addresses, while the servers are ready. What a killed keeper left behind does not count."""
    try:
        said = json.loads(layout.addresses.read_text())
        os.kill(said["keeper"], 0)
    except (FileNotFoundError, ProcessLookupError):
        return None
    return Addresses(**said["addresses"])


def announce(layout: Layout, addresses: Addresses) -> None:
    """The keeper's word, this process's, that the servers are ready."""
    said = {"keeper": os.getpid(), "addresses": asdict(addresses)}
    write_private(layout.addresses, json.dumps(said, indent=1))


def offer(data: Path) -> None:
    """Fill in DATABASE_URL, REDIS_URL, SECRET_KEY and MONEY_KEYS from the data folder where the environment does not.

    Starts nothing. With no server up, the addresses are ones where nothing answers, so that commands which need no
    server still work.
    """
    nobody = Addresses("postgresql://nobody@127.0.0.1:1/crowdecon", "", "redis://127.0.0.1:1")
    layout = Layout(data)
    if not external():
        addresses = _read(layout) or nobody
        os.environ["DATABASE_URL"], os.environ["REDIS_URL"] = addresses.database, addresses.redis
    for variable, name in (("SECRET_KEY", "django"), ("MONEY_KEYS", "money")):
        if not os.environ.get(variable):
            prepare(data)
            os.environ[variable] = kept_secrets(layout)[name]
