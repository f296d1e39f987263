"""The figures of one gathering as its hosts and the staff read them, on the page, as files and over the API."""

from datetime import timedelta

import pytest
from django.core.cache import cache

from commerce.models import Entry, Order, Refund
from commerce.services import refunds
from communities.models import Circle
from engagement.services import gatherings
from gatherings.models import Event, EventReader
from gatherings.services import door, events, seats
from gatherings.services.taking import Guest
from kernel.clock import now
from members.models import AuditEntry
from members.roles import Role
from tests import api, make
from tests.commerce import paying
from tests.commerce.dues import AT, SITE
from tests.gatherings import buying, holding
from tests.gatherings.buying import LATE, PRICE
from tests.gatherings.views.test_events import client_of, gathering

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _nothing_is_remembered():
    cache.clear()


@pytest.fixture
def community():
    return make.community("lantern", at=now() - timedelta(days=90))


def met(community, *, days=-40, host=None, come=1, stay_away=1, **fields):
    """A gathering so many days ago, to which some came who had said yes, one of them for the first time, and some did not."""
    begins = now() + timedelta(days=days)
    event = gathering(community, days=days, host=host, **fields)
    people = [make.member(community, at=begins - timedelta(days=20)) for _n in range(come + stay_away)]
    for n, member in enumerate(people):
        seats.take(kind=holding.kind(event), member=member, at=begins - timedelta(days=1))
        if n < come:
            door.check_in(event=event, member=member, at=begins, by=make.SITE)
    return event, people


@pytest.fixture(autouse=True)
def _planned_long_ago(monkeypatch):
    """Gatherings that were held were announced before."""
    plan = holding.event
    monkeypatch.setattr(
        holding, "event", lambda of, *, at, **fields: plan(of, at=at - timedelta(days=60), **fields)
    )


def test_they_are_for_its_hosts_and_for_who_reads_figures(community):
    host, guest_of_it = make.member(community), make.member(community)
    event, _people = met(community, host=host)
    path = f"/c/lantern/events/{event.key}/"
    told = {who: client_of(who).get(f"{path}figures/").status_code for who in (host, guest_of_it)}
    assert told == {host: 200, guest_of_it: 403}
    assert client_of(make.member(community, role=Role.TREASURER)).get(f"{path}figures/").status_code == 200
    assert client_of().get(f"{path}figures/").status_code == 302
    doors = {who: "figures/" in client_of(who).get(path).content.decode() for who in (host, guest_of_it)}
    assert doors == {host: True, guest_of_it: False}
    # Who is at its door takes the people along too, and the log says so.
    lines = b"".join(client_of(host).get(f"{path}figures/people.csv")).decode().splitlines()
    assert lines[0].endswith("member,name,guest,answer,came_at,first_time,active_days_before,active_after")
    assert [line.split(",")[5] for line in lines[1:]] == ["yes", ""]
    assert AuditEntry.objects.filter(action="event.list_taken").count() == 1
    treasurer = client_of(make.member(community, role=Role.TREASURER))
    assert treasurer.get(f"{path}figures/people.csv").status_code == 403
    assert "Show rate,0.5,2," in b"".join(treasurer.get(f"{path}figures/figures.csv")).decode()


def test_of_a_secret_circle_s_gathering_nobody_outside_is_told(community):
    circle = Circle.objects.create(community=community, slug="s", name="S", kind="secret")
    event = gathering(community, days=-2, title="Hush", circle=circle)
    owner = community.memberships.get(role=Role.OWNER)
    for name in ("", "figures.csv", "people.csv"):
        assert client_of(owner).get(f"/c/lantern/events/{event.key}/figures/{name}").status_code == 404
    assert "Hush" not in client_of(owner).get("/c/lantern/desk/events/held/").content.decode()
    assert api.Program(community).get(f"events/{event.key}/figures/").status_code == 404


def test_what_cannot_be_known_says_why(community, monkeypatch):
    owner = community.memberships.get(role=Role.OWNER)

    def why(event):
        event.community = community
        return gatherings.of(event=event, at=now()).reasons

    coming = gathering(community, days=3)
    assert set(why(coming).values()) == {"not_begun"}
    held = gathering(community, days=-2, circle=community.circles.first())
    assert why(held)["came"] == "no_attendance" and why(held)["audience"] == "not_kept"
    lately, _people = met(community, days=-3, come=2)
    assert why(lately) == {"ties_begun": "too_young", "afterwards": "too_young"}
    monkeypatch.setattr(gatherings, "TOGETHER", 2)
    large, people = met(community, come=3)
    found = gatherings.of(event=Event.objects.get(pk=large.pk), at=now())
    assert (found.came, found.reasons["ties_begun"], found.show_rate) == (3, "too_many", 3 / 4)
    assert found.afterwards["came"]["n"] == 3 == found.afterwards["matched"]["n"] + found.unmatched
    body = client_of(owner).get(f"/c/lantern/events/{lately.key}/figures/").content.decode()
    assert "the four weeks after it are not over" in body and "keener people come" in body


def test_the_page_asks_as_often_however_many_came(community, django_assert_num_queries):
    client = client_of(community.memberships.get(role=Role.OWNER))
    event, _people = met(community, come=2)
    many, _others = met(community, come=6)
    client.get(f"/c/lantern/events/{event.key}/figures/")
    for one in (event, many):
        with django_assert_num_queries(24):
            client.get(f"/c/lantern/events/{one.key}/figures/")


def test_the_table_of_those_held(community, django_assert_num_queries):
    client = client_of(community.memberships.get(role=Role.OWNER))
    path = "/c/lantern/desk/events/held/"
    assert "Nothing has been held yet" in client.get(path).content.decode()
    met(community, title="Bread", come=3, stay_away=1)
    met(community, title="Apples", days=-50, come=1, stay_away=4)
    gathering(community, title="To come")
    events.cancel(
        event=gathering(community, days=-0.01, title="Called off"), reason="", at=now(), by=make.SITE
    )

    def titles(**asked):
        body = client.get(path, asked).content.decode()
        found = [title for title in ("Bread", "Apples", "To come", "Called off") if f">{title}<" in body]
        return sorted(found, key=body.index)

    assert titles() == ["Bread", "Apples"] == titles(sort="title")[::-1]
    assert titles(sort="show_rate") == titles(sort="yes")[::-1] == titles(sort="-yes") == ["Apples", "Bread"]
    assert titles(sort="-came") == titles(sort="-first_timers") == ["Bread", "Apples"]
    assert titles(q="app", sort="nonsense") == ["Apples"] and titles(q="zzz") == []
    with django_assert_num_queries(14):
        client.get(path)
    for n in range(3):
        met(community, days=-60 - n, come=2)
    with django_assert_num_queries(14):
        client.get(path)


def test_whom_it_reached_is_kept_once_and_without_a_time(community):
    member, event = make.member(community), gathering(community)
    client, path = client_of(member), f"/c/lantern/events/{event.key}/"
    client.get(path, headers={"HX-Request": "true"})
    client.get(path, headers={"Sec-Purpose": "prefetch"})
    client_of().get(path)
    assert EventReader.objects.count() == 0
    for _n in range(2):
        client.get(path)
        cache.clear()
    client.get(f"/c/lantern/events/{gathering(community, days=-2).key}/")
    client_of(community.memberships.get(role=Role.OWNER)).get(
        f"/c/lantern/events/{gathering(community, announced=False).key}/"
    )
    assert list(EventReader.objects.values_list("event", "membership")) == [(event.pk, member.pk)]
    assert {field.name for field in EventReader._meta.fields} == {"id", "event", "membership"}


def test_its_money_is_the_ledger_s_and_for_who_may_see_it(sandbox):
    community = paying.community()
    account = paying.connected(community, sandbox)
    kind = buying.priced(community, places=5)
    taken = [buying.take(kind, make.member(community)) for _n in range(2)]
    taken.append(buying.take(kind, Guest("Ada", "ada@example.org")))
    for one in taken:
        buying.pay(one, account, sandbox)
    other = buying.priced(community, title="Other")
    buying.pay(buying.take(other, make.member(community)), account, sandbox)
    seats.give_back(ticket=taken[0].ticket, at=AT)
    buying.take(kind, make.member(community))
    buying.end(LATE)
    for refund in Refund.objects.all():
        refunds.send(refund, at=LATE, by=SITE)
    event = Event.objects.select_related("community").get(pk=kind.event_id)
    found = gatherings.of(event=event, at=LATE)
    orders = [Order.objects.get(key=one.ticket.order) for one in taken]
    back = sum(refund.amount for refund in Refund.objects.filter(payment__invoice__order__in=orders))
    assert [(one.collected.amount, one.refunded.amount) for one in found.money] == [(3 * PRICE, back)]
    entries = Entry.objects.filter(community=community, account__in=("bank", "clearing"))
    ledger = {
        way: sum(abs(one.amount) for one in entries.filter(transaction__kind=way))
        for way in ("payment", "refund")
    }
    assert ledger == {"payment": 4 * PRICE, "refund": back}
    (sold,) = found.kinds
    assert (sold.taken, sold.held, sold.given_back, sold.expired, sold.guests, sold.capacity) == (
        2,
        0,
        1,
        1,
        1,
        5,
    )
    assert (found.taken, found.capacity, found.reached_guests) == (2, 5, 1)
    path = f"events/{event.key}/figures/"
    whole = api.Program(community).get(path).json()
    currency = event.currency
    assert whole["money"][0]["collected"] == {"amount": "150.00", "currency": currency}
    host = make.member(community, role=Role.HOST)
    browser = api.browser(host.user)
    assert "money" not in browser.get(f"/api/v1/communities/{community.slug}/{path}").json()
    page = browser.get(f"/c/{community.slug}/{path}").content.decode()
    assert "150.00" not in page and "Collected" not in page


def test_over_the_api(community):
    host = make.member(community)
    event, people = met(community, host=host, come=2)
    program = api.Program(community)
    found = program.get(f"events/{event.key}/figures/").json()
    assert {name: found[name] for name in ("yes", "came", "show_rate", "first_timers", "pairs", "reasons")} == {
        "yes": 3, "came": 2, "show_rate": 2 / 3, "first_timers": 2, "pairs": 1, "reasons": {"interval": "no_interval"},
    }  # fmt: skip
    assert found["ways"] == [{"way": "in_person", "places": None, "taken": 3}]
    root = f"/api/v1/communities/lantern/events/{event.key}"
    assert api.browser(host.user).get(f"{root}/figures/").status_code == 200
    assert api.browser(people[0].user).get(f"{root}/figures/").status_code == 403
    assert api.browser(people[0].user).get(f"{root}/people/").status_code == 403
    lines = b"".join(api.browser(host.user).get(f"{root}/people/")).decode().splitlines()
    assert len(lines) == 4 and lines[0].endswith("member,name,answer,way,came_at,let_in_by,waiting_since")


def test_programs_take_the_desk_s_files_along_as_the_desk_does(community):
    met(community, title="Supper")
    secret = Circle.objects.create(community=community, slug="s", name="S", kind="secret")
    gathering(community, days=-3, title="Hush", circle=secret)
    client = client_of(community.memberships.get(role=Role.OWNER))
    for name in ("events", "attendances"):
        answer = api.Program(community).get(f"{name}/export/")
        assert answer["Content-Type"].startswith("text/csv") and answer.streaming
        told = b"".join(answer)
        assert told == b"".join(client.get(f"/c/lantern/desk/events/{name}.csv"))
        assert b"Hush" not in told
    log = AuditEntry.objects.filter(action="event.exported").order_by("pk")

    assert [entry.after["file"] for entry in log] == ["events", "events", "attendances", "attendances"]
    assert api.Program(community, "write").get("events/export/").status_code == 403
