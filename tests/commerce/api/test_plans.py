"""Plans and coupons by the API."""

import pytest

from commerce.models import Coupon, Plan
from members.models import AuditEntry
from members.roles import Role
from tests import api, make
from tests.api import where
from tests.commerce import dues

pytestmark = pytest.mark.django_db

YEAR = {
    "tier": "member",
    "name": "A year",
    "price": {"amount": "360.50", "currency": "CNY"},
    "interval": "year",
    "tax_percent": "6.25",
}


@pytest.fixture
def community():
    found = make.community(currency="CNY")
    found.tiers.filter(is_default=True).update(key="member")
    return found


@pytest.fixture
def program(community):
    return api.Program(community)


def test_a_plan_is_made_read_worded_and_put_away(program):
    made = program.post("plans/", YEAR | {"trial_days": 14, "description": "All of it"})
    key = made.json()["key"]
    assert (made.status_code, made["Location"].endswith(f"/plans/{key}/")) == (201, True)
    told = made.json()
    assert [told.pop(name) for name in ("key", "created_at")] != ["", ""]
    assert told == {
        "name": "A year",
        "description": "All of it",
        "tier": "member",
        "price": {"amount": "360.50", "currency": "CNY"},
        "interval": "year",
        "length_days": None,
        "group": False,
        "trial_days": 14,
        "grace_days": 14,
        "tax_percent": "6.25",
        "visible": True,
        "position": 0,
        "archived_at": None,
        "subscribed": 0,
    }
    plan = Plan.objects.get()
    assert (plan.amount, plan.currency, plan.tax_rate) == (36_050, "CNY", 625)
    seen = program.get(f"plans/{key}/")["ETag"]
    changed = program.patch(f"plans/{key}/", {"name": "12 months", "tax_percent": "0"}, **{"If-Match": seen})
    assert (changed.status_code, changed.json()["name"], changed.json()["tax_percent"]) == (
        200,
        "12 months",
        "0.00",
    )
    assert program.patch(f"plans/{key}/", {"name": "Late"}, **{"If-Match": seen}).status_code == 412
    assert program.post(f"plans/{key}/archive/").json()["archived_at"] is not None
    assert program.patch(f"plans/{key}/", {"name": "x"}).json()["code"] == "archived"
    assert [len(program.get(f"plans/{asked}").json()["results"]) for asked in ("", "?archived=true")] == [
        0,
        1,
    ]
    assert set(AuditEntry.objects.filter(object_kind="plan").values_list("action", flat=True)) == {
        "plan.created",
        "plan.changed",
        "plan.archived",
    }


@pytest.mark.parametrize(
    ("currency", "written", "kept"),
    [("JPY", "1200", 1200), ("KWD", "1.005", 1005), ("CNY", "12", 1200), ("CNY", "0", 0), ("USD", "0.01", 1)],
)
def test_an_amount_is_read_and_written_by_its_currency(program, currency, written, kept):
    price = {"amount": written, "currency": currency}
    made = program.post("plans/", YEAR | {"price": price})
    assert (made.status_code, Plan.objects.get().amount) == (201, kept)
    decimals = {"JPY": 0, "KWD": 3}.get(currency, 2)
    assert len(made.json()["price"]["amount"].partition(".")[2]) == decimals


@pytest.mark.parametrize(
    ("price", "status", "fault"),
    [
        ({"amount": "12.005", "currency": "CNY"}, 422, ("#/price/amount", "decimals")),
        ({"amount": "1.5", "currency": "JPY"}, 422, ("#/price/amount", "decimals")),
        ({"amount": "9999999999999999", "currency": "CNY"}, 422, ("#/price/amount", "amount")),
        ({"amount": "1", "currency": "ZZZ"}, 422, ("#/price/currency", "unknown")),
        ({"amount": "-1", "currency": "CNY"}, 400, ("#/price/amount", "form")),
        ({"amount": "1e3", "currency": "CNY"}, 400, ("#/price/amount", "form")),
        ({"amount": "１２", "currency": "CNY"}, 400, ("#/price/amount", "form")),
        ({"amount": 12.5, "currency": "CNY"}, 400, ("#/price/amount", "invalid")),
        ({"amount": "1", "currency": "cny"}, 400, ("#/price/currency", "form")),
        ({"amount": "1"}, 400, ("#/price/currency", "required")),
        (12, 400, ("#/price", "invalid")),
    ],
)
def test_what_is_no_price_is_refused_where_it_is_wrong(program, price, status, fault):
    answer = program.post("plans/", YEAR | {"price": price})
    assert (answer.status_code, where(answer)) == (status, [fault])
    assert not Plan.objects.exists()


@pytest.mark.parametrize(
    ("wrong", "status", "fault"),
    [
        ({"tier": "nobody"}, 422, ("#/tier", "unknown")),
        ({"interval": "once"}, 422, ("#/length_days", "days")),
        ({"tax_percent": "100.01"}, 400, ("#/tax_percent", "form")),
        ({"tax_percent": 6.5}, 400, ("#/tax_percent", "invalid")),
        ({"interval": "week"}, 400, ("#/interval", "invalid_choice")),
        ({"amount": 12}, 400, ("#/amount", "unknown_field")),
    ],
)
def test_what_does_not_fit_is_named(program, wrong, status, fault):
    answer = program.post("plans/", YEAR | wrong)
    assert (answer.status_code, where(answer)) == (status, [fault])


def test_members_see_what_they_can_take_and_no_figures_of_it(community):
    dues.plan(community, name="Open")
    dues.plan(community, name="Given", visible=False)
    root = f"/api/v1/communities/{community.slug}/plans/"
    for role, names, subscribed in (
        (Role.MEMBER, ["Open"], None),
        (Role.MANAGER, ["Open", "Given"], 0),
    ):
        found = api.browser(make.member(community, role=role).user).get(root).json()["results"]
        assert ([plan["name"] for plan in found], found[0]["subscribed"]) == (names, subscribed)


def test_a_coupon_is_made_once_and_ended(program, community):
    plan = dues.plan(community)
    asked = {"code": "spring-26", "percent_off": "12.5", "periods": 2, "plans": [str(plan.key)]}
    made = program.post("coupons/", asked)
    told = made.json()
    assert (made.status_code, told["code"], told["percent_off"], told["amount_off"], told["plans"]) == (
        201,
        "SPRING-26",
        "12.50",
        None,
        [str(plan.key)],
    )
    assert program.post("coupons/", asked).json()["code"] == "taken"
    assert [one["key"] for one in program.get("coupons/?code=Spring-26").json()["results"]] == [told["key"]]
    ended = program.post(f"coupons/{told['key']}/end/").json()
    assert ended["ended_at"] is not None
    assert Coupon.objects.get().percent == 1250


@pytest.mark.parametrize(
    ("asked", "fault"),
    [
        ({"code": "AB"}, ("#/percent_off", "both")),
        ({"code": "A B", "percent_off": "5"}, ("#/code", "code")),
        ({"code": "AB", "amount_off": {"amount": "0.00", "currency": "CNY"}}, ("#/amount_off", "range")),
        ({"code": "AB", "amount_off": {"amount": "1.001", "currency": "CNY"}}, ("#/amount_off/amount", "decimals")),
        ({"code": "AB", "percent_off": "5", "plans": ["0" * 32]}, ("#/plans", "unknown")),
    ],
)  # fmt: skip
def test_a_coupon_that_does_not_fit_is_refused(program, asked, fault):
    answer = program.post("coupons/", asked)
    assert (answer.status_code, where(answer)) == (422, [fault])
    assert not Coupon.objects.exists()


def test_a_key_that_reads_makes_nothing(community):
    program = api.Program(community, "read")
    assert [program.post(path, YEAR).status_code for path in ("plans/", "coupons/")] == [403, 403]
