"""Bringing the member table's columns up to date: stage, score, active days, risk, for every membership at once."""

import io
import json
from datetime import date

import numpy as np
from django.db import connection

from engagement.metrics import at_risk, score, stage
from engagement.models.standing import Risk
from engagement.packing import Whole
from engagement.selectors.history import History
from engagement.selectors.records import VERB_ORDER

_TABLE = """
    CREATE TEMPORARY TABLE standing_now (
        number int, stage text, score float8, parts jsonb, active_days int, days_before int, at_risk text, last_active_day date
    ) ON COMMIT DROP
"""
_COPY = "COPY standing_now FROM STDIN"
_WRITE = """
    INSERT INTO engagement_memberstanding AS kept
        (membership_id, community_id, stage, score, parts, active_days, days_before, at_risk, last_active_day)
    SELECT membership.id, membership.community_id, now.stage, now.score, now.parts, now.active_days, now.days_before,
        now.at_risk, now.last_active_day
    FROM standing_now AS now
    JOIN members_membership AS membership ON membership.community_id = %s AND membership.number = now.number
    ON CONFLICT (membership_id) DO UPDATE SET
        stage = excluded.stage, score = excluded.score, parts = excluded.parts,
        active_days = excluded.active_days, days_before = excluded.days_before, at_risk = excluded.at_risk,
        last_active_day = excluded.last_active_day
    WHERE (kept.stage, kept.score, kept.parts, kept.active_days, kept.days_before, kept.at_risk, kept.last_active_day)
        IS DISTINCT FROM
        (excluded.stage, excluded.score, excluded.parts, excluded.active_days, excluded.days_before, excluded.at_risk,
        excluded.last_active_day)
"""
_FORGET = """
    DELETE FROM engagement_memberstanding AS kept USING members_membership AS membership
    WHERE kept.community_id = %s AND membership.id = kept.membership_id
    AND NOT EXISTS (SELECT 1 FROM standing_now AS now WHERE now.number = membership.number)
"""


def update(*, community_id: int, history: History) -> int:
    """Make the standings what the history says; how many rows changed. Runs in the caller's transaction."""
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS standing_now")
        cursor.execute(_TABLE)
        cursor.copy_expert(_COPY, io.StringIO(_lines(history)))
        cursor.execute("ANALYZE standing_now")
        cursor.execute(_WRITE, [community_id])
        changed: int = cursor.rowcount
        cursor.execute(_FORGET, [community_id])
    return changed


def _lines(history: History) -> str:
    stages = {number: name for name, numbers in stage.stages(history).items() for number in numbers}
    scores = score.scores(history)
    points = scores.total.tolist()
    fading = at_risk.fading(history)
    since, before = fading.since.tolist(), fading.before.tolist()
    risk = np.select([fading.flagged, fading.steady], [Risk.FADING.value, Risk.STEADY.value], "").tolist()
    last = [str(date.fromordinal(day)) if day else "\\N" for day in _last_active(history).tolist()]
    numbers = history.number.tolist()
    parts = _parts(scores, len(numbers))
    return "".join(
        f"{number}\t{stages.get(number, '')}\t{points[place]!r}\t{parts[place]}\t{since[place]}\t{before[place]}"
        f"\t{risk[place]}\t{last[place]}\n"
        for place, number in enumerate(numbers)
    )


def _parts(scores: score.Scores, members: int) -> list[str]:
    """Each member's parts as JSON."""
    parts: list[dict[str, float]] = [{} for _member in range(members)]
    for place, verb, points in zip(
        scores.place.tolist(), scores.verb.tolist(), scores.points.tolist(), strict=True
    ):
        parts[place][VERB_ORDER[verb]] = points
    return [json.dumps(each) for each in parts]


def _last_active(history: History) -> Whole:
    """Per place the last day with an act, 0 for none. Read from the end, until everybody is found."""
    last = np.zeros(len(history.number), np.int64)
    missing = history.existing.copy()
    for day in sorted((day for day in history.records.active_days if day <= history.today), reverse=True):
        found = history.records.active_days[day] & missing
        last[history.places(np.array(found.to_array(), np.int64))] = day
        missing -= found
        if not missing:
            break
    return last
