"""The scenarios of money under faults, in full: `python -m tests.faults [number ...]`, without numbers all of them.

Each is a run of its own. What it came to is kept in `.cache/faults.json` for as long as nothing that it judges has changed:
begun again, those that have passed are not gone through once more.
"""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

from tests.commerce.providers import judges
from tests.commerce.providers.newer_python import NotHere
from tests.services import ROOT, fingerprint

KEPT = ROOT / ".cache" / "faults.json"
MINUTES = 20
JUDGED = (
    "commerce/**/*.py",
    "gatherings/**/*.py",
    "kernel/*.py",
    "crowdecon/sandbox/*.py",
    "tests/faults/*.py",
    "tests/commerce/*.py",
    "tests/commerce/providers/*stripe*.py",
    "tests/commerce/providers/stripe_platform/*.*",
)
PROPERTIES = [f"tests/commerce/test_{name}.py" for name in ("tax", "discounts", "proration")]
SCENARIOS = {
    1: "1,000 events delivered 5 times by 8 senders",
    2: "200 permutations of one payment's events",
    3: "a worker killed with -9 at 6 points, 50 times each",
    4: "500 answers swallowed after the peer acted",
    5: "one invoice renewed by 10 workers and clicked in two tabs, 500 times",
    6: "20 concurrent refunds of 30%, 100 times",
    7: "2,000 forged, stale, foreign and oversized messages a rail",
    8: "five years by the hour, 500 members",
    9: "200 ladders of late dues",
    10: "10,000 cases of each property of reckoning",
    11: "database restarted, broker flushed, provider away",
    12: "300 faults in 10,000 lines to reconcile",
    13: "Stripe's rail: 500 answers lost after the peer acted, found by search and by the key alone",
    14: "Stripe's rail: one invoice renewed by 10 workers and clicked in two tabs, 500 times",
    15: "Stripe's rail: pages, declines, refunds, disputes, events and books of a peer that keeps its state",
    16: "200 buyers for 1 place, over HTTP against two web servers, 20 times; without the locks they oversell",
    17: "500 buyers for 50 places with a waiting list, over HTTP against two web servers, 20 times",
}
#: What these need is fetched first, in no one's twenty minutes.
NEEDS = dict.fromkeys((13, 14, 15), judges.of_stripe)


#: Those that would take longer than that are several runs.
PARTS = {8: ("berlin", "new_york", "shanghai"), 17: ("first", "second")}


def runs(number: int) -> list[str]:
    """The names under which the runs of a scenario are kept: "6", or "8 berlin"."""
    return [f"{number} {part}" for part in PARTS.get(number, ())] or [str(number)]


def command(number: int, part: str = "") -> list[str]:
    pytest = [sys.executable, "-m", "pytest", "-q", "-n", "0", "--timeout", str(MINUTES * 60)]
    return (
        [*pytest, *PROPERTIES, "-m", "long"]
        if number == 10
        else [*pytest, "tests/faults", "-k", f"test_{number}_" + (f" and {part}" if part else "")]
    )


def known() -> dict[str, dict[str, object]]:
    """What was gone through, by scenario, at this state of what is judged."""
    found = json.loads(KEPT.read_text()) if KEPT.exists() else {}
    return dict(found.get("scenarios", {})) if found.get("of") == fingerprint(*JUDGED) else {}


def keep(done: dict[str, dict[str, object]]) -> None:
    KEPT.parent.mkdir(exist_ok=True)
    part = KEPT.with_suffix(".part")
    part.write_text(json.dumps({"of": fingerprint(*JUDGED), "scenarios": done}, indent=1))
    part.rename(KEPT)


def go_through(name: str) -> dict[str, object]:
    first, _space, part = name.partition(" ")
    number = int(first)
    print(f"{name}: {SCENARIOS[number]} ...", flush=True)
    try:
        NEEDS.get(number, list)()
    except NotHere as no:
        return {"passed": False, "seconds": 0, "said": f"NOT GONE THROUGH: {no}"}
    begun = time.monotonic()
    ran = subprocess.run(
        command(number, part),
        cwd=ROOT,
        env=os.environ | {"FAULTS": "1", "LONG": "1"},
        capture_output=True,
        text=True,
        timeout=MINUTES * 60 + 120,
    )
    took = time.monotonic() - begun
    said = (ran.stdout.strip().splitlines() or [""])[-1]
    if ran.returncode:
        log = Path(KEPT.parent / f"faults-{name.replace(' ', '-')}.log")
        log.write_text(ran.stdout + ran.stderr)
        said += f" (see {log.relative_to(ROOT)})"
    return {"passed": ran.returncode == 0, "seconds": round(took), "said": said}


def main(numbers: list[int]) -> int:
    done, wanted = known(), [(name, number) for number in numbers for name in runs(number)]
    for name, _number in wanted:
        if not done.get(name, {}).get("passed"):
            done[name] = go_through(name)
            keep(done)
    for name, number in wanted:
        one = done[name]
        print(
            f"| {name} | {SCENARIOS[number]} | {'held' if one['passed'] else 'NOT HELD'} | {one['seconds']} s | {one['said']} |"
        )
    return int(not all(done[name]["passed"] for name, _number in wanted))


if __name__ == "__main__":
    sys.exit(main([int(word) for word in sys.argv[1:]] or list(SCENARIOS)))
