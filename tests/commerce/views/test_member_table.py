"""The member table's columns of dues: for who may see the money, and by no way at all for anybody else."""

import csv
import io
from dataclasses import replace

import pytest
from django.test import Client
from django.urls import reverse

from kernel.permissions import permissions, unlimited
from members.models import BulkAct, Membership, Segment
from members.roles import Role
from members.selectors import rules, segments
from members.views.asked import written
from tests import make
from tests.commerce.dues import plan
from tests.commerce.standing import subscribed

pytestmark = pytest.mark.django_db
DUES = ["plan", "paid_until", "dues"]
LATE = {"all": [{"any": [{"field": "dues", "is": "is", "value": ["late"]}]}]}
#: Every way in which an address can ask about dues.
ASKED = [
    {"dues": "late"},
    {"dues": "paid"},
    {"plan": "month"},
    {"paid_until_from": "2026-01-01"},
    {"paid_until_to": "2026-12-31"},
    {"rules": written(LATE)},
    {"rules": written({"all": [{"field": "plan", "is": "known"}]})},
]


@pytest.fixture
def community(settings):
    settings.USERSESSIONS_TRACK_ACTIVITY = False
    community = make.community("lantern", owner=make.person(name="Ada"), currency="CNY")
    monthly = plan(community, name="Monthly")
    subscribed(make.member(community, name="Bob"), monthly, status="past_due")
    subscribed(make.member(community, name="Cleo"), monthly, status="active")
    return community


@pytest.fixture
def late(community):
    return Segment.objects.create(
        community=community, name="Late ones", rules=LATE, made_at=make.EARLY, changed_at=make.EARLY
    )


@pytest.fixture
def strict():
    """A product in which managers change members and do not see the money."""
    known = permissions.get("money.view")
    permissions.replace("money.view", replace(known, roles=known.roles - {Role.MANAGER.value}))
    yield
    permissions.replace("money.view", known)


def staff(community, role, columns=None) -> Client:
    member = make.member(community, role=role, name=role.label)
    Membership.objects.filter(pk=member.pk).update(desk_columns=columns)
    client = Client()
    client.force_login(member.user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def url(name="desk", *args):
    return reverse(f"members:{name}", args=["lantern", *args])


def names(response):
    return [row.display_name for row in response.context["page"].rows]


def heads(response):
    return [head["column"].key for head in response.context["heads"]]


def test_a_treasurer_chooses_filters_sorts_and_takes_them_along(community):
    client = staff(community, Role.TREASURER)
    assert '<select name="dues"' in client.get(url()).content.decode()
    assert [one.key for one in client.get(url("columns")).context["others"] if one.key in DUES] == DUES
    client.post(url("columns"), {"column": ["dues", "paid_until", "plan"]})
    page = client.get(url(), {"dues": "late"})
    assert (heads(page), names(page)) == (["name", "dues", "paid_until", "plan"], ["Bob"])
    assert [cell.words for cell in page.context["page"].rows[0].cells][::2] == ["Late, in grace", "Monthly"]
    assert names(client.get(url(), {"plan": "MONTH", "sort": "dues"})) == ["Bob", "Cleo"]
    assert names(client.get(url(), {"paid_until_from": "2026-04-01"})) == []
    file = client.get(url("export"), {"plan": "month", "sort": "-dues"}).getvalue().decode("utf-8-sig")
    assert list(csv.reader(io.StringIO(file))) == [
        ["Member", "Dues", "Paid until", "Plan"],
        ["Cleo", "paid", "2026-03-31", "Monthly"],
        ["Bob", "grace", "2026-03-31", "Monthly"],
    ]


def test_the_columns_take_no_query_more(community, django_assert_num_queries):
    client = staff(community, Role.TREASURER)
    client.get(url())
    with django_assert_num_queries(7):
        client.get(url())
    client.post(url("columns"), {"column": DUES})
    with django_assert_num_queries(7):
        client.get(url())
    with django_assert_num_queries(7):
        client.get(url(), {"dues": "late", "sort": "-paid_until"})


def test_others_are_not_told_that_there_are_such_columns(community, late):
    host = staff(community, Role.HOST, columns=["city", *DUES])
    page = host.get(url())
    assert heads(page) == ["name", "city"]
    assert late not in page.context["asked"].segments
    assert not {*DUES, "paid_until_from"} & set(page.context["form"].fields)
    assert not set(DUES) & {field.key for field in page.context["fields"]}
    for told in ("Dues", "Paid until", "Late ones", "Monthly"):
        assert told not in page.content.decode()
    chosen = host.get(url("columns")).context
    assert not set(DUES) & {one.key for one in [*chosen["shown"], *chosen["others"]]}
    host.post(url("columns"), {"column": ["dues", "email"]})
    assert heads(host.get(url())) == ["name", "email"]
    file = host.get(url("export"), {"sort": "dues"}).getvalue().decode("utf-8-sig")
    assert next(csv.reader(io.StringIO(file))) == ["Member", "E-mail address"]
    assert host.get(url("condition"), {"c_field": "dues"}).context["field"] is None


@pytest.mark.parametrize("asked", ASKED, ids=lambda asked: "=".join(*asked.items())[:30])
def test_a_link_that_asks_about_dues_says_so_and_lists_nobody(community, asked):
    for role in (Role.HOST, Role.MODERATOR):
        client = staff(community, role)
        for more in ({}, {"city": "Paris"}, {"sort": "dues"}):
            page = client.get(url(), {**asked, **more})
            assert (names(page), page.context["count"].number) == ([], 0)
            assert "asks about what your role does not show" in page.content.decode()
        file = client.get(url("export"), asked)
        assert (file.status_code, file["Location"].split("?")[0]) == (302, url())
    treasurer = staff(community, Role.TREASURER).get(url(), asked)
    assert treasurer.context["asked"].problem == ""


def test_an_order_by_what_one_may_not_see_is_no_order(community):
    host = staff(community, Role.HOST)
    by_name = names(host.get(url()))
    for key in DUES:
        assert [names(host.get(url(), {"sort": f"{sign}{key}"})) for sign in ("", "-")] == [
            by_name,
            by_name[::-1],
        ]


def test_a_segment_about_dues_does_not_exist_for_them(community, late, strict):
    place = f"{url()}?segment={late.pk}"
    treasurer, manager = staff(community, Role.TREASURER), staff(community, Role.MANAGER)
    assert (names(treasurer.get(place)), treasurer.get(url("segment_count", late.pk)).content) == (
        ["Bob"],
        b"1",
    )
    page = manager.get(place)
    assert (names(page), page.context["count"].number, page.context["tabs"]) == ([], 0, [])
    assert "This segment is not there any more, or not for your role" in page.content.decode()
    assert manager.get(url("segments")).context["lines"] == []
    for name in ("segment", "segment_count"):
        assert manager.get(url(name, late.pk)).status_code == 404
    assert manager.post(url("segment", late.pk), {"name": "Mine"}).status_code == 404
    assert manager.post(url("delete_segment", late.pk)).status_code == 404
    changed = f"{url('new_segment')}?segment={late.pk}&city=Paris"
    assert manager.post(changed, {"change": "1"}).status_code == 200
    assert manager.post(f"{url('new_segment')}?dues=late", {"name": "Mine"}).status_code == 200
    late.refresh_from_db()
    assert ([one.name for one in Segment.objects.all()], late.rules) == (["Late ones"], LATE)


@pytest.mark.parametrize("asked", [*ASKED, {"segment": ""}], ids=lambda asked: "=".join(*asked.items())[:30])
def test_nothing_is_done_to_whom_one_may_not_find(community, late, strict, asked):
    asked = {"segment": late.pk} if "segment" in asked else asked
    query = {**asked, "all": "1"}
    manager, form = staff(community, Role.MANAGER), {"what": "tag", "tag": "late"}
    begin = manager.get(url("begin_bulk"), query)
    assert begin.context["count"].number == 0
    address = f"{url('begin_bulk')}?" + begin.context["query"] + "&all=1"
    assert manager.post(address, form).status_code == 200
    assert not BulkAct.objects.exists()
    owner = Client()
    owner.force_login(
        community.memberships.get(role=Role.OWNER).user, backend="django.contrib.auth.backends.ModelBackend"
    )
    assert owner.post(address, form).status_code == 302


def test_what_the_site_does_by_itself_reads_such_a_segment_as_it_is(community, late):
    catalogue = rules.catalogue(community, may=unlimited)
    fits = segments.condition(late, community=community, catalogue=catalogue, at=make.EARLY)
    assert [member.name for member in Membership.objects.of(community.pk).filter(fits)] == ["Bob"]


def test_a_segment_about_anything_else_stays_everybody_s(community):
    named = {
        "all": [
            {"field": "tags", "is": "has", "value": "dues"},
            {"field": "city", "is": "is", "value": "plan"},
        ]
    }
    kept = Segment.objects.create(
        community=community, name="Words", rules=named, made_at=make.EARLY, changed_at=make.EARLY
    )
    assert staff(community, Role.HOST).get(url()).context["tabs"] == [kept]


def test_the_same_number_of_queries_for_who_may_not_see(community, late, django_assert_num_queries):
    host = staff(community, Role.HOST)
    host.get(url())
    with django_assert_num_queries(8):
        host.get(url())
