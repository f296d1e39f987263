"""Whether the bands of `what_if` hold what they promise: forecasts of simulated communities beside what became of them.

`make bench ARGS="what_if constant"` runs a part. Seeds are those below, fixed before the first run. What has been run is kept in
.cache/ for as long as neither the model nor the worlds change, so that a run that is stopped goes on where it was.
"""

import hashlib
import json
import time
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.servers import ROOT

#: Worlds of a part, and by how much their rates wander from week to week.
WORLDS, DRIFTING = 1_000, 250
SEEDS = {"constant": 20_261_123, "drifting": 20_261_124}
DRIFT = 0.05
#: A world is so many weeks old when it is asked about.
AGES = (40, 131)
JUDGED = (4, 13, 26)
#: What a band of 80% is to hold.
LEAST, MOST = 0.75, 0.85
READ = (
    "engagement/metrics/_posteriors.py", "engagement/metrics/_projection.py", "engagement/metrics/_weekly.py",
    "tests/oracle/worlds.py", "tests/engagement/metrics/grown_records.py",
)  # fmt: skip


def run(parts: list[str]) -> None:
    for part in parts or list(PARTS):
        PARTS[part]()


def constant() -> None:
    """Rates that stay as they are: what the bands promise is to be kept."""
    rows = _rows("constant", WORLDS, 0.0)
    good = _tell(f"{WORLDS:,} worlds of constant rates", rows)
    print("Kept." if good else "NOT kept.")


def drifting() -> None:
    """Rates that wander: no promise, told for what it is."""
    _tell(f"{DRIFTING:,} worlds whose rates drift", _rows("drifting", DRIFTING, DRIFT))


def world(seed: int, number: int, drift: float) -> dict[str, Any]:
    """One community, asked about half a year before its end: for each week judged whether the band held, whether what came
    lay below it, and how far the median and the trend of the last 8 weeks were off."""
    from engagement.metrics import _weekly
    from engagement.metrics._projection import LIMITS, TREND, project, trend_of

    # Tests are not held to types.
    worlds: Any = import_module("tests.oracle.worlds")
    records: Any = import_module("tests.engagement.metrics.grown_records")

    random = np.random.default_rng([seed, number])
    rates = worlds.drawn(random)
    age = int(random.integers(*AGES))
    grown = worlds.grow(random, rates, age + JUDGED[-1], drift=drift)
    ahead = project(_weekly.past(records.history(grown, age))).members
    trend = trend_of([grown.members(week) for week in range(age - TREND + 1, age + 1)], JUDGED[-1])
    found: dict[str, Any] = {"world": number}
    for week in JUDGED:
        low, median, high = np.percentile(ahead[:, week - 1], LIMITS)
        came = grown.members(age + week)
        found[str(week)] = [
            bool(low <= came <= high), bool(came < low), abs(median - came) / came, abs(trend[week - 1] - came) / came,
        ]  # fmt: skip
    return found


def _rows(part: str, worlds: int, drift: float) -> list[dict[str, Any]]:
    kept = ROOT / ".cache" / f"what-if-{part}-{_fingerprint()}.jsonl"
    kept.parent.mkdir(exist_ok=True)
    rows = [json.loads(line) for line in kept.read_text().splitlines()] if kept.exists() else []
    started = time.perf_counter()
    with kept.open("a") as out:
        for number in range(len(rows), worlds):
            rows.append(world(SEEDS[part], number, drift))
            out.write(json.dumps(rows[-1]) + "\n")
            out.flush()
            if len(rows) % 100 == 0:
                print(f"  {part}: {len(rows):,} worlds, {time.perf_counter() - started:.0f} s", flush=True)
    return rows


def _tell(title: str, rows: list[dict[str, Any]]) -> bool:
    print(f"\n{title}:\n")
    print("| week | held | below | above | median error | trend of 8 weeks |")
    print("|---|---|---|---|---|---|")
    good = True
    for week in JUDGED:
        held, below, ours, trend = np.array([row[str(week)] for row in rows], np.float64).T
        above = 1 - held.mean() - below.mean()
        errors = np.median(ours), np.median(trend)
        print(
            f"| {week} | {held.mean():.1%} | {below.mean():.1%} | {above:.1%} | {errors[0]:.2%} | {errors[1]:.2%} |"
        )
        good &= bool(LEAST <= held.mean() <= MOST and errors[0] < errors[1])
    return good


def _fingerprint() -> str:
    texts = b"".join(Path(ROOT, name).read_bytes() for name in READ)
    return hashlib.sha256(texts).hexdigest()[:12]


PARTS: dict[str, Callable[[], None]] = {"constant": constant, "drifting": drifting}
