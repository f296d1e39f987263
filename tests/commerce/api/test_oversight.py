"""Disputes and the comparison of books by the API."""

import pytest

from commerce.models import Difference, ReconciliationRun
from members.models import AuditEntry
from members.roles import Role
from tests import api, make
from tests.api import where
from tests.commerce import dues

pytestmark = pytest.mark.django_db


@pytest.fixture
def community():
    return make.community(currency="CNY")


@pytest.fixture
def program(community):
    return api.Program(community)


def disputed(community, **fields):
    return dues.disputed(dues.received(dues.invoice(make.member(community))), **fields)


def keys(program, path):
    return [one["key"] for one in program.get(path).json()["results"]]


def test_a_dispute_says_what_was_taken_and_until_when_it_is_answered(program, community):
    dispute = disputed(community, amount=12_000, fee=1_500)
    told = program.get(f"disputes/{dispute.key}/").json()
    assert told == {
        "key": str(dispute.key),
        "payment": str(dispute.payment.key),
        "member": dispute.payment.membership.number,
        "provider": "sandbox",
        "reference": dispute.provider_reference,
        "state": "open",
        "amount": {"amount": "120.00", "currency": "CNY"},
        "fee": {"amount": "15.00", "currency": "CNY"},
        "reason": "fraudulent",
        "then": "",
        "credit_note": None,
        "opened_at": "2026-03-02T09:00:00Z",
        "evidence_due_at": "2026-03-09T09:00:00Z",
        "decided_at": None,
    }
    assert program.get("disputes/").json()["results"] == [told]


def test_disputes_are_found_by_what_is_asked(program, community):
    first, second = disputed(community), disputed(community, state="won")
    for asked, wanted in {
        "": [second, first],
        "?state=open": [first],
        f"?payment={second.payment.key}": [second],
        f"?member={first.payment.membership.number}": [first],
    }.items():
        assert (asked, keys(program, f"disputes/{asked}")) == (asked, [str(one.key) for one in wanted])


def test_members_are_told_of_none_not_even_their_own(community):
    dispute = disputed(community)
    client = api.browser(dispute.payment.membership.user)
    root = f"/api/v1/communities/{community.slug}/"
    paths = ("disputes/", f"disputes/{dispute.key}/", "reconciliation/runs/", "reconciliation/differences/")
    for path in paths:
        assert (path, client.get(root + path).json()["code"]) == (path, "missing_permission")
    staff = api.browser(make.member(community, role=Role.MANAGER).user)
    assert [staff.get(root + path).status_code for path in paths] == [200] * 4


def test_a_comparison_tells_what_both_sides_come_to(program, community):
    account = dues.difference(community).account
    row = {"currency": "JPY", "kind": "refund", "here": [2, -900], "there": [1, -400]}
    ReconciliationRun.objects.create(
        account=account, day=dues.AT.date(), since=make.EARLY, until=dues.AT, began_at=dues.AT, ended_at=dues.AT,
        lines=3, taken_over=1, sums=[row],
    )  # fmt: skip
    (told,) = program.get("reconciliation/runs/").json()["results"]
    assert (told["account"], told["day"], told["lines"], told["taken_over"], told["problem"]) == (
        str(account.key), "2026-03-02", 3, 1, "",
    )  # fmt: skip
    assert told["sums"] == [
        {
            "kind": "refund",
            "here": {"count": 2, "amount": {"amount": "-900", "currency": "JPY"}},
            "there": {"count": 1, "amount": {"amount": "-400", "currency": "JPY"}},
        }
    ]
    assert program.get(f"reconciliation/runs/?account={account.key}").json()["results"] == [told]
    assert program.get(f"reconciliation/runs/?account={'0' * 32}").json()["results"] == []


def test_a_difference_is_settled_once_and_with_a_reason(program, community):
    one = dues.difference(community)
    path = f"reconciliation/differences/{one.key}/settle/"
    (told,) = program.get("reconciliation/differences/").json()["results"]
    amounts = (told["here"], told["there"])
    assert amounts == (None, {"amount": "120.00", "currency": "CNY"})
    assert (told["kind"], told["subject"], told["settled_at"]) == ("missing_here", "payment", None)
    assert where(program.post(path)) == [("#/reason", "required")]
    assert api.Program(community, "read").post(path, {"reason": "x"}).json()["code"] == "missing_scope"
    key, why = {"Idempotency-Key": "s-1"}, {"reason": "The shop's"}
    settled, again = program.post(path, why, **key), program.post(path, why, **key)
    assert (settled.status_code, again.json()) == (200, settled.json())
    assert settled.json()["reason"] == "The shop's"
    assert program.post(path, why).json()["code"] == "settled"
    assert AuditEntry.objects.filter(action="difference.settled").count() == 1
    assert dues.balances(community) == {}


def test_differences_are_found_by_what_became_of_them(program, community):
    waits, gone, settled = (dues.difference(community) for _n in range(3))
    Difference.objects.filter(pk__in=[gone.pk, settled.pk]).update(gone_at=dues.AT)
    Difference.objects.filter(pk=settled.pk).update(settled_at=dues.AT, reason="x")
    for asked, one in {"": waits, "?state=gone": gone, "?state=settled": settled}.items():
        assert (asked, keys(program, f"reconciliation/differences/{asked}")) == (asked, [str(one.key)])
    assert keys(program, "reconciliation/differences/?kind=twice") == []
    assert keys(program, f"reconciliation/differences/?account={waits.account.key}") == [str(waits.key)]
