"""What is made for tests, and the oracle on it: neither the order of rows nor the future changes a figure."""

from __future__ import annotations

import json
from random import Random

from hypothesis import given, settings

from . import days, figure, from_csv, from_rows, generate
from .world import View

EVERY = [
    *(("members", {"grain": grain}) for grain in ("day", "week", "month")),
    *(("active_members", {"grain": grain}) for grain in ("day", "week", "month", "rolling7", "rolling28")),
    *((key, {"grain": grain}) for key in ("retention", "growth_accounting") for grain in ("week", "month")),
    *((key, {}) for key in ("stickiness", "power_curve", "stage", "activation", "network")),
    *(("contribution", {"window": window}) for window in (7, 28, "all")),
    ("activation", {"window": 30}),
    ("network", {"window": "all"}),
]


@settings(max_examples=40)
@given(generate.communities())
def test_figures_agree_with_one_another_and_do_not_see_the_future(made):
    found = made.community()
    data = {(key, str(parameters)): figure(key, found, made.as_of, **parameters) for key, parameters in EVERY}
    json.dumps(data[("network", "{}")], allow_nan=False)
    # The order of the rows, and everything later than as_of, make no difference.
    view = View(found, made.as_of)
    known = [row for row in made.activities if days.instant(row["occurred_at"], found.tz) < view.end][::-1]
    past = from_rows(made.members[::-1], known, made.zone)
    assert data == {
        (key, str(parameters)): figure(key, past, made.as_of, **parameters) for key, parameters in EVERY
    }
    by_day = figure("members", found, made.as_of)
    assert sum(row["joined"] for row in by_day) == len(view.people)
    if by_day:
        assert by_day[-1]["value"] == sum(figure("stage", found, made.as_of).values())
    for growth, active in zip(
        data[("growth_accounting", "{'grain': 'week'}")],
        data[("active_members", "{'grain': 'week'}")],
        strict=True,
    ):
        if active["value"] is not None:
            assert growth["new"] + growth["retained"] + growth["resurrected"] == active["value"]
    for row in data[("retention", "{'grain': 'week'}")]:
        assert all(count is None or count <= row["size"] for count in row["active"])


def test_generated_communities_are_the_same_by_seed_and_survive_a_file(tmp_path):
    for seed in range(40):
        made = generate.seeded(seed)
        assert made == generate.make(Random(seed))
        made.write(tmp_path)
        read = from_csv(tmp_path, made.zone)
        assert read.facts.equals(made.community().facts)
        assert read.members.equals(made.community().members)


def test_generated_communities_have_what_they_promise():
    many = [generate.seeded(seed) for seed in range(150)]
    assert {made.zone for made in many} == set(generate.ZONES)
    assert any(not made.members for made in many)
    assert any(len(made.members) == 1 for made in many)
    assert any(made.members and not made.activities for made in many)
    assert any(row["target"] == row["member"] for made in many for row in made.activities)
    assert any(len(made.activities) > len(made.community().facts) for made in many)
    assert sum(figure("stage", made.community(), made.as_of)["core"] > 0 for made in many) > 5
    before = after = 0
    for made in many:
        found = made.community()
        joined = dict(zip(found.members["member"], found.members["joined_at"], strict=True))
        before += sum(f.occurred_at < joined[f.member] for f in found.facts.itertuples())
        after += sum(f.occurred_at >= days.end_of(made.as_of, found.tz) for f in found.facts.itertuples())
    assert before > 50
    assert after > 50
