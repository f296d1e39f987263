"""Rules are counted on the wall's clock, and what is no rule is told."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from dateutil.rrule import rrulestr

from gatherings import recurrence
from gatherings.recurrence import NoRule

BERLIN, NEW_YORK = ZoneInfo("Europe/Berlin"), ZoneInfo("America/New_York")


def local(zone, *when):
    return datetime(*when, tzinfo=zone)


def walls(text, first, zone, until, **more):
    """The beginnings as the wall shows them."""
    found = recurrence.read(text).beginnings(first, zone, until=until, **more)
    return [f"{one.astimezone(zone):%m-%d %H:%M}" for one in found]


def test_seven_stays_seven_through_summer_time():
    first = local(BERLIN, 2026, 3, 19, 19)
    assert walls("FREQ=WEEKLY;COUNT=3", first, BERLIN, local(BERLIN, 2027, 1, 1)) == [
        "03-19 19:00", "03-26 19:00", "04-02 19:00",
    ]  # fmt: skip
    instants = list(
        recurrence.read("FREQ=WEEKLY;COUNT=3").beginnings(first, BERLIN, until=local(UTC, 2027, 1, 1))
    )
    assert [one.hour for one in instants] == [18, 18, 17]


def test_an_hour_that_is_skipped_or_comes_twice_is_read_the_first_way():
    skipped = recurrence.read("FREQ=DAILY;COUNT=2").beginnings(
        local(BERLIN, 2026, 3, 28, 2, 30), BERLIN, until=local(UTC, 2027, 1, 1)
    )
    assert [one.isoformat() for one in skipped] == ["2026-03-28T01:30:00+00:00", "2026-03-29T01:30:00+00:00"]
    twice = recurrence.read("FREQ=DAILY;COUNT=2").beginnings(
        local(NEW_YORK, 2026, 10, 31, 1, 30), NEW_YORK, until=local(UTC, 2027, 1, 1)
    )
    assert [one.isoformat() for one in twice] == ["2026-10-31T05:30:00+00:00", "2026-11-01T05:30:00+00:00"]


@pytest.mark.parametrize(
    ("text", "first", "days"),
    [
        ("FREQ=MONTHLY;BYDAY=2TH", (2026, 1, 8, 18), ["01-08", "02-12", "03-12", "04-09"]),
        ("FREQ=MONTHLY;BYDAY=-1FR", (2026, 1, 30, 18), ["01-30", "02-27", "03-27", "04-24"]),
        ("FREQ=MONTHLY;BYMONTHDAY=31", (2026, 1, 31, 18), ["01-31", "03-31"]),
        ("FREQ=MONTHLY;BYMONTHDAY=-1", (2026, 1, 31, 18), ["01-31", "02-28", "03-31", "04-30"]),
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,TH", (2026, 4, 7, 18), ["04-07", "04-09", "04-21", "04-23"]),
        ("FREQ=DAILY;INTERVAL=10;UNTIL=20260420T235959Z", (2026, 4, 7, 18), ["04-07", "04-17"]),
        ("FREQ=YEARLY", (2026, 4, 7, 18), ["04-07"]),
    ],
)
def test_rules_that_people_make(text, first, days):
    found = walls(text, local(BERLIN, *first), BERLIN, local(BERLIN, 2026, 5, 1))
    assert [one[:5] for one in found] == days


def test_what_is_left_out_is_still_counted():
    first = local(BERLIN, 2026, 4, 2, 19)
    gone = (first + timedelta(days=7)).astimezone(UTC)
    assert walls("FREQ=WEEKLY;COUNT=3", first, BERLIN, local(BERLIN, 2027, 1, 1), left_out=[gone]) == [
        "04-02 19:00", "04-16 19:00",
    ]  # fmt: skip


def test_a_rule_that_never_fits_comes_to_an_end():
    assert (
        walls(
            "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30", local(BERLIN, 2026, 1, 1), BERLIN, local(BERLIN, 2028, 1, 1)
        )
        == []
    )


@pytest.mark.parametrize(
    "text",
    [
        "FREQ=WEEKLY;BYDAY=TH", "FREQ=MONTHLY;BYDAY=2TH", "FREQ=MONTHLY;BYDAY=-1FR,1MO", "FREQ=MONTHLY;BYMONTHDAY=-1,15",
        "FREQ=YEARLY;BYDAY=5TU", "FREQ=YEARLY;BYDAY=-2SA", "FREQ=YEARLY;BYMONTH=2;BYDAY=-1SU",
        "FREQ=YEARLY;BYMONTH=3,10;BYMONTHDAY=29", "FREQ=DAILY;BYMONTH=2", "FREQ=DAILY;BYDAY=MO,WE",
    ],
)  # fmt: skip
def test_the_days_that_fit_are_those_of_the_library(text):
    """Of four years, a leap year among them: each day by itself, and all that the library counts."""
    rule, four = recurrence.read(text), local(UTC, 2028, 1, 1)
    days = [date(2024, 1, 1) + timedelta(days=n) for n in range(4 * 365 + 1)]
    counted = rrulestr(text, dtstart=datetime(2024, 1, 1), cache=False).between(
        datetime(2024, 1, 1), datetime(2028, 1, 1), inc=True
    )
    assert [day for day in days if rule.fits(day)] == [one.date() for one in counted if one.year < four.year]


def test_a_rule_is_ended_before_one_of_its_own():
    first = local(BERLIN, 2026, 4, 2, 19)
    rule = recurrence.read("FREQ=WEEKLY;COUNT=5").ended(first + timedelta(days=14))
    assert str(rule) == "FREQ=WEEKLY;UNTIL=20260416T165959Z"
    assert walls(str(rule), first, BERLIN, local(BERLIN, 2027, 1, 1)) == ["04-02 19:00", "04-09 19:00"]


@pytest.mark.parametrize(
    "text",
    ["FREQ=MONTHLY;INTERVAL=3;BYDAY=2TH,-1FR", "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29;COUNT=4", "FREQ=DAILY"],
)
def test_a_rule_is_written_as_it_is_read(text):
    assert str(recurrence.read(f"RRULE:{text.lower()};")) == text


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("", ""), ("FREQ=HOURLY", "FREQ"), ("INTERVAL=2", "FREQ"), ("FREQ=DAILY;INTERVAL=0", "INTERVAL"),
        ("FREQ=DAILY;INTERVAL=٣", "INTERVAL"), ("FREQ=DAILY;COUNT=501", "COUNT"), ("FREQ=DAILY;COUNT=0", "COUNT"),
        ("FREQ=WEEKLY;BYDAY=2TH", "BYDAY"), ("FREQ=WEEKLY;BYDAY=XX", "BYDAY"), ("FREQ=MONTHLY;BYDAY=6TH", "BYDAY"),
        ("FREQ=MONTHLY;BYMONTHDAY=0", "BYMONTHDAY"), ("FREQ=WEEKLY;BYMONTHDAY=3", "BYMONTHDAY"),
        ("FREQ=DAILY;UNTIL=20260230", "UNTIL"), ("FREQ=DAILY;UNTIL=20260220T190000", "UNTIL"),
        ("FREQ=DAILY;COUNT=2;UNTIL=20260220", "UNTIL"), ("FREQ=DAILY;BYSECOND=1", "BYSECOND"),
        ("FREQ=DAILY;FREQ=DAILY", "FREQ"), ("FREQ=DAILY\nDTSTART:20260101", "FREQ"),
    ],
)  # fmt: skip
def test_what_is_no_rule_is_told_by_its_part(text, part):
    with pytest.raises(NoRule) as told:
        recurrence.read(text)
    assert told.value.part == part
