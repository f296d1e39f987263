"""What channels cost: entered, changed, removed, taken back; told in the log, and in the figures."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from engagement.models import DirtyDay, Spend
from engagement.selectors.referrals import StoredReferrals
from engagement.services import refresh, spends
from engagement.services.spends import Cost
from kernel.clock import last_complete_day, now
from kernel.errors import Refused
from kernel.money import Money
from members.actors import Actor
from members.models import AuditEntry, Membership
from members.roles import Role
from tests import api, make
from tests.engagement import acting

pytestmark = pytest.mark.django_db

NOW = now()
COST = Cost("wechat", "spring", date(2026, 3, 1), date(2026, 3, 10), Money(50_000, "EUR"), "Two articles")
PAGE = "/c/lantern/desk/growth/costs/"


@pytest.fixture
def community(settings):
    settings.USERSESSIONS_TRACK_ACTIVITY = False
    return make.community("lantern")


def staff(community, role=Role.TREASURER):
    member = make.member(community, role=role)
    return Actor.person(member.user, member)


def test_it_is_entered_changed_removed_and_taken_back(community):
    by = staff(community)
    spend = spends.add(community=community, cost=COST, at=NOW, by=by)
    changed = Cost("wechat", "spring", COST.first, COST.last, Money(4_000, "JPY"), "Two articles")
    spend = spends.change(spend=spend, cost=changed, at=NOW, by=by)
    spends.change(spend=spend, cost=changed, at=NOW, by=by)
    spends.remove(spend=spend, at=NOW, by=by)
    spends.remove(spend=spend, at=NOW, by=by)
    assert not len(StoredReferrals(community.pk).spends.way)
    with pytest.raises(Refused, match="removed"):
        spends.change(spend=spend, cost=COST, at=NOW, by=by)
    spends.take_back(spend=spend, at=NOW, by=by)
    assert StoredReferrals(community.pk).ways == [("wechat", "spring")]
    entries = AuditEntry.objects.filter(object_kind="spend").order_by("id")
    assert [entry.action for entry in entries] == [
        "spend.entered", "spend.changed", "spend.removed", "spend.taken_back",
    ]  # fmt: skip
    assert entries[1].before == {"amount": "500.00 EUR"}
    assert entries[1].after == {"amount": "4000 JPY"}
    assert DirtyDay.objects.filter(community_id=community.pk, since=None).count() >= 4


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"channel": " "}, "channel"),
        ({"last": date(2026, 2, 28)}, "days"),
        ({"last": date(2027, 3, 2)}, "days"),
        ({"money": Money(0, "EUR")}, "amount"),
    ],
)
def test_what_is_no_cost_is_refused(community, fields, code):
    given = {name: getattr(COST, name) for name in ("channel", "campaign", "first", "last", "money", "note")}
    with pytest.raises(Refused) as refused:
        spends.add(community=community, cost=Cost(**(given | fields)), at=NOW, by=staff(community))
    assert refused.value.code == code
    assert not Spend.objects.exists()


def test_a_channel_is_the_same_in_small_letters_and_in_capitals(community):
    one = make.member(community)
    Membership.objects.filter(pk=one.pk).update(channel="WeChat", campaign="Spring")
    made = spends.add(community=community, cost=replace(COST, channel=" wechat"), at=NOW, by=staff(community))
    assert (made.channel, made.campaign) == ("WeChat", "Spring")
    made = spends.add(community=community, cost=replace(COST, channel="Fair"), at=NOW, by=staff(community))
    assert (made.channel, made.campaign) == ("Fair", "spring")


def test_who_does_not_see_the_money_enters_none(community):
    with pytest.raises(Refused):
        spends.add(community=community, cost=COST, at=NOW, by=staff(community, Role.HOST))
    assert not Spend.objects.exists()


def test_the_desk_enters_changes_and_takes_back(client, community):
    client.force_login(Membership.objects.of(community.id).get().user)
    given = {"channel": "wechat", "campaign": "", "first": "2026-03-01", "last": "2026-03-10", "amount": "12.50",
             "currency": "eur", "note": ""}  # fmt: skip
    assert client.post(PAGE, given).headers["Location"] == PAGE
    spend = Spend.objects.get()
    assert (spend.amount, spend.currency) == (1250, "EUR")
    assert "€12.50" in client.get(PAGE).content.decode()
    wrong = client.post(f"{PAGE}{spend.key}/", given | {"last": "2026-02-01"})
    assert "The last day comes before the first." in wrong.content.decode()
    assert "Currency" in client.post(PAGE, given | {"currency": "XXQ"}).content.decode()
    client.post(f"{PAGE}{spend.key}/", given | {"amount": "9"})
    client.post(f"{PAGE}{spend.key}/remove/")
    spend.refresh_from_db()
    assert spend.amount == 900
    assert spend.removed_at is not None
    assert "Take back" in client.get(PAGE).content.decode()
    client.post(f"{PAGE}{spend.key}/remove/", {"back": "1"})
    spend.refresh_from_db()
    assert spend.removed_at is None


@pytest.mark.parametrize("many", [1, 3])
def test_the_list_asks_the_same_of_one_and_of_three(client, community, many, django_assert_num_queries):
    client.force_login(Membership.objects.of(community.id).get().user)
    client.get(PAGE)
    for _n in range(many):
        acting.a_cost(community)
        acting.a_cost(community, removed_at=NOW)
    with django_assert_num_queries(7):
        client.get(PAGE)


def test_the_api_does_the_same(community):
    program = api.Program(community)
    body = {"channel": "wechat", "first": "2026-03-01", "last": "2026-03-31",
            "amount": {"amount": "500.00", "currency": "CNY"}}  # fmt: skip
    made = program.post("spends/", body)
    assert made.status_code == 201
    key = made.json()["id"]
    assert made.json()["amount"] == {"amount": "500.00", "currency": "CNY"}
    assert program.post("spends/", body | {"amount": {"amount": "0", "currency": "CNY"}}).status_code == 422
    changed = program.patch(f"spends/{key}/", {"amount": {"amount": "450.00", "currency": "CNY"}})
    assert changed.json()["amount"]["amount"] == "450.00"
    assert program.post(f"spends/{key}/remove/").json()["removed_at"] is not None
    assert program.get("spends/").json()["results"] == []
    assert [one["id"] for one in program.get("spends/?removed=true").json()["results"]] == [key]
    assert program.post(f"spends/{key}/take-back/").json()["removed_at"] is None


def test_what_each_who_joined_cost_is_in_the_figure_for_who_sees_the_money(client, community):
    day = last_complete_day(community.zone, NOW)
    for n in range(2):
        one = make.member(community, at=NOW - timedelta(days=40 + n))
        Membership.objects.filter(pk=one.pk).update(channel="wechat", campaign="spring")
    acting.a_cost(community, campaign="spring", first=day - timedelta(days=49), last=day, amount=10_000)
    acting.a_cost(community, "fair", first=day, last=day, amount=900)
    refresh.refresh(community_id=community.pk, at=NOW)
    rows = {row["channel"]: row for row in api.Program(community).get("metrics/channels/").json()["data"]}
    # 100.00 on 50 days: 36 of them are 14 or more days ago, 20 are 30 or more.
    (cost,) = rows["wechat"]["costs"]
    assert (cost["spent"], cost["per_joined"], cost["per_activated"]) == ("100.00", "50.00", None)
    assert rows["fair"]["costs"][0] | {"spent": "9.00"} == {
        "currency": "EUR", "spent": "9.00", "per_joined": None, "per_activated": None, "per_retained": None,
        "per_paid": None,
    }  # fmt: skip
    assert (rows[None]["costs"], rows[None]["no_costs"]) == (None, "none_entered")
    client.force_login(Membership.objects.of(community.id).get(role=Role.OWNER).user)
    assert "€50.00" in client.get("/c/lantern/desk/growth/").content.decode()
    client.force_login(make.member(community, role=Role.HOST).user)
    seen = client.get("/c/lantern/desk/growth/").content.decode()
    assert "wechat · spring" in seen
    assert "€50.00" not in seen
    assert "Paid within 30 days" not in seen
    told = client.get("/api/v1/communities/lantern/metrics/channels/").json()["data"]
    assert all("paid" not in row and "costs" not in row for row in told)
    table = b"".join(client.get("/c/lantern/desk/figures/channels/csv/").streaming_content).decode()
    assert "100.00" not in table
