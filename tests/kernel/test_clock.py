from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from kernel import clock

BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        ("Europe/Berlin", date(2026, 3, 29), 23),
        ("Europe/Berlin", date(2026, 10, 25), 25),
        ("Europe/Berlin", date(2026, 6, 1), 24),
        ("America/Sao_Paulo", date(2018, 11, 4), 23),  # summer time begins at midnight: there is no 00:00
        ("Australia/Lord_Howe", date(2026, 4, 5), 24.5),
        ("Asia/Shanghai", date(2026, 3, 29), 24),
    ],
)
def test_a_day_is_as_long_as_it_is(zone, day, hours):
    start, end = clock.day_bounds(day, ZoneInfo(zone))
    assert end - start == timedelta(hours=hours)
    assert clock.local_day(start, ZoneInfo(zone)) == day
    assert clock.local_day(end - timedelta(microseconds=1), ZoneInfo(zone)) == day
    assert clock.local_day(end, ZoneInfo(zone)) == day + timedelta(days=1)


def test_a_repeated_wall_clock_time_is_its_first_reading():
    assert clock.resolve_local(datetime(2026, 10, 25, 2, 30), BERLIN) == datetime(
        2026, 10, 25, 0, 30, tzinfo=UTC
    )


def test_a_skipped_wall_clock_time_is_read_with_the_offset_before():
    assert clock.resolve_local(datetime(2026, 3, 29, 2, 30), BERLIN) == datetime(
        2026, 3, 29, 1, 30, tzinfo=UTC
    )


def test_weeks_and_months_are_named_by_their_first_day():
    assert clock.week_of(date(2026, 3, 1)) == date(2026, 2, 23)
    assert clock.month_of(date(2026, 3, 31)) == date(2026, 3, 1)
    assert clock.next_month(date(2026, 12, 31)) == date(2027, 1, 1)


def test_the_last_complete_day_is_the_zone_s_yesterday():
    at = datetime(2026, 3, 1, 16, 30, tzinfo=UTC)
    assert clock.last_complete_day(ZoneInfo("UTC"), at) == date(2026, 2, 28)
    assert clock.last_complete_day(ZoneInfo("Asia/Shanghai"), at) == date(2026, 3, 1)
