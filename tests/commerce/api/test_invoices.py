"""Invoices, payments, refunds and credit notes by the API."""

from datetime import timedelta

import pytest

from commerce.models import Invoice, Payment
from commerce.services import invoices, payments
from kernel.clock import now
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
def member(community):
    return make.member(community, name="Li Lei")


@pytest.fixture
def program(community):
    return api.Program(community)


def yuan(amount: str) -> dict[str, str]:
    return {"amount": amount, "currency": "CNY"}


def test_an_invoice_says_all_that_stands_on_it(program, member):
    asked = dues.invoice(member, 10_600, rate=600)
    told = program.get(f"invoices/{asked.key}/").json()
    line = {
        "kind": "dues",
        "words": "Dues",
        "quantity": 1,
        "tax_percent": "6.00",
        "net": yuan("100.00"),
        "tax": yuan("6.00"),
        "total": yuan("106.00"),
        "starts_on": "2026-03-01",
        "ends_on": "2026-04-01",
    }
    wanted = {
        "number": "INV-2026-000001",
        "member": member.number,
        "status": "open",
        "reason": "other",
        "subscription": None,
        "net": yuan("100.00"),
        "tax": yuan("6.00"),
        "total": yuan("106.00"),
        "credit_used": yuan("0.00"),
        "due": yuan("106.00"),
        "due_on": "2026-03-01",
        "is_late": True,
        "pay_url": f"http://testserver/pay/{asked.pay_token}/",
        "pdf_url": f"http://testserver/pay/{asked.pay_token}/invoice.pdf",
        "lines": [line],
        "taxes": [{"percent": "6.00", "net": yuan("100.00"), "tax": yuan("6.00")}],
        "billed_to": {"name": "Li Lei", "email": member.email, "number": str(member.number)},
        "credit_notes": [],
    }
    assert {name: told[name] for name in wanted} == wanted


def test_they_are_found_by_what_is_asked(program, member, community):
    first, second = dues.invoice(member), dues.invoice(make.member(community))
    invoices.void(invoice=second, community=community, reason="x", at=dues.AT, by=dues.SITE)
    for asked, found in {
        "": [second, first],
        "?status=open": [first],
        f"?member={member.number}": [first],
        f"?number={second.number.lower()}": [second],
        "?number=7": [],
        "?due_before=2026-03-01": [],
        "?due_before=2026-03-02&status=void": [second],
    }.items():
        results = program.get(f"invoices/{asked}").json()["results"]
        assert (asked, [one["key"] for one in results]) == (asked, [str(one.key) for one in found])


def test_members_read_their_own_and_staff_all(community, member):
    other = make.member(community)
    mine, theirs = (dues.paid(one) for one in (member, other))
    root = f"/api/v1/communities/{community.slug}/"
    client, staff = api.browser(member.user), api.browser(make.member(community, role=Role.MANAGER).user)
    for path in ("invoices/", "payments/", "refunds/", "credit-notes/"):
        assert [one["member"] for one in client.get(root + path).json()["results"]] == [member.number]
        assert len(staff.get(root + path).json()["results"]) == 2
    Payment.objects.update(fee=50, note="Rang twice")
    for who, fee, note in ((client, None, ""), (staff, yuan("0.50"), "Rang twice")):
        told = who.get(f"{root}payments/{mine['payment_key']}/").json()
        assert (told["fee"], told["note"], told["refunded"]) == (fee, note, yuan("10.00"))
    for path in (f"payments/{theirs['payment_key']}/", f"refunds/{theirs['refund_key']}/"):
        assert [who.get(root + path).status_code for who in (client, staff)] == [404, 200]


def test_what_is_owed_is_forgiven_or_taken_back_with_a_reason(program, member):
    asked = dues.invoice(member)
    assert where(program.post(f"invoices/{asked.key}/void/")) == [("#/reason", "required")]
    assert program.post(f"invoices/{asked.key}/forgive/", {"reason": "x"}).json()["code"] == "not_open"
    assert program.post(f"invoices/{asked.key}/extend/", {"until": "2026-03-20"}).json()["code"] == "not_open"
    told = program.post(f"invoices/{asked.key}/void/", {"reason": "Asked twice"}).json()
    assert (told["status"], told["void_reason"], told["pay_url"]) == ("void", "Asked twice", None)
    assert program.post(f"invoices/{asked.key}/void/", {"reason": "x"}).json()["code"] == "not_open"


def test_money_that_came_by_hand_pays_once_whatever_is_sent_twice(program, member, community):
    asked = dues.invoice(member)
    body = {"invoice": str(asked.key), "amount": yuan("150.00"), "method": "cash", "note": "At the fair"}
    key = {"Idempotency-Key": "cash-1"}
    made, again = program.post("payments/", body, **key), program.post("payments/", body, **key)
    assert (made.status_code, made.json()) == (201, again.json())
    told = program.get(f"payments/{made.json()['key']}/").json()
    assert (told["amount"], told["surplus"], told["method"]) == (yuan("150.00"), False, "cash")
    asked.refresh_from_db()
    assert (asked.status, Payment.objects.count()) == ("paid", 1)
    assert dues.balances(community)["credit"] == -3_000
    assert AuditEntry.objects.filter(action="payment.by_hand").count() == 1
    back = program.post(f"payments/{told['key']}/take-back/", {"reason": "Counted twice"})
    assert back.json()["reversed_at"] is not None
    asked.refresh_from_db()
    assert asked.status == "open"
    dues.guard(community)


def test_a_way_to_pay_that_a_member_was_told_is_over_with_what_came(program, member):
    told = dues.awaited(dues.invoice(member))
    body = {"invoice": str(told.invoice.key), "amount": yuan("120.00"), "method": "bank"}
    made = program.post("payments/", body).json()
    told.refresh_from_db()
    assert (told.state, str(told.payment.key), made["provider"]) == ("succeeded", made["key"], "offline")
    assert made["note"].replace(" ", "") == told.provider_reference


@pytest.mark.parametrize(
    ("wrong", "fault"),
    [
        ({"paid_at": (now() - timedelta(days=368)).isoformat()}, ("#/paid_at", "paid_at")),
        ({"amount": {"amount": "1.00", "currency": "USD"}}, ("#/amount/currency", "currency")),
        ({"amount": yuan("0.00")}, ("#/amount/amount", "amount")),
        ({"amount": yuan("1.001")}, ("#/amount/amount", "decimals")),
        ({"invoice": "0" * 32}, ("#/invoice", "unknown")),
        ({"paid_at": (now() + timedelta(days=1)).isoformat()}, ("#/paid_at", "paid_at")),
    ],
)
def test_what_cannot_have_come_is_refused(program, member, wrong, fault):
    asked = dues.invoice(member)
    body = {"invoice": str(asked.key), "amount": yuan("120.00"), "method": "bank"} | wrong
    answer = program.post("payments/", body)
    assert (answer.status_code, where(answer)) == (422, [fault])
    assert not Payment.objects.exists()


def test_a_refund_is_asked_for_once_whatever_is_sent_twice(program, member, community):
    asked = dues.invoice(member)
    payment = payments.receive(
        invoice=asked, community=community, money=asked.due, method="bank", paid_at=dues.AT, at=dues.AT,
        by=dues.SITE,
    )  # fmt: skip
    body = {"payment": str(payment.key), "amount": yuan("20.00"), "reason": "Moved", "then": "keep"}
    made, again = (program.post("refunds/", body, **{"Idempotency-Key": "r-1"}) for _n in range(2))
    told = made.json()
    assert (made.status_code, again.json()) == (201, told)
    assert (told["state"], told["amount"], told["then"]) == ("succeeded", yuan("20.00"), "keep")
    (note,) = program.get("credit-notes/").json()["results"]
    assert (note["key"], note["total"], note["invoice_number"]) == (
        told["credit_note"],
        yuan("20.00"),
        asked.number,
    )
    too_much = program.post("refunds/", body | {"amount": yuan("100.01")})
    assert (too_much.status_code, where(too_much)) == (422, [("#/amount/amount", "too_much")])
    payment.refresh_from_db()
    assert (payment.refunded, Invoice.objects.get().status) == (2_000, "paid")
    dues.guard(community)


def test_a_person_confirms_first_that_it_is_they(community, monkeypatch):
    client = api.browser(make.member(community, role=Role.TREASURER).user)
    client.handler.enforce_csrf_checks = False
    monkeypatch.setattr("members.doors.recently_proven", lambda request: False)
    answer = client.post(
        f"/api/v1/communities/{community.slug}/refunds/", {}, content_type="application/json"
    )
    assert (answer.status_code, answer.json()["code"]) == (403, "proof_needed")


def test_a_key_that_reads_moves_no_money(community, member):
    program, ids = api.Program(community, "read"), dues.furnished(member)
    for path in (
        f"invoices/{ids['invoice_key']}/void/",
        f"invoices/{ids['invoice_key']}/attempts/",
        f"attempts/{ids['attempt_key']}/refresh/",
        f"payments/{ids['payment_key']}/take-back/",
        "payments/",
        "refunds/",
    ):
        assert (path, program.post(path).json()["code"]) == (path, "missing_scope")
