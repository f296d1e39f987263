"""The oracle against examples worked by hand, and against a real community's known counts."""

from __future__ import annotations

import os
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from . import best_modularity, days, figure, from_csv, from_rows, modularity_of, scores, stages

QUANTUM = Path(__file__).resolve().parents[3] / "shared" / "data" / "quantum-stackexchange"


def world(members: str, acts: str = "", zone: str = "UTC"):
    """Members as "id joined [left [status]]", acts as "id verb time [target]", one a line."""
    people = _rows(members, "member", "joined_at", "left_at", "status")
    return from_rows(people, _rows(acts, "member", "verb", "occurred_at", "target"), zone)


def _rows(text: str, *columns: str) -> list[dict[str, str]]:
    return [dict(zip(columns, line.split(), strict=False)) for line in text.splitlines() if line.strip()]


def test_a_local_time_that_is_repeated_or_skipped_takes_the_first_reading():
    berlin, apia = ZoneInfo("Europe/Berlin"), ZoneInfo("Pacific/Apia")
    assert days.instant("2025-10-26T02:30:00", berlin) == datetime(2025, 10, 26, 0, 30, tzinfo=UTC)
    assert days.instant("2026-03-29T02:30:00", berlin) == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
    assert days.instant("2026-03-29T02:30:00+02:00", berlin) == datetime(2026, 3, 29, 0, 30, tzinfo=UTC)
    assert days.local_day(days.instant("2011-12-30T12:00:00", apia), apia) == date(2011, 12, 31)


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        ("Europe/Berlin", date(2026, 3, 29), 23),
        ("Europe/Berlin", date(2025, 10, 26), 25),
        ("Australia/Lord_Howe", date(2026, 4, 5), 24.5),
        ("America/Sao_Paulo", date(2018, 11, 4), 23),
        ("America/Sao_Paulo", date(2019, 2, 16), 25),
        ("Pacific/Apia", date(2011, 12, 30), 0),
    ],
)
def test_days_are_as_long_as_the_clock_makes_them(zone, day, hours):
    length = days.end_of(day, ZoneInfo(zone)) - days.start_of(day, ZoneInfo(zone))
    assert length == timedelta(hours=hours)


def test_members_at_the_end_of_each_period():
    found = world(
        """
        a 2026-03-01T10:00Z
        b 2026-03-01T23:59:59Z 2026-03-03T00:00Z
        c 2026-03-03T00:00Z 2026-04-01T00:00Z trial
        d 2026-03-05T00:00Z
        """
    )
    assert figure("members", found, date(2026, 3, 4)) == [
        {"period": "2026-03-01", "value": 2, "joined": 2, "left": 0},
        {"period": "2026-03-02", "value": 2, "joined": 0, "left": 0},
        {"period": "2026-03-03", "value": 2, "joined": 1, "left": 1},
        {"period": "2026-03-04", "value": 2, "joined": 0, "left": 0},
    ]
    null = {"value": None, "joined": None, "left": None}
    assert figure("members", found, date(2026, 3, 4), grain="week") == [
        {"period": "2026-02-23", "value": 2, "joined": 2, "left": 0},
        {"period": "2026-03-02", **null},
    ]
    assert figure("members", found, date(2026, 3, 4), grain="month") == [{"period": "2026-03", **null}]
    assert figure("members", found, date(2026, 2, 28)) == []


def test_active_members_list_every_period_and_null_only_the_incomplete():
    found = world(
        "a 2026-03-02T10:00Z\nb 2026-03-09T00:00Z\nlate 2026-03-20T00:00Z",
        """
        a posted 2026-02-27T08:00Z
        a visited 2026-03-02T11:00Z
        a read 2026-03-02T12:00Z
        b reacted 2026-03-02T12:00Z
        b voted 2026-03-05T12:00Z
        late posted 2026-03-02T12:00Z
        """,
    )
    as_of = date(2026, 3, 10)
    daily = figure("active_members", found, as_of)
    assert [row["value"] for row in daily] == [1, 0, 0, 2, 0, 0, 1, 0, 0, 0, 0, 0]
    assert daily[0] == {"period": "2026-02-27", "value": 1}
    assert figure("active_members", found, as_of, grain="week") == [
        {"period": "2026-02-23", "value": 1},
        {"period": "2026-03-02", "value": 2},
        {"period": "2026-03-09", "value": None},
    ]
    assert figure("active_members", found, as_of, grain="month") == [
        {"period": "2026-02", "value": 1},
        {"period": "2026-03", "value": None},
    ]
    rolling = [row["value"] for row in figure("active_members", found, as_of, grain="rolling7")]
    assert rolling == [1, 1, 1, 2, 2, 2, 2, 2, 2, 2, 1, 1]
    # Before b joined there is no b, not even what b had done.
    assert [row["value"] for row in figure("active_members", found, date(2026, 3, 3))] == [1, 0, 0, 1, 0]


def test_the_day_is_the_community_s_own():
    # Sunday 8 March has 23 hours there: the offset is 5 hours at its start and 4 at its end.
    times = ("2026-03-08T04:59Z", "2026-03-08T05:00Z", "2026-03-09T03:59Z", "2026-03-09T04:00Z")
    acts = "\n".join(f"a posted {time}" for time in times)
    found = world("a 2026-03-07T12:00", acts, "America/New_York")
    assert [row["value"] for row in figure("active_members", found, date(2026, 3, 9))] == [1, 1, 1]
    assert figure("contribution", found, date(2026, 3, 8), window=1)["contributors"] == 1
    assert figure("power_curve", found, date(2026, 3, 8))[:3] == [0, 1, 0]


def test_stickiness_divides_by_all_the_month_s_days():
    found = world(
        "a 2026-02-20T00:00Z\nb 2026-02-20T00:00Z",
        "a posted 2026-02-20T01:00Z\na posted 2026-02-21T01:00Z\nb posted 2026-02-21T01:00Z",
    )
    assert figure("stickiness", found, date(2026, 3, 31)) == [
        {"period": "2026-02", "value": 3 / 56},
        {"period": "2026-03", "value": None},
    ]
    assert figure("stickiness", found, date(2026, 2, 27)) == [{"period": "2026-02", "value": None}]


def test_growth_accounting_by_hand():
    found = world(
        "a 2026-03-02T00:00Z\nb 2026-03-02T00:00Z\nc 2026-03-02T00:00Z",
        """
        a posted 2026-03-02T10:00Z
        b posted 2026-03-03T10:00Z
        a posted 2026-03-09T10:00Z
        b posted 2026-03-22T23:59:59.999Z
        c posted 2026-03-22T10:00Z
        """,
    )
    keys = ("period", "new", "retained", "resurrected", "churned", "quick_ratio")
    rows = figure("growth_accounting", found, date(2026, 3, 25))
    assert [tuple(row[key] for key in keys) for row in rows] == [
        ("2026-03-02", 2, 0, 0, 0, None),
        ("2026-03-09", 0, 1, 0, 1, 0.0),
        ("2026-03-16", 1, 0, 1, 1, 2.0),
        ("2026-03-23", None, None, None, None, None),
    ]


def test_retention_lists_empty_cohorts_and_ends_in_null():
    found = world(
        "a 2026-03-02T00:00Z\nb 2026-03-08T23:59Z 2026-03-09T00:00Z\nc 2026-03-17T00:00Z",
        """
        a posted 2026-03-02T10:00Z
        a posted 2026-03-11T10:00Z
        b posted 2026-03-12T10:00Z
        c posted 2026-02-25T10:00Z
        """,
    )
    as_of = date(2026, 3, 18)
    assert figure("retention", found, as_of) == [
        {"cohort": "2026-02-23", "size": 0, "active": [0, 0, 0, None]},
        {"cohort": "2026-03-02", "size": 2, "active": [1, 2, None]},
        {"cohort": "2026-03-09", "size": 0, "active": [0, None]},
        {"cohort": "2026-03-16", "size": 1, "active": [None]},
    ]
    assert figure("retention", found, date(2026, 3, 31), grain="month") == [
        {"cohort": "2026-02", "size": 0, "active": [0, 0]},
        {"cohort": "2026-03", "size": 3, "active": [2]},
    ]
    narrow = figure("retention", found, as_of, **{"from": date(2026, 3, 8), "to": date(2026, 3, 9)})
    assert [row["cohort"] for row in narrow] == ["2026-03-02", "2026-03-09"]


def test_contribution_counts_members_with_none():
    acts = [f"a posted 2026-03-0{day}T10:00Z" for day in range(1, 7)]
    acts += ["b answered 2026-03-02T10:00Z", "b answered 2026-03-02T11:00Z", "c visited 2026-03-02T10:00Z"]
    found = world("a 2026-03-01T00:00Z\nb 2026-03-01T00:00Z\nc 2026-03-01T00:00Z", "\n".join(acts))
    keys = ("gini", "top1", "next9", "rest", "contributors", "actives")

    def row(as_of: date, **parameters: object) -> tuple:
        data = figure("contribution", found, as_of, **parameters)
        assert tuple(data) == keys
        return tuple(data.values())

    # x = 0, 2, 6: 2 * (2*2 + 3*6) / (3*8) - 4/3 = 44/24 - 32/24
    assert row(date(2026, 3, 28)) == (0.5, 0.75, 0.0, 0.25, 2, 3)
    assert row(date(2026, 3, 6), window=1) == (0.0, 1.0, 0.0, 0.0, 1, 1)
    assert row(date(2026, 5, 1)) == (None, None, None, None, 0, 0)
    assert row(date(2026, 5, 1), window="all") == row(date(2026, 3, 28))


def test_contribution_s_groups_round_up():
    # 101 actives: the top 1% are 2, the next 9% are 11 - 2 = 9.
    made = {f"m{n}": 10 if n < 2 else 1 for n in range(101)}
    acts = [f"{one} posted 2026-03-01T00:00:{k:02}Z" for one, n in made.items() for k in range(n)]
    found = world("\n".join(f"{one} 2026-03-01T00:00Z" for one in made), "\n".join(acts))
    result = figure("contribution", found, date(2026, 3, 1))
    assert (result["top1"], result["next9"], result["rest"]) == (20 / 119, 9 / 119, 90 / 119)


def test_activation_horizons_are_elapsed_time_end_included():
    found = world(
        """
        early 2026-03-01T00:00Z
        day 2026-03-01T00:00Z
        over 2026-03-01T00:00Z
        week 2026-03-01T00:00Z 2026-03-02T00:00Z
        two 2026-03-01T00:00Z
        slow 2026-03-01T00:00Z
        never 2026-03-18T00:00Z
        young 2026-03-18T00:00:00.001Z
        """,
        """
        early voted 2026-02-01T00:00Z
        day posted 2026-03-02T00:00:00Z
        over posted 2026-03-02T00:00:00.001Z
        week posted 2026-03-08T00:00:00Z
        two posted 2026-03-15T00:00:00Z
        slow posted 2026-03-15T00:00:00.001Z
        never posted 2026-04-01T00:00:00Z
        young posted 2026-03-18T01:00:00Z
        """,
    )
    as_of = date(2026, 3, 31)
    everybody = {"joined": 7, "within_24h": 2, "within_7d": 4, "within_14d": 5, "never": 1, "milestone": None}
    latest = {"joined": 1, "within_24h": 0, "within_7d": 0, "within_14d": 0, "never": 1, "milestone": None}
    assert figure("activation", found, as_of) == everybody
    assert figure("activation", found, as_of, window=31) == everybody
    assert figure("activation", found, as_of, window=30) == latest
    assert figure("activation", found, as_of, window=14) == latest
    assert figure("activation", found, as_of, window=13) == dict.fromkeys(latest, 0) | {"milestone": None}
    assert figure("activation", found, as_of, milestone=("voted", "proposed"))["milestone"] == 1


def test_activation_counts_hours_not_days_where_summer_time_begins():
    # The 29th has 23 hours: 24 from its midnight end at 01:00 on the 30th, 14 days at 01:00 on 12 April.
    people = "a 2026-03-29T00:00\nb 2026-03-29T00:00"
    found = world(people, "a posted 2026-03-30T01:00\nb posted 2026-03-30T01:00:01", "Europe/Berlin")
    assert figure("activation", found, date(2026, 4, 11))["joined"] == 0
    result = figure("activation", found, date(2026, 4, 12))
    assert (result["joined"], result["within_24h"], result["within_7d"]) == (2, 1, 2)


def test_stages_count_days_from_as_of_as_day_one():
    as_of = date(2026, 6, 30)

    def ago(n: int) -> str:
        return (as_of - timedelta(days=n - 1)).isoformat() + "T12:00Z"

    acts = {
        "core": range(14, 22),
        "active": range(14, 21),
        "late": range(15, 29),
        "drift": [42],
        "gone": [43],
    }
    people = [f"new {ago(14)}", f"silent {ago(15)}", f"left {ago(90)} {ago(2)}"]
    people += [f"{one} {ago(90)}" for one in acts]
    made = [f"{one} posted {ago(n)}" for one, numbers in acts.items() for n in numbers]
    found = world("\n".join(people), "\n".join([*made, f"left posted {ago(1)}"]))
    assert stages(found, as_of) == {
        "new": "new",
        "silent": "silent",
        "core": "core",
        "active": "active",
        "late": "drifting",
        "drift": "drifting",
        "gone": "dormant",
    }
    counts = {"new": 1, "core": 1, "active": 1, "drifting": 2, "dormant": 1, "silent": 1}
    assert figure("stage", found, as_of) == counts


def test_scores_halve_every_half_life_of_whole_local_days():
    found = world(
        "a 2026-03-01T00:00\nb 2026-03-01T00:00 2026-03-02T00:00",
        """
        a posted 2026-03-29T23:59
        a posted 2026-03-01T00:00
        a voted 2026-03-15T12:00
        b visited 2026-03-29T00:00
        """,
        "Europe/Berlin",
    )
    assert scores(found, date(2026, 3, 29), {"posted": 4, "voted": 1}, half_life=14) == {
        "a": (5.5, {"posted": 5.0, "voted": 0.5}),
        "b": (0.0, {}),
    }
    assert scores(found, date(2026, 3, 29), {"joined": 1})["a"] == (0.5, {"joined": 0.5})


def test_network_by_hand():
    found = world(
        "\n".join(f"{one} 2026-03-01T00:00Z" for one in "abcdef") + "\nz 2026-04-02T00:00Z",
        """
        a answered 2026-03-31T10:00Z b
        a answered 2026-03-31T11:00Z b
        b answered 2026-03-31T10:00Z a
        b reacted 2026-03-31T10:00Z c
        c reacted 2026-03-31T10:00Z a
        c reacted 2026-03-31T10:00Z d
        e read 2026-03-31T10:00Z e
        f posted 2026-03-31T10:00Z z
        d voted 2026-03-01T10:00Z e
        """,
    )
    as_of = date(2026, 4, 1)
    # Edges ab ba bc ca cd; wedges 1 + 1 + 3, one triangle. Sent and received: a 4, b 4, c 3, d 1, so the
    # Gini is 2 * (1*1 + 2*3 + 3*4 + 4*4) / (4 * 12) - 5/4 = 70/48 - 60/48.
    assert figure("network", found, as_of, window=2) == {
        "nodes": 4,
        "edges": 5,
        "density": 5 / 12,
        "reciprocity": 2 / 5,
        "transitivity": 3 / 5,
        "largest_weak": 4,
        "largest_strong": 3,
        "gini": 5 / 24,
    }
    assert figure("network", found, as_of)["nodes"] == 5
    # z is somebody to talk to only once z has joined.
    assert figure("network", found, date(2026, 4, 2), window="all")["nodes"] == 7
    ratios = dict.fromkeys(("density", "reciprocity", "transitivity", "gini"))
    counts = dict.fromkeys(("nodes", "edges", "largest_weak", "largest_strong"), 0)
    assert figure("network", found, date(2026, 2, 28)) == ratios | counts


def test_modularity_of_a_partition_and_the_bar_beside_it():
    # Weights ab 3, bc 1, ca 1, cd 1, in all 6. {a,b},{c,d}: inside 4/6, degrees 8/12 and 4/12.
    acts = ["a b 0", "a b 1", "b a 2", "b c 3", "c a 4", "c d 5"]
    parsed = [line.split() for line in acts]
    facts = "\n".join(f"{source} answered 2026-03-31T10:0{n}Z {target}" for source, target, n in parsed)
    found = world("\n".join(f"{one} 2026-03-01T00:00Z" for one in "abcd"), facts)
    as_of = date(2026, 3, 31)
    assert modularity_of(found, as_of, [set("abcd")]) == pytest.approx(0)
    assert modularity_of(found, as_of, [set("ab"), set("cd")]) == pytest.approx(4 / 6 - 64 / 144 - 16 / 144)
    assert best_modularity(found, as_of) == pytest.approx(1 / 9)
    with pytest.raises(ValueError, match="partition"):
        modularity_of(found, as_of, [set("ab")])
    assert best_modularity(found, date(2026, 3, 30)) is None


def test_a_repeated_identity_is_one_fact(tmp_path):
    people = "\ufeffmember,joined_at\na,2026-03-01\na,2026-03-01\nb,2026-03-01\n"
    (tmp_path / "members.csv").write_text(people, "utf-8")
    rows = ["a,posted,2026-03-01T10:00,,", "a,posted,2026-03-01T10:00,,", "a,posted,2026-03-01T10:00,b,"]
    rows += ["a,posted,2026-03-01T10:00,,1", "a,posted,2026-03-01T10:00,,1", "a,posted,2026-03-01T10:00,,2"]
    rows += ["nobody,posted,2026-03-01T10:00,,3", "a,posted,,,4"]
    rows += ["a,visited,2026-03-01T09:00,,5", "a,visited,2026-03-01T08:00,,6"]
    (tmp_path / "activities.csv").write_text("member,verb,occurred_at,target,id\n" + "\n".join(rows), "utf-8")
    found = from_csv(tmp_path, "Asia/Shanghai")
    assert len(found.members) == 2
    assert found.facts["verb"].value_counts().to_dict() == {"posted": 4, "visited": 1}
    assert found.facts["occurred_at"].min().isoformat() == "2026-03-01T00:00:00+00:00"


def test_quantum_stackexchange_s_known_counts():
    if not QUANTUM.is_dir() and os.environ.get("CI") != "true":
        pytest.skip("the real communities' data is not beside the project")
    quantum = from_csv(QUANTUM, "UTC")
    assert len(quantum.members) == 3460
    counts = {"asked": 611, "answered": 1059, "commented": 3412, "accepted": 389}
    assert quantum.facts["verb"].value_counts().to_dict() == counts
    with_target = quantum.facts[quantum.facts["target"].notna()]
    assert len(with_target) == 4851
    assert (with_target["target"] == with_target["member"]).sum() == 1191
    joined = quantum.members.set_index("member")["joined_at"]
    assert (quantum.facts["occurred_at"] < quantum.facts["member"].map(joined)).sum() == 35
