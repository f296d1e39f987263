"""Compiles the translations that changed: `.po` to `.mo` by Babel, without gettext's own tools."""

import hashlib
import json
import os
import sys
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import PoFileError, read_po

ROOT = Path(__file__).resolve().parents[2]
STAMPS = ROOT / ".cache" / "messages.json"


def catalogues() -> list[Path]:
    """Every catalogue of ours, in a fixed order."""
    return sorted(ROOT.glob("*/locale/*/LC_MESSAGES/*.po")) + sorted(
        ROOT.glob("*/*/*/locale/*/LC_MESSAGES/*.po")
    )


def compile_changed() -> int:
    """Compile what is not compiled yet; gives how many were. Raises `SystemExit` naming the broken file and line."""
    try:
        known = json.loads(STAMPS.read_text())
    except (OSError, ValueError):
        known = {}
    done = 0
    for source in catalogues():
        name, content = str(source.relative_to(ROOT)), source.read_bytes()
        wanted, target = hashlib.sha256(content).hexdigest(), source.with_suffix(".mo")
        if known.get(name) == wanted and target.exists():
            continue
        compile_one(source, target)
        known[name] = wanted
        done += 1
    if done:
        STAMPS.parent.mkdir(exist_ok=True)
        part = STAMPS.with_name(f"{STAMPS.name}.{os.getpid()}")
        part.write_text(json.dumps(known, indent=1))
        os.replace(part, STAMPS)
    return done


def compile_one(source: Path, target: Path) -> None:
    # Django's name zh_Hans is Babel's too; the folder above LC_MESSAGES is the locale.
    try:
        with source.open("rb") as file:
            catalogue = read_po(file, locale=source.parents[1].name, abort_invalid=True)
    except (PoFileError, UnicodeDecodeError) as error:
        raise SystemExit(f"{source.relative_to(ROOT)}: {error}") from error
    part = target.with_name(f"{target.name}.{os.getpid()}")
    with part.open("wb") as file:
        write_mo(file, catalogue)
    os.replace(part, target)


if __name__ == "__main__":
    made = compile_changed()
    if made:
        print(f"Compiled {made} translations.", flush=True)
    sys.exit(0)
