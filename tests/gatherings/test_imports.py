"""Gatherings and who came to them from files: each as its row has it, once, with the facts that follow from it."""

import csv
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest
from django.db.models import Sum
from django.test import Client

from communities.models import Circle
from engagement.models import DirtyDay, Fact
from engagement.selectors import loading
from engagement.services import gatherings
from gatherings.models import Attendance, Event, Room
from gatherings.selectors import sheets as files
from gatherings.services import seats
from kernel import sheets
from kernel.errors import Refused
from kernel.metrics import metrics
from members.actors import Actor
from members.models import AuditEntry
from members.roles import Role
from members.services import merging
from tests import make
from tests.gatherings import holding
from tests.members.imports.files import AT, begin, counts, problems, send

pytestmark = pytest.mark.django_db

REAL = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "rladies-meetup" / "events.csv"
MEMBERS = "member,joined_at\na,2026-01-01T00:00Z\nb,2026-01-01T00:00Z\nc,2026-01-01T00:00Z\n"
HEADER = (
    "event,title,starts_at,status,host,circle,capacity,city,latitude,longitude,online_url,rsvp_yes,waitlist\n"
)


@pytest.fixture
def community():
    made = make.community(timezone="Europe/Berlin")
    send(made, MEMBERS)
    return made


def load(community, text, header=HEADER, **how):
    return send(community, header + text, kind="events", **how)


def came(community, text, **how):
    return send(community, "event,member,status,at\n" + text, kind="attendances", **how)


def facts(community):
    rows = Fact.objects.of(community.pk).filter(verb__in=("hosted", "rsvped", "attended"))
    return list(rows.order_by("occurred_at", "verb", "member").values_list("verb", "member", "occurred_at"))


def one(community):
    return Event.objects.of(community.pk).get()


def test_a_row_is_a_gathering_with_its_room_its_host_and_its_circle(community):
    run = load(
        community,
        "e1,Supper,2026-03-02T18:00+08:00,held,a,Cooks,30,Köln,50.9,6.9,https://meet.example/x,24,2\n",
    )
    assert counts(run) == (1, 0, 0, 0)
    event = one(community)
    assert (event.title, event.state, event.told_held) == ("Supper", "published", True)
    assert event.starts_at == datetime(2026, 3, 2, 10, tzinfo=UTC)
    assert (event.counted_yes, event.counted_waiting, event.city) == (24, 2, "Köln")
    assert (event.latitude, event.longitude, event.audience) == (50.9, 6.9, "members")
    assert event.circle == Circle.objects.get(community=community, name="Cooks")
    assert [(room.way, room.capacity) for room in event.rooms.all()] == [("in_person", 30), ("online", None)]
    assert [kind.price for kind in event.kinds.all()] == [0, 0]
    assert [host.membership.number for host in event.hosts.all()] == [2]
    assert facts(community) == [("hosted", 2, event.starts_at)]
    assert (event.published_at, event.currency) == (event.starts_at, community.currency)


def test_held_cancelled_and_upcoming_are_kept_apart(community):
    run = load(
        community,
        "e1,A,2026-03-02,held,a,,,,,,,,\ne2,B,2026-03-02,cancelled,a,,,,,,,,\ne3,C,2026-03-02,upcoming,a,,,,,,,,\n"
        "e4,D,2027-03-02,upcoming,a,,,,,,,,\ne5,E,2026-03-02,,a,,,,,,,,\n",
    )
    assert counts(run) == (5, 0, 0, 0)
    rows = Event.objects.of(community.pk).order_by("external_id")
    assert list(rows.values_list("external_id", "state", "told_held")) == [
        ("e1", "published", True),
        ("e2", "cancelled", False),
        ("e3", "published", False),
        ("e4", "published", False),
        ("e5", "published", None),
    ]
    # Who holds one has hosted it only where it took place: as the file says, or, where it does not, as the clock does.
    hosted = Fact.objects.of(community.pk).filter(verb="hosted").values_list("object_id", flat=True)
    assert set(hosted) == {str(event.key) for event in rows if event.external_id in ("e1", "e5")}
    assert [event.rooms.get().way for event in rows] == ["in_person"] * 5


def test_a_wall_clock_is_that_of_the_gathering_or_the_community_in_its_first_reading(community):
    header = "event,title,starts_at,timezone\n"
    text = (
        "e1,Skipped,2026-03-29T02:30,\ne2,Repeated,2025-10-26T02:30,\ne3,There,2026-01-05T18:00,America/New_York\n"
        "e4,Told,2026-01-05T18:00-08:00,\n"
    )
    load(community, text, header)
    times = Event.objects.of(community.pk).order_by("external_id").values_list("starts_at", "timezone")
    assert [(f"{at:%m-%d %H:%M}", zone) for at, zone in times] == [
        ("03-29 01:30", "Europe/Berlin"),
        ("10-26 00:30", "Europe/Berlin"),
        ("01-05 23:00", "America/New_York"),
        ("01-06 02:00", "Europe/Berlin"),
    ]


def test_twice_changes_nothing_and_an_empty_cell_says_nothing(community):
    text = "e1,Supper,2026-03-02T18:00,held,a,Cooks,30,Köln,50.9,6.9,,24,2\ne2,Call,2026-03-03,,,,,,,,https://m.example/,,\n"
    load(community, text)
    before = list(Event.objects.of(community.pk).order_by("pk").values())
    assert counts(load(community, text)) == (0, 0, 2, 0)
    assert counts(load(community, "e1,Supper,2026-03-02T18:00,,,,,,,,,,\n")) == (0, 0, 1, 0)
    assert list(Event.objects.of(community.pk).order_by("pk").values()) == before
    assert len(facts(community)) == 1


def test_what_a_file_says_anew_is_taken_over(community):
    load(community, "e1,Supper,2026-03-02T18:00,upcoming,,,10,,,,,3,\n")
    run = load(community, "e1,Late supper,2026-03-02T19:00,held,b,Cooks,12,,,,https://m.example/,5,\n")
    assert counts(run) == (0, 1, 0, 0)
    event = one(community)
    assert (event.title, event.told_held, event.counted_yes, event.revision) == ("Late supper", True, 5, 1)
    assert {room.way: room.capacity for room in event.rooms.all()} == {"in_person": 12, "online": None}
    assert facts(community) == [("hosted", 3, event.starts_at)]
    # What was called off stays so for an older file, and was held if one says so.
    assert counts(load(community, "e1,Late supper,2026-03-02T19:00,cancelled,,,,,,,,,\n")) == (0, 1, 0, 0)
    assert counts(load(community, "e1,Late supper,2026-03-02T19:00,upcoming,,,,,,,,,\n")) == (0, 0, 1, 0)
    assert one(community).state == "cancelled"
    load(community, "e1,Late supper,2026-03-02T19:00,held,,,,,,,,,\n")
    assert (one(community).state, one(community).cancelled_at) == ("published", None)


def test_one_gathering_in_two_rows_of_a_file_is_one(community):
    text = "e1,Supper,2026-03-02T18:00,,,,10,,,,,,\ne1,Supper,2026-03-02T18:00,held,a,,12,,,,,,\n"
    assert counts(load(community, text)) == (1, 1, 0, 0)
    assert [(room.way, room.capacity) for room in one(community).rooms.all()] == [("in_person", 12)]
    assert facts(community) == [("hosted", 2, one(community).starts_at)]


def test_a_bad_row_says_why_and_stops_no_good_one(community):
    run = load(
        community,
        ",No id,2026-03-02,,,,,,,,,,\n"
        "e2,Time,soon,,,,,,,,,,\n"
        "e3,Far,2090-01-01,upcoming,,,,,,,,,\n"
        "e4,Held,2026-09-01,held,,,,,,,,,\n"
        "e5,Host,2026-03-02,held,nobody,,,,,,,,\n"
        "e6,Status,2026-03-02,maybe,,,,,,,,,\n"
        "e7,Half,2026-03-02,,,,,,50.0,,,,\n"
        "e8,Script,2026-03-02,,,,,,,,javascript:alert(1),,\n"
        "e9,Many,2026-03-02,,,,minus,,,,,,\n"
        f"e10,{'x' * 161},2026-03-02,,,,,,,,,,\n"
        "e11,Good,2026-03-02,held,,,,,,,,,\n",
    )
    assert counts(run) == (1, 0, 0, 10)
    assert problems(run) == [
        (2, "event", "needed"),
        (3, "starts_at", "time"),
        (4, "starts_at", "too_far"),
        (5, "starts_at", "not_begun"),
        (6, "host", "unknown_member"),
        (7, "status", "choice"),
        (8, "longitude", "half_a_place"),
        (9, "online_url", "address"),
        (10, "capacity", "whole"),
        (11, "title", "too_long"),
    ]
    zone = load(community, "z,Zone,2026-03-02,Mars/Base,\n", "event,title,starts_at,timezone,ends_at\n")
    assert problems(zone) == [(2, "timezone", "zone")]
    ends = load(community, "z,Ends,2026-03-02,,2026-03-01\n", "event,title,starts_at,timezone,ends_at\n")
    assert problems(ends) == [(2, "ends_at", "ends_before")]


def test_a_file_takes_no_place_away_and_calls_nothing_off_behind_the_back_of_who_comes(community):
    load(community, "e1,Supper,2027-03-02T18:00,upcoming,,,2,,,,,,\n")
    event = one(community)
    for _name in range(2):
        seats.take(kind=holding.kind(event), member=make.member(community), at=AT)
    assert problems(load(community, "e1,Supper,2027-03-02T18:00,,,,1,,,,,,\n")) == [
        (2, "capacity", "places_taken")
    ]
    assert problems(load(community, "e1,Supper,2027-03-02T18:00,cancelled,,,,,,,,,\n")) == [
        (2, "status", "people_come")
    ]
    assert (one(community).state, Room.objects.get(event=event).capacity) == ("published", 2)


def test_answers_and_comings_are_attendances_and_facts(community):
    load(community, "e1,Supper,2026-03-02T18:00Z,held,c,,,,,,,,\n")
    event = one(community)
    run = came(
        community,
        "e1,a,yes,2026-02-20T09:00Z\ne1,a,attended,2026-03-02T18:05Z\ne1,b,attended,\ne1,c,maybe,\n",
    )
    assert counts(run) == (3, 1, 0, 0)
    rows = Attendance.objects.order_by("membership__number")
    begins, twenty = event.starts_at, datetime(2026, 2, 20, 9, tzinfo=UTC)
    assert list(rows.values_list("membership__number", "answer", "answered_at", "came_at")) == [
        (2, "yes", twenty, begins + timedelta(minutes=5)),
        (3, "", None, begins),
        (4, "maybe", None, None),
    ]
    assert facts(community) == [
        ("rsvped", 2, twenty),
        ("attended", 3, begins),
        ("hosted", 4, begins),
        ("attended", 2, begins + timedelta(minutes=5)),
    ]
    targets = Fact.objects.of(community.pk).filter(verb="attended").values_list("target", flat=True)
    assert list(targets) == [4, 4]
    # The days of these facts are rolled up again.
    logged = DirtyDay.objects.filter(community_id=community.pk)
    assert logged.filter(since=None).exists() and logged.filter(since__lte=begins, until__gte=begins).exists()


def test_the_same_attendances_twice_change_nothing(community):
    load(community, "e1,Supper,2026-03-02T18:00Z,held,c,,,,,,,,\n")
    text = "e1,a,yes,\ne1,a,attended,\ne1,b,no,2026-02-20\ne1,#4,waiting,\n"
    assert counts(came(community, text)) == (3, 1, 0, 0)
    before, known = facts(community), list(Attendance.objects.order_by("pk").values())
    assert counts(came(community, text)) == (0, 0, 4, 0)
    assert (facts(community), list(Attendance.objects.order_by("pk").values())) == (before, known)


def test_a_bad_attendance_says_why(community):
    load(
        community,
        "e1,A,2026-03-02,held,,,,,,,,,\ne2,B,2026-03-02,cancelled,,,,,,,,,\ne3,C,2027-01-01,upcoming,,,,,,,,,\n",
    )
    run = came(
        community,
        "e9,a,yes,\ne1,z,yes,\ne1,a,perhaps,\ne2,a,attended,\ne3,a,attended,\ne1,a,yes,2030-01-01\ne3,b,yes,\ne1,a,,\n",
    )
    assert counts(run) == (1, 0, 0, 7)
    assert problems(run) == [
        (2, "event", "unknown_event"),
        (3, "member", "unknown_member"),
        (4, "status", "choice"),
        (5, "status", "was_cancelled"),
        (6, "status", "not_yet"),
        (7, "at", "future"),
        (9, "status", "needed"),
    ]
    # A yes to what is still to come is a fact of the day on which it was told.
    assert facts(community) == [("rsvped", 3, AT)]


def test_who_has_a_place_does_not_lose_it_to_a_file(community):
    load(community, "e1,Supper,2027-03-02T18:00,upcoming,,,2,,,,,,\n")
    member = make.member(community)
    seats.take(kind=holding.kind(one(community)), member=member, at=AT)
    assert problems(came(community, f"e1,#{member.number},no,\n")) == [(2, "status", "has_a_place")]
    assert Attendance.objects.get().answer == "yes"


def test_only_who_plans_gatherings_sends_such_files(community):
    moderator = make.member(community, role=Role.MODERATOR)
    host = make.member(community, role=Role.HOST)
    for kind in ("events", "attendances"):
        with pytest.raises(Refused):
            begin(community, HEADER, kind=kind, by=Actor.person(moderator.user, moderator))
    text = HEADER + "e1,Supper,2026-03-02T18:00,held,,,,,,,,,\n"
    assert counts(send(community, text, kind="events", by=Actor.person(host.user, host))) == (1, 0, 0, 0)


def test_a_gathering_of_a_secret_circle_is_nobodys_who_does_not_know_of_it(community):
    secret = Circle.objects.create(community=community, name="Hidden", slug="hidden", kind="secret")
    load(community, "e1,Supper,2026-03-02T18:00,held,,,,,,,,,\n")
    Event.objects.update(circle=secret)
    assert problems(load(community, "e1,Known now,2026-03-02T18:00,,,,,,,,,,\n")) == [
        (2, "event", "hidden_event")
    ]
    assert problems(came(community, "e1,a,yes,\n")) == [(2, "event", "unknown_event")]
    # Its name opens another one, and does not tell that there is this.
    load(community, "e2,Lunch,2026-03-02T12:00,,,Hidden,,,,,,,\n")
    assert Event.objects.get(external_id="e2").circle.kind == "open"


def test_another_community_is_another_world(community):
    other = make.community("elsewhere")
    load(other, "e1,Supper,2026-03-02T18:00,held,,,,,,,,,\n")
    key = Event.objects.get(community=other).key
    assert counts(load(community, f"{key},Mine,2026-03-02T18:00,,,,,,,,,,\n")) == (1, 0, 0, 0)
    assert Event.objects.get(community=other).title == "Supper"
    assert problems(came(community, "e1,a,yes,\n")) == [(2, "event", "unknown_event")]


def written(header, rows):
    return "".join(sheets.lines(header, rows))


def test_what_leaves_as_a_file_comes_back_unchanged(community):
    owner = make.member(community, role=Role.OWNER)
    load(
        community,
        "e1,Supper,2026-03-02T18:00+08:00,held,a,Cooks,30,Köln,50.9,6.9,https://meet.example/x,24,2\n"
        "e2,=1+1,2026-03-03T18:00,cancelled,,,,,,,,,\ne3,C,2026-03-02,upcoming,,,,,,,,,\ne4,D,2026-03-02,,,,,,,,,,\n",
    )
    came(community, "e1,a,yes,2026-02-20T09:00Z\ne1,a,attended,\ne1,b,attended,\ne1,c,no,\n")
    holding.event(community, host=owner, at=AT, starts_at=AT + timedelta(days=9), ends_at=None)
    told = files.told(SimpleNamespace(community=community, membership=owner))
    events = written(files.EVENTS, files.events(told, AT))
    attended = written(files.ATTENDANCES, files.attendances(told, AT))
    assert len(list(csv.reader(events.splitlines()))) == 6
    before = list(Event.objects.order_by("pk").values()), list(Attendance.objects.order_by("pk").values())
    assert counts(send(community, events.replace("'=1+1", "=1+1"), kind="events")) == (0, 0, 5, 0)
    assert counts(send(community, attended, kind="attendances")) == (0, 0, 4, 0)
    assert before == (
        list(Event.objects.order_by("pk").values()),
        list(Attendance.objects.order_by("pk").values()),
    )
    # Somewhere else it makes the same gatherings and the same facts.
    other = make.community("elsewhere", timezone="Europe/Berlin")
    send(other, MEMBERS)
    make.member(other, role=Role.OWNER)
    assert counts(send(other, events.replace("'=1+1", "=1+1"), kind="events")) == (5, 0, 0, 0)
    assert counts(send(other, attended, kind="attendances")) == (3, 1, 0, 0)
    assert facts(other) == facts(community)


def test_the_figures_read_what_files_brought(community):
    load(
        community,
        "e1,A,2026-03-02,held,,,,Köln,,,,9,\ne2,B,2026-03-02,cancelled,,,,,,,,4,\ne3,C,2026-03-09,upcoming,,,,,,,,,\n"
        "e4,D,2027-03-02,upcoming,,,,,,,,,\ne5,E,2026-05-20,held,,,,,50.9,6.9,,3,\n",
    )
    came(community, "e1,a,yes,\ne1,a,attended,\ne1,b,yes,\ne1,c,attended,\n")
    people = {row.external_id: row for row in community.memberships.exclude(external_id=None)}
    people["a"].city, people["b"].latitude, people["b"].longitude = "cologne", 50.95, 6.95
    for one in people.values():
        one.save()
    past = loading.history(community=community, as_of=AT.date() - timedelta(days=1))
    data = metrics.get("events").compute(past)
    assert (data["held"], data["cancelled"], data["upcoming"], data["unconfirmed"]) == (2, 1, 2, 1)
    assert (data["rsvps"], data["median_rsvps"], data["attended"]) == (12, 6.0, 2)
    assert data["show_rate"] == pytest.approx(1 / 9)
    assert (
        data["afterwards"]["events"],
        data["afterwards"]["came"]["n"],
        data["afterwards"]["absent"]["n"],
    ) == (1, 2, 1)
    local = metrics.get("local").compute(past, window="all")
    assert local["near"] == {"members": 2, "with_gathering": 2, "share": 1.0}
    # Köln and cologne are one city; of one member nothing is told that says where.
    assert [(row["city"], row["members"], row["gatherings"]) for row in local["cities"]] == [(None, 1, 1)]
    # Of two records of one person one came.
    merging.merge(kept=people["a"], merged=people["c"], at=AT, by=Actor.site("tests"))
    data = metrics.get("events").compute(
        loading.history(community=community, as_of=AT.date() - timedelta(days=1))
    )
    assert (data["attended"], data["show_rate"]) == (1, pytest.approx(1 / 9))


def test_the_desk_takes_both_files_along_and_the_log_says_so(community):
    load(community, "e1,Supper,2026-03-02T18:00Z,held,a,Cooks,,,,,,,\n")
    came(community, "e1,a,attended,\n")
    client = Client()
    client.force_login(make.member(community, role=Role.HOST).user)
    desk = f"/c/{community.slug}/desk/events/"
    page = client.get(desk).content.decode()
    for name, line in (("events", "e1,Supper,2026-03-02T19:00:00+01:00"), ("attendances", "e1,a,attended,")):
        assert f"{desk}{name}.csv" in page
        answer = client.get(f"{desk}{name}.csv")
        assert answer["Content-Disposition"].startswith("attachment;")
        assert line in b"".join(answer).decode()
    log = AuditEntry.objects.filter(action="event.exported").order_by("pk")
    assert [entry.after for entry in log] == [{"file": "events"}, {"file": "attendances"}]


def test_two_records_that_came_to_one_gathering_are_one_that_knows_both(community):
    load(community, "e1,Supper,2026-03-02T18:00Z,held,,,,,,,,,\ne2,Lunch,2026-03-03T12:00Z,held,,,,,,,,,\n")
    came(community, "e1,a,maybe,2026-02-20\ne1,b,yes,2026-02-21\ne1,b,attended,\ne2,b,no,\n")
    rows = list(Attendance.objects.order_by("pk").values())
    by_id = {row.external_id: row for row in community.memberships.all()}
    done = merging.merge(kept=by_id["a"], merged=by_id["b"], at=AT, by=Actor.site("tests"))
    kept = Attendance.objects.filter(membership=by_id["a"]).order_by("event__starts_at")
    assert [(row.answer, row.came_at is not None) for row in kept] == [("yes", True), ("no", False)]
    merging.undo(merge=done, at=AT, by=Actor.site("tests"))
    assert list(Attendance.objects.order_by("pk").values()) == rows


@pytest.mark.skipif(
    not REAL.exists() and os.environ.get("CI") != "true",
    reason="The real gatherings' data are not beside the project.",
)
def test_fourteen_years_of_real_gatherings(community):
    at = datetime(2026, 11, 23, tzinfo=UTC)
    text = REAL.read_text("utf-8-sig")
    assert counts(send(community, text, kind="events", at=at)) == (5227, 0, 0, 0)
    rows = Event.objects.of(community.pk)
    assert rows.filter(state="published", told_held=True).count() == 5002
    assert rows.filter(state="cancelled").count() == 223
    assert rows.filter(state="published", told_held=False).count() == 2
    assert rows.aggregate(yes=Sum("counted_yes"))["yes"] == 139_044
    assert rows.values("circle").distinct().count() == 235
    data = metrics.get("events").compute(
        loading.history(community=community, as_of=at.date() - timedelta(days=1))
    )
    yes = pd.read_csv(REAL).query("status == 'held'").rsvp_yes
    assert data == {
        "held": 5002,
        "cancelled": 223,
        "upcoming": 2,
        "unconfirmed": 2,
        "rsvps": int(yes.sum()),
        "mean_rsvps": pytest.approx(yes.mean(), rel=1e-12),
        "median_rsvps": yes.median(),
        "attended": None,
        "show_rate": None,
        "recorded": 0,
        "afterwards": None,
    }
    # Each by itself is what its row says: how many said yes and waited, and of nobody that they came.
    file = pd.read_csv(REAL, dtype={"event": str})
    named, told = dict(rows.values_list("pk", "external_id")), gatherings.held(community=community, at=at)
    assert {named[pk]: one.yes for pk, one in told.items()} == dict(
        file.query("status == 'held'")[["event", "rsvp_yes"]].itertuples(index=False)
    )
    assert {(one.came, one.show_rate, one.first_timers) for one in told.values()} == {(None, None, None)}
    largest = file.sort_values("waitlist").iloc[-1]
    one = gatherings.of(event=rows.get(external_id=largest.event), at=at)
    assert (one.yes, one.waited, one.came) == (largest.rsvp_yes, largest.waitlist, None)
    assert one.reasons["came"] == "no_attendance"
    before = list(rows.order_by("pk").values())
    assert counts(send(community, text, kind="events", at=at)) == (0, 0, 5227, 0)
    assert list(rows.order_by("pk").values()) == before
