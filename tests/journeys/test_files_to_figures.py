"""From files to figures through every floor: importer, facts, roll-ups, stored figures and the API's answer.

What comes out is compared with the independent oracle's count of the same files, to the last member.
"""

import os
from datetime import date
from pathlib import Path
from urllib.parse import urlencode

import pytest
from django.core.cache import cache
from django.core.files.base import File

from engagement.metrics.score import DEFAULT_WEIGHTS
from engagement.models import FigureRequest
from engagement.services import figures, refresh
from kernel.clock import now
from members.services import imports
from tests import make, oracle
from tests.api import Program
from tests.engagement.metrics.test_against_oracle import CASES, assert_same
from tests.oracle import generate
from tests.sampled import one_in, sample

pytestmark = pytest.mark.django_db

QUANTUM = Path(__file__).resolve().parents[3] / "shared" / "data" / "quantum-stackexchange"


def bring(community, folder):
    """Both files by the importer; nothing of them may be rejected but what the oracle leaves out as well."""
    for kind in ("members", "activities"):
        with (folder / f"{kind}.csv").open("rb") as file:
            run = imports.begin(
                community=community, kind=kind, file=File(file), filename=f"{kind}.csv",
                at=now(), by=make.SITE, foreground=True,
            )  # fmt: skip
        run = imports.carry_out(run_id=run.pk, now=now)
        assert (run.state, run.rejected) == ("done", 0)


def asked(program, key, **parameters):
    """The API's answer; a figure that takes long is computed as a worker would, then asked for again."""
    cache.clear()
    address = f"metrics/{key}/?{urlencode(parameters)}"
    answer = program.get(address)
    if answer.status_code == 202:
        figures.answer(request_id=FigureRequest.objects.latest("pk").pk, at=now())
        answer = program.get(address)
    assert answer.status_code == 200, answer.content
    return answer.json()


def check(community, world, as_of):
    program = Program(community)
    verbs = community.blueprint.milestone.verbs
    for key, parameters in CASES:
        ours = asked(program, key, as_of=as_of, **parameters)
        theirs = oracle.figure(
            key, world, as_of, **parameters, **({"milestone": verbs} if key == "activation" else {})
        )
        assert (ours["key"], ours["as_of"]) == (key, as_of.isoformat())
        data = {name: ours["data"][name] for name in theirs} if key == "network" else ours["data"]
        assert_same(data, theirs)
    expected = oracle.scores(world, as_of, DEFAULT_WEIGHTS)
    rows = asked(program, "score", as_of=as_of, limit=10_000)["data"]
    assert rows["total"] == len(expected)
    assert_same(
        {row["member"]: [row["score"], row["parts"]] for row in rows["members"]},
        {member: [score, parts] for member, (score, parts) in expected.items()},
    )


@pytest.mark.parametrize(
    ("zone", "days"),
    sample(
        [("UTC", [date(2018, 9, 1), date(2018, 5, 31)]), ("America/Sao_Paulo", [date(2018, 6, 17)])],
        one_in(2),
    ),
)
def test_a_real_community(zone, days):
    if not QUANTUM.exists() and os.environ.get("CI") != "true":
        pytest.skip(f"{QUANTUM} is not here")
    community = make.community("quantum", type="knowledge", timezone=zone)
    bring(community, QUANTUM)
    refresh.refresh(community_id=community.pk, at=now())
    world = oracle.from_csv(QUANTUM, zone)
    for day in days:
        check(community, world, day)


@pytest.mark.parametrize("seed", range(4))
def test_an_odd_community(tmp_path, seed):
    world = generate.seeded(seed, repeat_visits=True)
    world.write(tmp_path)
    community = make.community("odd", type="knowledge", timezone=world.zone)
    bring(community, tmp_path)
    refresh.refresh(community_id=community.pk, at=now())
    check(community, world.community(), world.as_of)
