"""The same digits in another process, with another seed for hashes, and of rows in another order."""

import hashlib
import json
import os
import subprocess
import sys
from functools import partial
from pathlib import Path
from random import Random
from unittest.mock import patch

from engagement.metrics import _projection, growth_rate, what_if
from kernel.metrics import metrics
from tests.engagement.metrics.growth_world import DAY, START, World
from tests.engagement.metrics.records import RowBelonging, of_oracle, said

ROOT = Path(__file__).resolve().parents[3]
LATER = "import django; django.setup(); from tests.engagement.metrics import test_same_digits as t; print(t.digits(8))"


def digits(order: int) -> str:
    """A word that stands for every digit of every figure of two communities, rows shuffled by the seed `order`."""
    from tests.oracle import generate

    grown = World(7, people=90, odd=False, days=150)
    people = grown.history((START + 149 * DAY).date(), order=Random(order))
    odd = generate.seeded(11, most_members=14, most_acts=400)
    busy = of_oracle(odd.community(), odd.as_of)
    words = [(number, ["Tea", "Go"][: 1 + number % 2]) for number in busy.number.tolist()]
    busy.records.belonging = RowBelonging(
        named=busy.number, shown_interests=said(words), interests=said(words)
    )
    told = {}
    fewer = partial(_projection.project, runs=100)
    with patch.object(what_if, "project", fewer), patch.object(growth_rate, "RESAMPLES", 100):
        for metric in metrics:
            if metric.key != "health":
                told[metric.key] = [metric.compute(past) for past in (people, busy)]
    assert told["what_if"][0]["members"] and told["growth_rate"][0]["joined"]
    assert told["network"][1]["communities"] and told["introductions"][1]["open"]
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()


def test_another_process_with_another_hash_seed_gives_the_same_digits():
    here = digits(3)
    environment = os.environ | {"PYTHONHASHSEED": "4211", "PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "ignore"}
    ran = subprocess.run(
        [sys.executable, "-c", LATER], env=environment, capture_output=True, text=True, check=False, cwd=ROOT
    )
    assert (ran.returncode, ran.stdout.strip()) == (0, here), ran.stderr
