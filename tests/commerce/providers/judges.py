"""Other people's implementations of what the providers do with keys, run as processes: they judge our signatures, and theirs
are judged by ours. They are fetched into `.cache/` the first time; in CI it is a fault where that cannot be done."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from crowdecon.embedded import bootstrap
from crowdecon.embedded.locks import Lock

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
    source = HERE / "wechat_platform"

    def fetch(folder: Path) -> None:
        for name in ("package.json", "package-lock.json"):
            shutil.copyfile(source / name, folder / name)
        npm = [shutil.which("npm")] if shutil.which("npm") else bootstrap.npm_from_wheel()
        run(*npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error", cwd=folder)

    folder = kept("wechat", source / "package-lock.json", fetch)
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


def kept(name: str, lock: Path, fetch: Callable[[Path], None]) -> Path:
    """A folder that `fetch` filled once for what the lock says."""
    folder = CACHE / f"{name}-{hashlib.sha256(lock.read_bytes()).hexdigest()[:12]}"
    guard = Lock(CACHE / f"{name}.lock")
    assert guard.take(seconds=300), "Another run is still fetching it."
    try:
        if not (folder / "whole").exists():
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
            fetch(folder)
            (folder / "whole").touch()
    except (OSError, subprocess.CalledProcessError, SystemExit) as fault:
        words = f"The judge for {name} cannot be fetched here: {fault}"
        if os.environ.get("CI"):
            pytest.fail(words)
        pytest.skip(words)
    finally:
        guard.release()
    return folder


def run(*command: Any, cwd: Path | None = None) -> None:
    subprocess.run([str(word) for word in command], cwd=cwd, check=True, timeout=240)
