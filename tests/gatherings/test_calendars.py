"""What calendar programs read of a gathering, as two of their libraries read it: icalendar and ical.js."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import icalendar
import pytest

from gatherings import calendars
from gatherings.calendars import Entry, Standing
from gatherings.models import Event
from gatherings.services import events, series
from kernel.markdown import Named
from tests import make
from tests.commerce.providers import judges
from tests.gatherings import holding
from tests.make import SITE

pytestmark = pytest.mark.django_db
BERLIN = ZoneInfo("Europe/Berlin")
#: A Thursday, a week before summer time begins.
FIRST = datetime(2026, 3, 19, 19, tzinfo=BERLIN)
AT = datetime(2026, 3, 1, tzinfo=UTC)
LONG = "春分茶会：" + "我们一起喝新茶，聊聊这一年读过的书；" * 6


@pytest.fixture(scope="module")
def reader():
    judge = judges.of_npm("calendar", Path(__file__).parent / "calendar_reader")
    yield judge
    judge.end()


@pytest.fixture
def evenings():
    """Three Thursdays at seven in Berlin, the second after the clocks went forward."""
    community = make.community(timezone="Europe/Berlin")
    first = holding.event(
        community, starts_at=FIRST, ends_at=FIRST + timedelta(hours=2), at=AT, title="春茶; 新茶, 100%",
        description=LONG, venue="Teehaus", address="Unter den Linden 1", city="Berlin", latitude=52.5, longitude=13.4,
    )  # fmt: skip
    series.begin(event=first, rule="FREQ=WEEKLY;COUNT=3", at=AT, by=SITE)
    return list(Event.objects.order_by("starts_at"))


def written(rows, **more):
    return calendars.write(
        [Entry(one, f"https://x.example/e/{one.key}/", **more) for one in rows], name="茶社"
    )


def by_icalendar(text):
    found = icalendar.Calendar.from_ical(text)
    return [
        {
            "uid": str(one["uid"]),
            "sequence": int(one["sequence"]),
            "status": str(one["status"]),
            "summary": str(one["summary"]),
            "description": str(one["description"]),
            "location": str(one["location"]),
            "wall": one["dtstart"].dt.strftime("%Y-%m-%dT%H:%M:%S"),
            "ends": one["dtend"].dt.strftime("%Y-%m-%dT%H:%M:%S"),
            "instant": one["dtstart"].dt.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z"),
            "zone": str(one["dtstart"].params.get("TZID", "UTC")),
        }
        for one in found.walk("VEVENT")
    ]


def read(reader, text):
    """What both of them say, who have to agree."""
    theirs = reader.ask("read", text=text.decode())
    assert theirs["events"] == by_icalendar(text)
    assert theirs["name"] == "茶社"
    return theirs["events"]


def test_seven_is_seven_on_either_side_of_summer_time(evenings, reader):
    found = read(reader, written(evenings))
    assert [(one["wall"], one["instant"][11:16]) for one in found] == [
        ("2026-03-19T19:00:00", "18:00"), ("2026-03-26T19:00:00", "18:00"), ("2026-04-02T19:00:00", "17:00"),
    ]  # fmt: skip
    assert {one["zone"] for one in found} == {"Europe/Berlin"}
    assert [one["ends"][11:] for one in found] == ["21:00:00"] * 3


def test_chinese_and_what_has_to_be_escaped_stay_whole(evenings, reader):
    found = read(reader, written(evenings))[0]
    assert found["summary"] == "春茶; 新茶, 100%"
    assert found["description"].splitlines()[0] == LONG
    assert found["location"] == "Teehaus, Unter den Linden 1, Berlin"


def test_no_line_is_longer_than_75_octets(evenings):
    lines = written(evenings).split(b"\r\n")
    assert max(map(len, lines)) <= 75 and len(lines) > 60
    # And none is broken within a letter.
    assert [line.decode() for line in lines]


def test_the_uid_stays_and_the_sequence_rises(evenings, reader):
    before = read(reader, written(evenings))
    events.change(event=evenings[1], at=AT, by=SITE, starts_at=FIRST + timedelta(days=7, minutes=30))
    events.cancel(event=evenings[2], reason="Snow.", at=AT, by=SITE)
    after = read(reader, written(Event.objects.order_by("starts_at")))
    assert [one["uid"] for one in after] == [one["uid"] for one in before]
    assert [one["sequence"] for one in before] == [0, 0, 0]
    assert [(one["sequence"], one["status"]) for one in after] == [
        (0, "CONFIRMED"), (1, "CONFIRMED"), (1, "CANCELLED"),
    ]  # fmt: skip
    assert after[1]["wall"] == "2026-03-26T19:30:00"


def test_who_said_maybe_has_it_as_tentative_and_the_address_online_is_told_to_whom_it_is(evenings, reader):
    found = read(
        reader, written(evenings[:1], standing=Standing.TENTATIVE, online_url="https://meet.example/1")
    )[0]
    assert found["status"] == "TENTATIVE" and "https://meet.example/1" in found["description"]
    assert "meet.example" not in written(evenings[:1]).decode()


def test_members_named_in_it_are_called_by_their_names(evenings, reader):
    events.change(event=evenings[0], at=AT, by=SITE, description="With @#7 and **tea**")
    evenings[0].refresh_from_db()
    text = written(evenings[:1], people={7: Named("Mei")})
    assert read(reader, text)[0]["description"].splitlines()[0] == "With @Mei and tea"


def test_an_event_without_an_end_lasts_as_usual(reader):
    event = holding.event(make.community(), ends_at=None, venue="Here", description="x")
    found = by_icalendar(written([event]))[0]
    assert (found["wall"][11:16], found["ends"][11:16], found["zone"]) == ("09:00", "11:00", "UTC")
