"""A Python newer than the machine's: where there is none, Debian's own packages, unpacked into a folder. Nothing is installed,
nobody has to be root, and the machine's own sources and keys say where the packages are and whether they are Debian's."""

import platform
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

Command = Sequence[str | Path]


class NotHere(Exception):
    """What it takes cannot be had on this machine; the message says why."""


def python(folder: Path, *, suite: str, package: str) -> Command:
    """The words that start it: the machine's, if it has one of that name, else the one in `folder`."""
    if there := shutil.which(package):
        return [there]
    root = folder / "root"
    for loader in sorted(root.glob("usr/lib/*/ld-linux-*.so.*")):
        # With its own loader and libraries it needs none of the machine's.
        begin = [loader, "--library-path", loader.parent, root / "usr" / "bin" / package]
        return ["env", f"PYTHONHOME={root / 'usr'}", *begin]
    raise NotHere(f"{package} of Debian's {suite} lies in {folder} without its loader.")


def fetch(folder: Path, *, suite: str, package: str) -> None:
    """Have `package` of a suite of Debian's in `folder`, with all that it needs."""
    if shutil.which(package):
        return
    if not (shutil.which("apt-get") and shutil.which("dpkg-deb")):
        raise NotHere(f"There is no {package} on this {platform.system()}, and no apt-get to fetch Debian's.")
    state = folder / "apt"
    for part in ("lists/partial", "archives/partial", "sources"):
        (state / part).mkdir(parents=True, exist_ok=True)
    (state / "status").touch()
    (state / "sources.list").write_text(f"deb {_archive()} {suite} main\n")
    options = {
        "Dir::State": state,
        "Dir::State::status": state / "status",
        "Dir::Cache": state,
        "Dir::Etc::SourceList": state / "sources.list",
        "Dir::Etc::SourceParts": state / "sources",
        # As whoever runs this, into a folder of theirs.
        "APT::Sandbox::User": "",
        "Debug::NoLocking": "1",
        "APT::Install-Recommends": "0",
    }
    apt = ["apt-get", "-qq", *(f"-o{name}={value}" for name, value in options.items())]
    _run(*apt, "update")
    _run(*apt, "--yes", "--download-only", "install", package)
    for archive in sorted((state / "archives").glob("*.deb")):
        _run("dpkg-deb", "--extract", archive, folder / "root")
    shutil.rmtree(state)


def _archive() -> str:
    """Where this machine has Debian from."""
    asked = ["apt-get", "indextargets", "--format", "$(REPO_URI) $(LABEL)", "Created-By: Packages"]
    told = subprocess.run(asked, capture_output=True, text=True, check=False).stdout
    for line in told.splitlines():
        address, _space, label = line.partition(" ")
        if label == "Debian":
            return address
    raise NotHere("This machine's apt knows of no archive of Debian's, or was never updated: apt-get update.")


def _run(*command: str | Path) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    if done.returncode:
        said = (done.stderr or done.stdout).strip().splitlines() or [f"exit code {done.returncode}"]
        raise NotHere(f"{command[0]}: {said[-1]}")
