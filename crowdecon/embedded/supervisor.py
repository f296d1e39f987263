"""`make run`: servers, migrations, demo, then web, worker and scheduler until Ctrl-C.

Run as `python -m crowdecon.embedded.supervisor`, by .venv's Python (bootstrap.py sees to it).
"""

import hashlib
import json
import os
import signal
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from types import FrameType

from crowdecon.embedded import ports, process, sandbox, services
from crowdecon.embedded.children import Child
from crowdecon.embedded.locks import Lock

ROOT = Path(__file__).resolve().parents[2]
READY_WITHIN = 150


class Stop(BaseException):
    """Somebody asked us to end. Not an `Exception`, so that no retry swallows it."""


class Refuse(Exception):
    """We cannot run; the message is one clear sentence."""


def say(words: str) -> None:
    print(words, flush=True)


class Supervisor:
    def __init__(self) -> None:
        self.layout = services.prepare(services.data_folder())
        self.port = chosen_port()
        self.lock = Lock(self.layout.supervisor)
        self.attachment: services.Attachment | None = None
        self.children: list[Child] = []

    @property
    def address(self) -> str:
        return f"http://localhost:{self.port}/"

    def run(self) -> int:
        try:
            self.begin()
            self.watch()
            return 1
        except Stop:
            return 0
        finally:
            self.end()

    def begin(self) -> None:
        """Everything up to the ready line, in order."""
        if not self.lock.take(seconds=1):
            raise Refuse(
                f"Crowdecon already runs on {self.layout.data}. CROWDECON_DATA=FOLDER starts another one beside it."
            )
        if not ports.is_free(self.port):
            raise Refuse(f"Port {self.port} is taken by another program. PORT=8001 make run uses another.")
        if services.external():
            say("Using your own PostgreSQL and Redis (DATABASE_URL, REDIS_URL).")
        else:
            say("Starting PostgreSQL and Valkey ...")
            self.attachment = services.attach(self.layout.data)
            os.environ.update(self.attachment.addresses.environment())
        os.environ.update(
            {"DJANGO_SETTINGS_MODULE": "crowdecon.settings.dev", "PORT": str(self.port), "HOST": ports.HOST}
        )
        self.migrate()
        self.start_sandbox()
        self.demo()
        say("Starting web, worker and scheduler ...")
        others = self.make_children()
        self.children += others
        for child in others:
            child.start()
        self.wait_until_ready()
        self.say_ready()

    def migrate(self) -> None:
        """Bring the database to this code's shape; our own is known to have it while the migrations are the same files."""
        stamp, shape = self.layout.data / "migrated", fingerprint_of_migrations()
        if self.attachment and stamp.exists() and stamp.read_text() == shape:
            return
        say("Bringing the database up to date ...")
        self.manage("migrate", "--verbosity=0", "--no-input")
        if self.attachment:
            stamp.write_text(shape)

    def manage(self, *words: str) -> None:
        """Run one of our commands to its end; its words go to the terminal."""
        done = process.run_to_end([sys.executable, "manage.py", *words], cwd=ROOT)
        if done:
            raise Refuse(f"`manage.py {words[0]}` failed (exit code {done}); its words are above.")

    def start_sandbox(self) -> None:
        """The payment provider for trials, a stranger to all the others; the demo is its first customer."""
        if os.environ.get("SANDBOX_URL"):
            return
        port = sandbox.port_of(self.layout)
        os.environ["SANDBOX_URL"] = sandbox.announce(self.layout, port)
        words = ["-m", "crowdecon.sandbox", f"--data={self.layout.sandbox}", f"--port={port}"]
        # It knows nothing of what the product is made of.
        env = {name: os.environ[name] for name in ("PATH", "LANG", "TZ", "PYTHONPATH") if name in os.environ}
        child = Child("sandbox", words, self.layout.logs, env)
        self.children.append(child)
        child.start()
        process.wait_until(lambda: not child.alive() or sandbox.answers(port), seconds=30)
        if not child.alive():
            raise Refuse(f"The sandbox did not start:\n{child.last_words()}")

    def demo(self) -> None:
        """The first time, fill in the demo communities; never into somebody's own database unasked."""
        if self.attachment is None:
            return
        done = self.layout.data / "demo.done"
        if done.exists() or os.environ.get("CROWDECON_DEMO") == "no" or not has_demo():
            return
        say("Making the demo communities (the first time only) ...")
        self.manage("demo")
        done.touch()

    def make_children(self) -> list[Child]:
        celery = ["-m", "celery", "-A", "crowdecon.celery"]
        beat = self.layout.data / "beat"
        beat.mkdir(exist_ok=True, mode=0o700)
        # The owner's address is for migrations alone: what serves strangers never knows it.
        env = {name: value for name, value in os.environ.items() if name != "DATABASE_OWNER_URL"}
        workers = os.environ.get("WORKER_CONCURRENCY", "2")
        worker = [
            "worker",
            f"--concurrency={workers}",
            "--without-gossip",
            "--without-mingle",
            "-n",
            f"w{os.getpid()}@%h",
        ]
        scheduler = ["beat", "--pidfile=", "-s", str(beat / "schedule")]
        logs = self.layout.logs
        return [
            Child("web", ["-m", "gunicorn", "-c", "python:crowdecon.serving"], logs, env),
            Child("worker", [*celery, *worker, "--loglevel=INFO"], logs, env, insist=signal.SIGQUIT),
            Child("scheduler", [*celery, *scheduler, "--loglevel=INFO"], logs, env),
        ]

    def wait_until_ready(self) -> None:
        deadline = time.monotonic() + READY_WITHIN
        while time.monotonic() < deadline:
            for child in self.children:
                if not child.alive():
                    raise Refuse(f"The {child.name} process did not start:\n{child.last_words()}")
            if self.answers():
                return
            time.sleep(0.1)
        raise Refuse(
            f"The site was not ready after {READY_WITHIN} seconds. Its words are in {self.layout.logs}."
        )

    def answers(self) -> bool:
        # Straight to our own port: a proxy of the environment has no business here.
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(f"http://{ports.HOST}:{self.port}/readyz", timeout=5) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False

    def say_ready(self) -> None:
        logins = self.logins()
        say("")
        say(f"Crowdecon is ready: {self.address}")
        if logins:
            width = max(len(login["email"]) for login in logins)
            say("Demo logins:")
            for login in logins:
                say(f"  {login['email']:<{width}}  {login['password']}  {login.get('role', '')}".rstrip())
        say(f"Mail that would be sent: {self.address}mailbox/    Logs: {self.layout.logs}")
        say("Ctrl-C stops it.")

    def logins(self) -> list[dict[str, str]]:
        """What `manage.py demo` left to be told: email, password and a word on who it is."""
        if self.attachment is None:
            # They belong to this folder's own servers, not to those in use. (`services.external()` would say so of our
            # own as well: their addresses are in the environment by now.)
            return []
        try:
            return list(json.loads((self.layout.data / "demo-logins.json").read_text()))
        except FileNotFoundError:
            return []

    def watch(self) -> None:
        """Restart what crashes; return when the servers are gone, for nothing works without them."""
        while self.attachment is None or self.attachment.alive():
            for child in self.children:
                words = child.look_after()
                if words:
                    say(words)
            time.sleep(0.5)
        say(
            "PostgreSQL or Valkey ended by itself, so everything stops. What is written is safe; start again with make run."
        )
        say(process.last_words(self.layout.logs / "keeper.log"))

    def end(self) -> None:
        """Stop all of it: first what makes work, then what does it, then the servers."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self.hurry)
        if self.children or self.attachment:
            say("Stopping ...")
        for child in reversed(self.children):
            child.ask_to_stop()
        for child in reversed(self.children):
            child.wait_for_end()
        if self.attachment and not self.attachment.detach(wait=25):
            say("The servers stay up: another command still uses them.")
        self.lock.release()

    def hurry(self, number: int, frame: FrameType | None) -> None:
        """A second Ctrl-C: do not wait for running tasks. They are run again at the next start."""
        for child in self.children:
            child.kill()


def chosen_port() -> int:
    given = os.environ.get("PORT") or "8000"
    if not given.isdecimal() or not 1 <= int(given) <= 65535:
        raise Refuse(f"PORT must be a number from 1 to 65535, not {given!r}.")
    return int(given)


def fingerprint_of_migrations() -> str:
    """The content of every migration: ours by their files, the libraries' by the lock."""
    digest = hashlib.sha256((ROOT / "requirements.txt").read_bytes())
    for path in sorted([*ROOT.glob("*/migrations/*.py"), *ROOT.glob("*/*/*/migrations/*.py")]):
        digest.update(str(path.relative_to(ROOT)).encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def has_demo() -> bool:
    return any(ROOT.glob("*/management/commands/demo.py"))


def asked_to_stop(number: int, frame: FrameType | None) -> None:
    raise Stop


def main() -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, asked_to_stop)
    if os.environ.get("MAKELEVEL"):
        # When make itself is killed, nobody would ever stop us.
        process.end_with_parent(signal.SIGTERM)
    try:
        sys.exit(Supervisor().run())
    except (Refuse, services.Unavailable) as reason:
        sys.exit(str(reason))
    except Stop:
        sys.exit(0)


if __name__ == "__main__":
    main()
