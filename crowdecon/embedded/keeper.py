"""Runs PostgreSQL and Valkey of one data folder while anybody is attached. `python -m crowdecon.embedded.keeper DATA FD`.

FD is the open keeper lock, which the two servers inherit: the folder counts as kept until all three are gone.
"""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import FrameType

from crowdecon.embedded import ports, postgres, process, services, valkey
from crowdecon.embedded.locks import Lock

GLANCE = 0.2


class Stop(Exception):
    """Somebody asked the keeper to end."""


class Keeper:
    def __init__(self, layout: services.Layout, lock: Lock) -> None:
        self.layout, self.lock = layout, lock
        self.secrets = services.kept_secrets(layout)
        self.postgres: subprocess.Popen[bytes] | None = None
        self.valkey: subprocess.Popen[bytes] | None = None

    def run(self) -> int:
        """Start, keep, stop. 0 when nobody needed them any more, 1 when a server ended by itself."""
        try:
            self.start()
            return self.keep()
        except Stop:
            return 0
        finally:
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            self.layout.addresses.unlink(missing_ok=True)
            for server, stop in ((self.postgres, postgres.stop), (self.valkey, valkey.stop)):
                if server:
                    stop(server)

    def start(self) -> None:
        assert self.lock.fd is not None
        layout, keep = self.layout, (self.lock.fd,)
        chosen = self.ports()
        if not (layout.cluster / "PG_VERSION").exists():
            postgres.create(layout.cluster, passwords=self.secrets)
        postgres.configure(layout.cluster)
        self.valkey = valkey.start(
            layout.valkey,
            port=chosen["valkey"],
            password=self.secrets["valkey"],
            log=self.log("valkey"),
            keep=keep,
        )
        self.postgres = postgres.start(
            layout.cluster, port=chosen["postgres"], log=self.log("postgres"), keep=keep
        )
        self.wait("PostgreSQL", self.postgres, lambda: postgres.is_ready(layout.cluster))
        self.wait(
            "Valkey",
            self.valkey,
            lambda: valkey.is_ready(port=chosen["valkey"], password=self.secrets["valkey"]),
        )
        services.announce(
            layout,
            services.Addresses(
                database=self.database_url(postgres.WEB, chosen["postgres"]),
                owner=self.database_url(postgres.OWNER, chosen["postgres"]),
                redis=valkey.url(password=self.secrets["valkey"], port=chosen["valkey"]),
            ),
        )

    def keep(self) -> int:
        assert self.postgres and self.valkey
        users = Lock(self.layout.users)
        while not users.take():
            for name, server in (("PostgreSQL", self.postgres), ("Valkey", self.valkey)):
                if server.poll() is not None:
                    print(
                        f"{name} ended by itself:\n{process.last_words(self.log(name.lower()))}",
                        file=sys.stderr,
                    )
                    return 1
            time.sleep(GLANCE)
        # From here to our end nobody can attach: the users' lock is ours alone.
        return 0

    def wait(self, name: str, server: subprocess.Popen[bytes], ready) -> None:  # type: ignore[no-untyped-def]
        # Long, because a database that was killed may have much to replay.
        if not process.wait_until(lambda: server.poll() is not None or ready(), seconds=80):
            raise SystemExit(f"{name} was not ready after 80 seconds.")
        if server.poll() is not None:
            words = process.last_words(self.log("postgres" if name == "PostgreSQL" else "valkey"))
            raise SystemExit(f"{name} ended while starting:\n{words}")

    def ports(self) -> dict[str, int]:
        """Free ports, the same as last time where they still are free."""
        file = self.layout.data / "ports.json"
        last = json.loads(file.read_text()) if file.exists() else {}
        chosen = {name: ports.free(last.get(name, 0)) for name in ("postgres", "valkey")}
        services.write_private(file, json.dumps(chosen))
        return chosen

    def database_url(self, role: str, port: int) -> str:
        return postgres.url(user=role, password=self.secrets[role], port=port)

    def log(self, name: str) -> Path:
        return self.layout.logs / f"{'postgres' if name == 'postgresql' else name}.log"


def asked_to_stop(number: int, frame: FrameType | None) -> None:
    raise Stop


def main() -> None:
    data, fd = Path(sys.argv[1]), int(sys.argv[2])
    # Into the background, in a session of our own: whoever started us may end at any time, and has nothing to reap.
    if os.fork():
        os._exit(0)
    os.setsid()
    lock = Lock(services.Layout(data).keeper)
    lock.adopt(fd)
    # Ctrl-C in a terminal is for whoever is attached; we follow them.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, asked_to_stop)
    os.chdir("/")
    sys.exit(Keeper(services.Layout(data), lock).run())


if __name__ == "__main__":
    main()
