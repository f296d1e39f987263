"""The oracle against SQL in DuckDB, which shares no line with it: a real community seen from three zones."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path

import duckdb
import pytest

from . import figure, from_csv, scores, stages
from .world import CONTRIBUTION

QUANTUM = Path(__file__).resolve().parents[3] / "shared" / "data" / "quantum-stackexchange"
AS_OF = date(2018, 8, 19)  # a Sunday, two weeks before the data ends: its week is complete, its month is not
LATELY = "day > '2018-08-19'::date - 28"


@pytest.fixture(scope="module", params=["UTC", "Asia/Shanghai", "America/New_York"])
def both(request):
    """The community, and a function that asks DuckDB about its members `m` and facts `f` up to the day."""
    if not QUANTUM.is_dir() and os.environ.get("CI") != "true":
        pytest.skip("the real communities' data is not beside the project")
    db = duckdb.connect()
    db.execute("SET TimeZone = ?", [request.param])
    for table, file, time in (("m", "members.csv", "joined_at"), ("f", "activities.csv", "occurred_at")):
        source = f"read_csv('{QUANTUM / file}', all_varchar=true)"
        columns = f"*, {time}::timestamptz AS t, {time}::timestamptz::date AS day"
        db.execute(f"CREATE TABLE {table} AS SELECT {columns} FROM {source}")
        db.execute(f"DELETE FROM {table} WHERE day > '2018-08-19'")
    db.execute("DELETE FROM f WHERE member NOT IN (SELECT member FROM m)")
    # The files name every instant in UTC, so the zone changes days only.
    yield from_csv(QUANTUM, request.param), lambda sql, *values: db.execute(sql, values).fetchall()
    db.close()


def test_active_members(both):
    community, ask = both
    weekly = {row["period"]: row["value"] for row in figure("active_members", community, AS_OF, grain="week")}
    sql = "SELECT strftime(date_trunc('week', day), '%Y-%m-%d'), count(DISTINCT member) FROM f GROUP BY 1"
    assert {period: value for period, value in weekly.items() if value} == dict(ask(sql))
    rolling = figure("active_members", community, AS_OF, grain="rolling28")[-1]
    assert rolling == {
        "period": "2018-08-19",
        "value": ask(f"SELECT count(DISTINCT member) FROM f WHERE {LATELY}")[0][0],
    }


def test_members(both):
    community, ask = both
    daily = {row["period"]: row["joined"] for row in figure("members", community, AS_OF)}
    sql = "SELECT strftime(day, '%Y-%m-%d'), count(*) FROM m GROUP BY 1"
    assert {period: value for period, value in daily.items() if value} == dict(ask(sql))


def test_power_curve(both):
    community, ask = both
    curve = enumerate(figure("power_curve", community, AS_OF), start=1)
    per_member = f"SELECT count(DISTINCT day) n FROM f WHERE {LATELY} GROUP BY member"
    sql = f"SELECT n, count(*) FROM ({per_member}) GROUP BY n"
    assert {n: count for n, count in curve if count} == dict(ask(sql))


def test_stickiness(both):
    community, ask = both
    sql = """
        SELECT strftime(day, '%Y-%m') p,
               count(DISTINCT (member, day)) / day(last_day(min(day))) / count(DISTINCT member)
        FROM f WHERE day < '2018-08-01' GROUP BY p ORDER BY p"""
    rows = figure("stickiness", community, AS_OF)
    assert rows[-1] == {"period": "2018-08", "value": None}
    expected = ask(sql)
    assert [row["period"] for row in rows[:-1]] == [period for period, _ in expected]
    assert [row["value"] for row in rows[:-1]] == pytest.approx([value for _, value in expected], rel=1e-12)


def test_retention(both):
    community, ask = both
    rows = figure("retention", community, AS_OF)
    cells = {(row["cohort"], k): count for row in rows for k, count in enumerate(row["active"]) if count}
    sql = """
        SELECT strftime(c, '%Y-%m-%d'), date_diff('week', c, w), count(DISTINCT member)
        FROM (SELECT member, date_trunc('week', m.day) c, date_trunc('week', f.day) w
              FROM f JOIN m USING (member))
        WHERE w >= c GROUP BY c, w"""
    assert cells == {(cohort, k): count for cohort, k, count in ask(sql)}


def test_growth_accounting(both):
    community, ask = both
    rows = figure("growth_accounting", community, AS_OF)
    # Weeks are numbered from that of 5 March; g sees the member's active week before and after each.
    sql = """
        WITH w AS (SELECT DISTINCT member, date_diff('week', '2018-03-05'::date, date_trunc('week', day)) w
                   FROM f),
             g AS (SELECT *, lag(w) OVER o l, lead(w) OVER o n FROM w
                   WINDOW o AS (PARTITION BY member ORDER BY w)),
             e AS (SELECT w, l IS NULL a, coalesce(l = w - 1, false) b, coalesce(l < w - 1, false) c, false d
                   FROM g
                   UNION ALL
                   SELECT w + 1, false, false, false, true FROM g WHERE n IS NULL OR n > w + 1)
        SELECT strftime('2018-03-05'::date + 7 * w::int, '%Y-%m-%d'),
               sum(a::int), sum(b::int), sum(c::int), sum(d::int)
        FROM e WHERE w <= 23 GROUP BY w"""
    keys = ("period", "new", "retained", "resurrected", "churned")
    got = {tuple(row[key] for key in keys) for row in rows}
    assert {row for row in got if any(row[1:])} == set(ask(sql))


def test_activation(both):
    community, ask = both
    sql = """
        WITH e AS (SELECT t j, (SELECT min(t) FROM f WHERE f.member = m.member) a FROM m
                   WHERE t + INTERVAL 336 HOUR <= '2018-08-20'::timestamptz)
        SELECT count(*), count(*) FILTER (a <= j + INTERVAL 24 HOUR),
               count(*) FILTER (a <= j + INTERVAL 168 HOUR), count(*) FILTER (a <= j + INTERVAL 336 HOUR),
               count(*) FILTER (a IS NULL)
        FROM e"""
    assert list(figure("activation", community, AS_OF).values()) == [*ask(sql)[0], None]


def test_contribution(both):
    community, ask = both
    sql = f"""
        WITH c AS (SELECT count(*) FILTER (list_contains(?, verb)) c FROM f WHERE {LATELY} GROUP BY member),
             r AS (SELECT c, row_number() OVER (ORDER BY c DESC) r, row_number() OVER (ORDER BY c) i,
                          count(*) OVER () n FROM c)
        SELECT 2 * sum(i * c) / (any_value(n) * sum(c)) - (any_value(n) + 1) / any_value(n),
               sum(c) FILTER (r <= ceil(n / 100)) / sum(c),
               sum(c) FILTER (r > ceil(n / 100) AND r <= ceil(n / 10)) / sum(c),
               sum(c) FILTER (r > ceil(n / 10)) / sum(c),
               count(*) FILTER (c > 0), any_value(n)
        FROM r"""
    expected = ask(sql, sorted(CONTRIBUTION))[0]
    assert list(figure("contribution", community, AS_OF).values()) == pytest.approx(expected, rel=1e-12)


def test_stages(both):
    community, ask = both
    sql = """
        WITH d AS (SELECT member, '2018-08-19'::date - m.day + 1 joined, '2018-08-19'::date - f.day + 1 acted
                   FROM m LEFT JOIN f USING (member))
        SELECT member, CASE WHEN any_value(joined) <= 14 THEN 'new' WHEN min(acted) IS NULL THEN 'silent'
                            WHEN min(acted) > 42 THEN 'dormant' WHEN min(acted) > 14 THEN 'drifting'
                            WHEN count(DISTINCT acted) FILTER (acted <= 28) >= 8 THEN 'core' ELSE 'active' END
        FROM d GROUP BY member"""
    assert stages(community, AS_OF) == dict(ask(sql))


def test_scores(both):
    community, ask = both
    sql = """
        SELECT member, sum(if(verb = 'answered', 5, 2) * 2 ** (('2018-08-19'::date - day) / -28.0))
        FROM f WHERE verb IN ('answered', 'asked') GROUP BY member"""
    got = {
        member: score for member, (score, _) in scores(community, AS_OF, {"answered": 5, "asked": 2}).items()
    }
    assert {member: score for member, score in got.items() if score} == pytest.approx(
        dict(ask(sql)), rel=1e-12
    )


@pytest.mark.parametrize("window", [28, 90, 1000])
def test_network(both, window):
    community, ask = both
    graph = f"""
        WITH e AS (SELECT member s, target t FROM f SEMI JOIN m ON m.member = f.target
                   WHERE target <> f.member AND day > '2018-08-19'::date - {window} GROUP BY 1, 2),
             u AS (SELECT DISTINCT least(s, t) a, greatest(s, t) b FROM e),
             d AS (SELECT count(*) d FROM (SELECT a x FROM u UNION ALL SELECT b FROM u) GROUP BY x) """
    got = figure("network", community, AS_OF, window=window)
    mutual = "SELECT count(*), count(r.s) FROM e LEFT JOIN e r ON e.s = r.t AND e.t = r.s"
    closed = "SELECT count(*) FROM u p JOIN u q ON p.b = q.a JOIN u r ON r.a = p.a AND r.b = q.b"
    edges, returned = ask(graph + mutual)[0]
    nodes, wedges = ask(graph + "SELECT count(*), sum(d * (d - 1) / 2) FROM d")[0]
    triangles = ask(graph + closed)[0][0]
    assert (got["nodes"], got["edges"]) == (nodes, edges)
    assert got["density"] == pytest.approx(edges / nodes / (nodes - 1), rel=1e-12)
    assert got["reciprocity"] == pytest.approx(returned / edges, rel=1e-12)
    assert got["transitivity"] == pytest.approx(3 * triangles / wedges, rel=1e-12)
