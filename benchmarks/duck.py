"""The oracle: DuckDB recomputing everything from the facts, as fast as we could make it.

One temporary roll-up is shared by all figures. Rolling windows do not join days with days: a member-day covers
the days until the window has passed or the member is active again, so one window function and a running sum do.
"""

from typing import Any

import duckdb
import numpy as np

from benchmarks.stream import VERBS, Stream

HALF_LIFE = 28


class Duck:
    def __init__(self, stream: Stream, weights: dict[str, float], contributions: frozenset[str]) -> None:
        self.scale = stream.scale
        self.db = duckdb.connect()
        self.last = stream.scale.days - 1
        names = list(VERBS)
        columns = {
            "member": stream.member.astype(np.int32),
            "target": stream.target.astype(np.int32),
            "verb": stream.verb.astype(np.int8),
            "microsecond": stream.microsecond,
        }
        self.db.register("stream", columns)
        self.db.execute(
            "CREATE TABLE facts AS SELECT member, target, verb,"
            " make_timestamp(microsecond + epoch_us(?::TIMESTAMP)) AS moment FROM stream",
            [stream.scale.start.replace(tzinfo=None)],
        )
        members = {
            "member": np.arange(1, stream.scale.members + 1, dtype=np.int32),
            "joined": stream.joined_day.astype(np.int32),
        }
        self.db.register("people", members)
        self.db.execute("CREATE TABLE members AS SELECT * FROM people")
        verbs = [(place, weights.get(name, 0), name in contributions) for place, name in enumerate(names)]
        self.db.execute("CREATE TABLE verbs (verb TINYINT, weight DOUBLE, contribution BOOLEAN)")
        self.db.executemany("INSERT INTO verbs VALUES (?, ?, ?)", verbs)
        self.monday = stream.scale.first.weekday()

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        return self.db.execute(sql).fetchall()

    def rollup(self, *, verbs: bool) -> None:
        start = self.scale.first.isoformat()
        by_verb, columns = (", verb", "count(*)::INT AS n, verb") if verbs else ("", "count(*)::INT AS n")
        self.db.execute(
            f"CREATE OR REPLACE TEMP TABLE counted AS SELECT (moment::DATE - DATE '{start}')::INT AS day, member, {columns}"
            f" FROM facts GROUP BY day, member{by_verb}"
        )
        source = "SELECT DISTINCT day, member FROM counted" if verbs else "SELECT day, member FROM counted"
        self.db.execute(f"CREATE OR REPLACE TEMP TABLE active AS {source}")

    # --- figures -------------------------------------------------------------------------------------

    def actives(self, days: int = 1) -> list[int]:
        """Distinct active members in the `days` days that end on each day."""
        rows = self.rows(f"""
            WITH spans AS (
                SELECT day AS since, least(day + {days}, lead(day, 1, 1000000) OVER (PARTITION BY member ORDER BY day)) AS until
                FROM active
            ), edges AS (
                SELECT since AS day, count(*) AS n FROM spans GROUP BY 1
                UNION ALL SELECT until, -count(*) FROM spans WHERE until <= {self.last} GROUP BY 1
            ), steps AS (SELECT day, sum(n) AS n FROM edges GROUP BY 1)
            SELECT day, sum(n) OVER (ORDER BY day) FROM steps ORDER BY day
        """)
        found, value, known = [], 0, dict(rows)
        for day in range(self.last + 1):
            value = int(known.get(day, value))
            found.append(value)
        return found

    def weekly(self) -> list[tuple[Any, ...]]:
        """(week, new, retained, resurrected, churned in the week after) for every week."""
        return self.rows(f"""
            WITH weeks AS (SELECT DISTINCT member, (day + {self.monday}) // 7 AS week FROM active),
            steps AS (
                SELECT week, lag(week) OVER mine AS before, lead(week) OVER mine AS after
                FROM weeks WINDOW mine AS (PARTITION BY member ORDER BY week)
            )
            SELECT week, count(*) FILTER (before IS NULL), count(*) FILTER (before = week - 1),
                count(*) FILTER (before < week - 1), count(*) FILTER (after IS NULL OR after > week + 1)
            FROM steps GROUP BY week ORDER BY week
        """)

    def monthly(self) -> list[tuple[Any, ...]]:
        """(month, actives, sum of the days' actives)."""
        start = self.scale.first.isoformat()
        return self.rows(f"""
            SELECT date_trunc('month', DATE '{start}' + day) AS month, count(DISTINCT member), count(*)
            FROM active GROUP BY 1 ORDER BY 1
        """)

    def retention(self) -> list[tuple[Any, ...]]:
        """(cohort's week, weeks later, active members)."""
        return self.rows(f"""
            WITH weeks AS (SELECT DISTINCT member, (day + {self.monday}) // 7 AS week FROM active)
            SELECT (joined + {self.monday}) // 7 AS cohort, week - (joined + {self.monday}) // 7 AS k, count(*)
            FROM weeks JOIN members USING (member) WHERE week >= (joined + {self.monday}) // 7 GROUP BY 1, 2 ORDER BY 1, 2
        """)

    def power_curve(self) -> list[tuple[Any, ...]]:
        return self.rows(f"""
            SELECT days, count(*) FROM (
                SELECT member, count(*) AS days FROM active WHERE day > {self.last - 28} GROUP BY member
            ) GROUP BY 1 ORDER BY 1
        """)

    def scores(self) -> list[tuple[Any, ...]]:
        """(member, score), the best hundred."""
        return self.rows(f"""
            SELECT member, sum(n * weight * pow(2, (day - {self.last}) / {HALF_LIFE}::DOUBLE)) AS score
            FROM counted JOIN verbs USING (verb) WHERE weight <> 0 GROUP BY member ORDER BY score DESC, member LIMIT 100
        """)

    def gini(self) -> float:
        return float(
            self.rows(f"""
            WITH made AS (
                SELECT member, coalesce(sum(n) FILTER (contribution), 0) AS x FROM counted JOIN verbs USING (verb)
                WHERE day > {self.last - 28} GROUP BY member
            ), ranked AS (SELECT x, row_number() OVER (ORDER BY x) AS i, count(*) OVER () AS n FROM made)
            SELECT 2 * sum(i * x) / (max(n) * sum(x)) - (max(n) + 1) / max(n) FROM ranked
        """)[0][0]
        )

    def sets(self) -> dict[str, Any]:
        """Actives, windows, retention and growth accounting, from the facts."""
        self.rollup(verbs=False)
        return self._sets()

    def everything(self) -> dict[str, Any]:
        """The same with scores and Gini."""
        self.rollup(verbs=True)
        return self._sets() | {"scores": self.scores(), "gini": self.gini()}

    def _sets(self) -> dict[str, Any]:
        return {
            "daily": self.actives(1),
            "rolling7": self.actives(7),
            "rolling28": self.actives(28),
            "weekly": self.weekly(),
            "monthly": self.monthly(),
            "retention": self.retention(),
            "power_curve": self.power_curve(),
        }
