"""Other people's implementations of what the providers do with keys, run as processes: they judge our signatures, and theirs
are judged by ours. They are fetched into `.cache/` the first time; in CI it is a fault where that cannot be done."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from crowdecon.embedded import bootstrap
from crowdecon.embedded.locks import Lock
from tests.commerce.providers import newer_python

HERE = Path(__file__).parent
ROOT = HERE.parents[2]
CACHE = ROOT / ".cache" / "judges"


class Judge:
    """One question is a line of JSON, and so is its answer."""

    def __init__(self, *command: str | Path) -> None:
        self.child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def ask(self, act: str, **words: Any) -> Any:
        assert self.child.stdin and self.child.stdout
        self.child.stdin.write(json.dumps({"act": act, **words}) + "\n")
        self.child.stdin.flush()
        return json.loads(self.child.stdout.readline())

    def end(self) -> None:
        assert self.child.stdin and self.child.stdout
        self.child.stdin.close()
        self.child.stdout.close()
        self.child.wait(timeout=10)


def of_wechat_pay() -> Judge:
    """The npm package `wechatpay-axios-plugin`."""
    return of_npm("wechat", HERE / "wechat_platform")


def of_npm(name: str, source: Path) -> Judge:
    """What is locked in that folder, and asked by its `judge.js`."""

    def fetch(folder: Path) -> None:
        for file in ("package.json", "package-lock.json"):
            shutil.copyfile(source / file, folder / file)
        npm = [shutil.which("npm")] if shutil.which("npm") else bootstrap.npm_from_wheel()
        run(*npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error", cwd=folder)

    folder = kept(name, source / "package-lock.json", fetch)
    # A module is looked for from where its asker lies.
    shutil.copyfile(source / "judge.js", folder / "judge.js")
    node = shutil.which("node") or bootstrap.npm_from_wheel()[0]
    return Judge(node, folder / "judge.js")


def of_alipay() -> Judge:
    """The official `alipay-sdk-python`; its package has the name of the one that we use."""
    source = HERE / "alipay_platform"

    def fetch(folder: Path) -> None:
        uv = Path(sys.executable).parent / "uv"
        run(uv, "venv", "--quiet", "--python", sys.executable, folder / "venv")
        lock = ["--require-hashes", "--no-deps", "-r", source / "requirements.txt"]
        run(uv, "pip", "install", "--quiet", "--python", folder / "venv" / "bin" / "python", *lock)

    folder = kept("alipay", source / "requirements.txt", fetch)
    return Judge(folder / "venv" / "bin" / "python", "-I", source / "judge.py")


def of_stripe() -> tuple[newer_python.Command, Path]:
    """What starts `seahaven-stripe-world` (the port is to follow), and the folder of its packages. It needs Python 3.14.
    Raises `NotHere`: it is for `make faults` alone, which says so then."""
    source = HERE / "stripe_platform"
    wanted = source / "python.txt"
    suite, package = wanted.read_text().split()

    def fetch(folder: Path) -> None:
        uv = [Path(sys.executable).parent / "uv", "pip", "install", "--quiet", "--only-binary", ":all:"]
        lock = ["--require-hashes", "--no-deps", "-r", source / "requirements.txt"]
        version = package.removeprefix("python")
        run(*uv, "--target", folder / "packages", "--python-version", version, *lock)

    named = {"suite": suite, "package": package}
    python = fetched("python", wanted, partial(newer_python.fetch, **named))
    packages = fetched("stripe", source / "requirements.txt", fetch) / "packages"
    start = ["env", f"PYTHONPATH={packages}", *newer_python.python(python, **named)]
    return [*start, source / "serve.py"], packages


def kept(name: str, lock: Path, fetch: Callable[[Path], None]) -> Path:
    """A folder that `fetch` filled once for what the lock says. A test that needs it is skipped where it cannot be had."""
    try:
        return fetched(name, lock, fetch)
    except newer_python.NotHere as no:
        if os.environ.get("CI"):
            pytest.fail(str(no))
        pytest.skip(str(no))


def fetched(name: str, lock: Path, fetch: Callable[[Path], None]) -> Path:
    """The same; raises `NotHere` where it cannot be had."""
    folder = CACHE / f"{name}-{hashlib.sha256(lock.read_bytes()).hexdigest()[:12]}"
    guard = Lock(CACHE / f"{name}.lock")
    assert guard.take(seconds=300), "Another run is still fetching it."
    try:
        if not (folder / "whole").exists():
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
            fetch(folder)
            (folder / "whole").touch()
    except (OSError, subprocess.SubprocessError, SystemExit, newer_python.NotHere) as fault:
        raise newer_python.NotHere(f"The judge for {name} cannot be fetched here: {fault}") from fault
    finally:
        guard.release()
    return folder


def run(*command: Any, cwd: Path | None = None) -> None:
    subprocess.run([str(word) for word in command], cwd=cwd, check=True, timeout=240)
