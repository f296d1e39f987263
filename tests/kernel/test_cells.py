"""What stands in a cell: checked values, or the reason why not."""

from contextlib import suppress
from datetime import UTC, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel import cells
from kernel.imports import Rejected, reason

LATEST = datetime(2026, 6, 2, tzinfo=UTC)


def instant(text: str, zone: str = "Asia/Shanghai") -> datetime:
    return cells.instant(text, zone=ZoneInfo(zone), latest=LATEST, column="at")


def code(call, *args, **kwargs) -> str:
    with pytest.raises(Rejected) as rejected:
        call(*args, **kwargs)
    assert reason(rejected.value.code, rejected.value.params)
    return rejected.value.code


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-03-02T14:30:00Z", datetime(2026, 3, 2, 14, 30, tzinfo=UTC)),
        ("2026-03-02T14:30:00.250Z", datetime(2026, 3, 2, 14, 30, 0, 250_000, tzinfo=UTC)),
        ("2026-03-02T14:30:00.123456789+08:00", datetime(2026, 3, 2, 6, 30, 0, 123_456, tzinfo=UTC)),
        ("2026-03-02T14:30+0800", datetime(2026, 3, 2, 6, 30, tzinfo=UTC)),
        ("2026-03-02 14:30", datetime(2026, 3, 2, 6, 30, tzinfo=UTC)),
        ("2026-03-02", datetime(2026, 3, 1, 16, tzinfo=UTC)),
        ("20260302T143000Z", datetime(2026, 3, 2, 14, 30, tzinfo=UTC)),
    ],
)
def test_times(text, expected):
    assert instant(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-03-29T02:30:00", datetime(2026, 3, 29, 1, 30, tzinfo=UTC)),  # skipped in Berlin
        ("2025-10-26T02:30:00", datetime(2025, 10, 26, 0, 30, tzinfo=UTC)),  # twice in Berlin
    ],
)
def test_local_times_that_summer_time_skips_or_repeats_take_the_first_reading(text, expected):
    assert instant(text, "Europe/Berlin") == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("yesterday", "time"),
        ("2026-13-01", "time"),
        ("2026-02-30", "time"),
        ("02/03/2026", "time"),
        ("1772461800", "time"),
        ("2026-W10-1", "time"),
        ("２０２６-03-02", "time"),
        ("2026-03-02T25:00:00", "time"),
        ("0001-01-01", "time"),
        ("9999-12-31T23:59:59-12:00", "time"),
        ("1018-03-02", "too_old"),
        ("2026-06-02T00:00:01Z", "future"),
        ("2062-03-02", "future"),
    ],
)
def test_times_that_are_none(text, expected):
    assert code(instant, text) == expected


@given(st.text(max_size=40))
def test_any_text_is_a_time_or_rejected(text):
    with suppress(Rejected):
        assert instant(text).tzinfo is UTC


@pytest.mark.parametrize("text", ["nan", "inf", "1e5", "1,5", "0x1", "１", "1" * 15, "0.1234567", ""])
def test_numbers_that_are_none(text):
    assert code(cells.decimal, text, column="value") == "number"


def test_numbers():
    assert [cells.decimal(text, column="value") for text in ("12.50", "-3", "+0.000001")] == [
        Decimal("12.5"),
        Decimal(-3),
        Decimal("0.000001"),
    ]


def test_places_on_earth():
    assert cells.degrees("-90", most=90, column="latitude") == -90.0
    assert code(cells.degrees, "90.01", most=90, column="latitude") == "range"
    assert code(cells.degrees, "north", most=90, column="latitude") == "number"


def test_several_are_parted_and_each_once():
    assert cells.several(" tea; go;;tea ", most=80, column="tags") == ["tea", "go"]
    assert code(cells.several, ";".join(map(str, range(51))), most=80, column="tags") == "too_many"
    assert code(cells.several, "x" * 81, most=80, column="tags") == "too_long"
