"""Gatherings and where people live, counted by hand from raw rows, straight from the written definitions.

Nothing of the product is imported. Rows are plain dictionaries: a gathering has `id`, `begins`, `over`, `known`, `cancelled`
(instants or None), `told` (True, False or None), `counted` (a number, None where unknown), `in_person`, `city`, `place`; an
attendance `event`, `member`, `answer`, `answered`, `came`, `by_file`; a person `member`, `joined`, `left`, `city`, `place`,
and `guest` where they are one, who is no member.
Reading: of a file that tells of no attender what they answered, whoever came said yes. "Upcoming" of a file stands until
somebody is known to have come.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from math import asin, cos, pi, sin, sqrt
from statistics import mean, median
from typing import Any
from zoneinfo import ZoneInfo

from .money import end_of

Row = dict[str, Any]


def events(
    gatherings: list[Row], attendances: list[Row], people: list[Row], acts: list[Row], *, zone: ZoneInfo, as_of: date,
    window: int | str = "all",
) -> Row:  # fmt: skip
    end = end_of(as_of, zone)
    first = None if window == "all" else as_of - timedelta(days=int(window) - 1)
    exist = {one["member"]: one for one in people if one["joined"] < end and not one.get("guest")}
    later = {one["member"] for one in people} - set(exist)
    found = {"held": [], "cancelled": 0, "upcoming": 0, "unconfirmed": 0}
    rsvps: list[int] = []
    came_all, recorded, with_yes, yes_of_recorded = 0, 0, 0, 0
    comparisons = []
    for one in gatherings:
        if one["known"] >= end:
            continue
        rows = [
            row for row in attendances
            if row["event"] == one["id"] and row["member"] not in later
            and ((row["came"] and row["came"] < end) or row["answered"] < end)
        ]  # fmt: skip
        came = [row for row in rows if row["came"] is not None and row["came"] < end]
        tells_answers = any(row["by_file"] and row["answer"] == "yes" for row in came)
        yes = []
        for row in rows:
            said = row["answer"] == "yes" and row["answered"] < end
            implied = row in came and row["by_file"] and row["answer"] == "" and not tells_answers
            if said or implied:
                yes.append(row)
        inside = first is None or one["begins"].astimezone(zone).date() >= first
        if one["cancelled"] is not None and one["cancelled"] < end:
            found["cancelled"] += inside
            continue
        if not (one["over"] < end and (one["told"] is not False or came)):
            found["upcoming"] += 1
            found["unconfirmed"] += one["over"] < end
            continue
        if not inside:
            continue
        found["held"].append(one)
        known = one["counted"] is not None or bool(rows)
        n = max(len(yes), one["counted"] or 0)
        if known:
            rsvps.append(n)
        came_all += len(came)
        if came:
            recorded += 1
            yes_of_recorded += n
            with_yes += sum(row in yes for row in came)
            comparisons.append(
                (one["begins"].astimezone(zone).date(), [row["member"] for row in came],
                 [row["member"] for row in yes if row not in came])
            )  # fmt: skip
    return {
        "held": len(found["held"]),
        "cancelled": found["cancelled"],
        "upcoming": found["upcoming"],
        "unconfirmed": found["unconfirmed"],
        "rsvps": sum(rsvps) if rsvps else None,
        "mean_rsvps": mean(rsvps) if rsvps else None,
        "median_rsvps": median(rsvps) if rsvps else None,
        "attended": came_all or None,
        "show_rate": with_yes / yes_of_recorded if yes_of_recorded else None,
        "recorded": recorded,
        "afterwards": _afterwards(comparisons, exist, acts, zone, as_of),
    }


def _afterwards(
    comparisons: list[tuple[date, list[Any], list[Any]]], exist: dict[Any, Row], acts: list[Row], zone: ZoneInfo, as_of: date
) -> Row | None:  # fmt: skip
    days: dict[Any, set[date]] = {member: set() for member in exist}
    others: dict[Any, set[date]] = {member: set() for member in exist}
    for act in acts:
        day = act["at"].astimezone(zone).date()
        if act["member"] in exist and day <= as_of:
            days[act["member"]].add(day)
            if act["verb"] != "attended":
                others[act["member"]].add(day)
    ripe = [one for one in comparisons if one[0] + timedelta(days=28) <= as_of]
    if not ripe:
        return None
    who, gaps, came_active, absent_active, mine, theirs = [], [], [], [], [], []
    for day, came, absent in ripe:
        end = end_of(day, zone)

        def here(member: Any, end: datetime = end) -> bool:
            one = exist.get(member)
            return one is not None and one["joined"] < end and (one["left"] is None or one["left"] >= end)

        def kind(member: Any, day: date = day) -> tuple[int, int, int]:
            active = sum(day - timedelta(days=28) <= one < day for one in days[member])
            group = next(n for n, most in enumerate((0, 2, 5, 11, 999)) if active <= most)
            joined = exist[member]["joined"].astimezone(zone).date()
            return group, joined.year, (joined.month + 2) // 3

        def after(member: Any, day: date = day) -> bool:
            return any(day < one <= day + timedelta(days=28) for one in others[member])

        for member in came:
            if not here(member):
                continue
            came_active.append(after(member))
            like = [
                after(one) for one in exist if one not in came and here(one) and kind(one) == kind(member)
            ]
            if like:
                who.append(member)
                mine.append(after(member))
                theirs.append(sum(like) / len(like))
                gaps.append(after(member) - sum(like) / len(like))
        absent_active += [after(member) for member in absent if here(member)]
    low, high = _limits(who, gaps)
    return {
        "events": len(ripe),
        "came": _share(came_active),
        "absent": _share(absent_active),
        "matched": {
            "n": len(gaps),
            "share_came": mean(mine) if gaps else None,
            "share_others": mean(theirs) if gaps else None,
            "difference": mean(gaps) if gaps else None,
            "low": low,
            "high": high,
        },
    }


def _share(active: list[bool]) -> Row:
    n = len(active)
    if not n:
        return {"n": 0, "active": 0, "share": None, "low": None, "high": None}
    p, z = sum(active) / n, 1.959963984540054
    middle = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    return {
        "n": n,
        "active": sum(active),
        "share": p,
        "low": max(0.0, middle - half),
        "high": min(1.0, middle + half),
    }


def _limits(who: list[Any], gaps: list[float]) -> tuple[float | None, float | None]:
    clusters = set(who)
    if len(clusters) < 30:
        return None, None
    center, total = mean(gaps), 0.0
    for member in clusters:
        total += sum(gap - center for one, gap in zip(who, gaps, strict=True) if one == member) ** 2
    error = sqrt(total * len(clusters) / (len(clusters) - 1)) / len(gaps)
    return center - 1.959963984540054 * error, center + 1.959963984540054 * error


# --- where ------------------------------------------------------------------------------------------------


def km(a: tuple[float, float], b: tuple[float, float]) -> float:
    """The great circle by vectors: twice the arcsine of half the chord, on a sphere of 6371.0088 km."""
    points = []
    for north, east in (a, b):
        north, east = north * pi / 180, east * pi / 180
        points.append((cos(north) * cos(east), cos(north) * sin(east), sin(north)))
    chord = sqrt(sum((x - y) ** 2 for x, y in zip(*points, strict=True)))
    return 2 * 6371.0088 * asin(min(1, chord / 2))


def local(
    gatherings: list[Row], attendances: list[Row], people: list[Row], acts: list[Row], chapters: list[Row],
    towns: dict[str, tuple[float, float] | None], *, zone: ZoneInfo, as_of: date, window: int = 90,
) -> Row:  # fmt: skip
    end = end_of(as_of, zone)
    first, lately = as_of - timedelta(days=window - 1), as_of - timedelta(days=89)
    current = {
        one["member"]: one for one in people
        if one["joined"] < end and (one["left"] is None or one["left"] >= end) and not one.get("guest")
    }  # fmt: skip

    def place(one: Row) -> tuple[float, float] | None:
        return one["place"] or towns.get(one["city"])

    exist = {one["member"] for one in people if one["joined"] < end and not one.get("guest")}
    came = {
        row["event"] for row in attendances
        if row["came"] is not None and row["came"] < end and row["member"] in exist
    }  # fmt: skip
    held = [
        one for one in gatherings
        if one["known"] < end and not (one["cancelled"] and one["cancelled"] < end) and one["over"] < end
        and (one["told"] is not False or one["id"] in came)
    ]  # fmt: skip
    active = {act["member"] for act in acts if first <= act["at"].astimezone(zone).date() <= as_of}
    rows: dict[str, list[int]] = {}
    for one in current.values():
        if one["city"]:
            row = rows.setdefault(one["city"], [0, 0, 0])
            row[0] += 1
            row[1] += one["member"] in active
    for one in held:
        if one["city"] and one["begins"].astimezone(zone).date() >= first:
            rows.setdefault(one["city"], [0, 0, 0])[2] += 1
    order = sorted(rows, key=lambda city: (-rows[city][0], city))
    shown = [city for city in order if rows[city][0] >= 5]
    rest = [city for city in order if rows[city][0] < 5]
    while rest and shown and sum(rows[city][0] for city in rest) < 5:
        rest.append(shown.pop())
    cities = [{"city": city, "told": rows[city]} for city in shown]
    if rest:
        cities.append({"city": None, "told": [sum(rows[city][n] for city in rest) for n in range(3)]})
    points = [
        place(one) for one in held
        if one["in_person"] and place(one) and one["begins"].astimezone(zone).date() >= lately
    ]  # fmt: skip
    homes = {member: place(one) for member, one in current.items() if place(one)}
    near = sum(any(km(home, point) <= 30 for point in points) for home in homes.values())
    stand = [one["place"] for one in chapters if one["founded"] < end]
    left = {member for member, home in homes.items() if not any(km(home, one) <= 30 for one in stand)}
    wanted = {current[member]["city"] for member in left if current[member]["city"]}
    free = [
        city for city in wanted if towns.get(city) and not any(km(towns[city], one) <= 30 for one in stand)
    ]
    suggested = []
    while free:
        counts = {city: {m for m in left if km(homes[m], towns[city]) <= 30} for city in free}
        best = min(free, key=lambda city: (-len(counts[city]), city))
        if len(counts[best]) < 5:
            break
        suggested.append((best, len(counts[best])))
        left -= counts[best]
        free.remove(best)
    return {
        "cities": cities,
        "unplaced": sum(not one["city"] and one["place"] is None for one in current.values()),
        "near": {
            "members": len(homes),
            "with_gathering": near,
            "share": near / len(homes) if homes else None,
        },
        "suggested": suggested,
    }
