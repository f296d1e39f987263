"""Who has which plan, at the desk; and one member's dues, with what staff may do about them."""

from datetime import timedelta

import pytest
from django.test import Client

from commerce.models import Subscription
from commerce.services import complimentary, subscriptions
from kernel.clock import now
from members.models import AuditEntry, Message
from members.roles import Role
from tests import make
from tests.commerce.dues import SITE, plan
from tests.commerce.services.test_subscriptions import pay

pytestmark = pytest.mark.django_db
LIST = "/c/lantern/desk/money/subscriptions/"


@pytest.fixture
def community():
    return make.community("lantern", name="Lantern", currency="CNY")


@pytest.fixture
def monthly(community):
    return plan(community, name="Monthly")


def desk(community, role=Role.TREASURER) -> Client:
    client = Client()
    client.force_login(
        make.member(community, role=role).user, backend="django.contrib.auth.backends.ModelBackend"
    )
    return client


def has(community, of, name, **fields):
    member = make.member(community, name=name)
    return pay(subscriptions.subscribe(membership=member, plan=of, at=now(), by=SITE, **fields), at=now())


def names(client, **wanted):
    page = client.get(LIST, wanted).content.decode()
    return [name for name in ("Ada", "Bob", "Cleo") if f">{name}</a>" in page]


def test_staff_find_who_has_what(community, monthly, django_assert_num_queries):
    yearly = plan(community, 100_000, name="Yearly", interval="year")
    client = desk(community)
    has(community, monthly, "Ada")
    client.get(LIST)
    with django_assert_num_queries(7):
        assert names(client) == ["Ada"]
    bob = has(community, yearly, "Bob")
    subscriptions.cancel(subscription=bob, at=now(), by=SITE)
    until = (now() + timedelta(days=9)).date()
    cleo = make.member(community, name="Cleo")
    complimentary.give(membership=cleo, plan=monthly, until=until, reason="Guest", at=now(), by=SITE)
    with django_assert_num_queries(7):
        assert names(client) == ["Ada", "Bob", "Cleo"]
    assert names(client, status="cancelled") == ["Bob"]
    assert names(client, plan=str(monthly.key)) == ["Ada", "Cleo"]
    assert names(client, kind="complimentary") == ["Cleo"]
    assert names(client, soon="1") == ["Cleo"]
    assert names(client, q="ada") == ["Ada"]
    assert names(client, status="ended") == []
    assert names(client, status="'", plan="x", kind="0", page="x") == ["Ada", "Bob", "Cleo"]


def test_staff_take_change_cancel_and_give(community, monthly):
    ada = make.member(community, name="Ada")
    client, address = desk(community), f"/c/lantern/desk/members/{ada.number}/dues/"

    def act(act, **fields):
        return client.post(f"{address}act/", {"act": act, "plan": monthly.key, **fields}, follow=True)

    act("begin")
    taken = Subscription.objects.get()
    assert (taken.membership, taken.status, taken.changes.count()) == (ada, "pending", 0)
    assert Message.objects.filter(kind="dues.invoice", membership=ada).count() == 1
    pay(taken, at=now())
    act("cancel", reason="Asked by phone")
    taken.refresh_from_db()
    assert (taken.status, taken.cancel_reason) == ("cancelled", "Asked by phone")
    act("resume")
    until = (now() + timedelta(days=90)).date()
    page = act("give", until=until.isoformat(), then="paid", reason="Speaker").content.decode()
    taken.refresh_from_db()
    assert (taken.kind, taken.next_plan) == ("complimentary", monthly) and "Free of charge" in page
    assert list(AuditEntry.objects.filter(object_kind="subscription").order_by("id").values_list("action", flat=True)) == [
        "subscription.begun", "subscription.cancelled", "subscription.kept", "subscription.given",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"act": "begin"},
        {"act": "give", "until": "x"},
        {"act": "cancel"},
        {"act": "begin", "quantity": "-1"},
    ],
)
def test_what_does_not_fit_is_said_and_changes_nothing(community, monthly, fields):
    ada = make.member(community)
    given = {"plan": monthly.key} | fields if "quantity" in fields else fields
    page = desk(community).post(f"/c/lantern/desk/members/{ada.number}/dues/act/", given, follow=True)
    assert page.status_code == 200 and not Subscription.objects.exists()


def test_who_may_see_but_not_act(community, monthly):
    ada = make.member(community, name="Ada")
    client = desk(community, Role.MANAGER)
    page = client.get(f"/c/lantern/desk/members/{ada.number}/dues/").content.decode()
    assert "Dues of Ada" in page and "Give a plan free of charge" not in page
    assert "No plan" in client.get(f"/c/lantern/desk/members/{ada.number}/").content.decode()
