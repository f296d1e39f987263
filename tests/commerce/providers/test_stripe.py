"""What we ask of Stripe through its SDK and how we read it, against shapes of our own; `test_stripe_judged.py` asks another."""

import dataclasses
import json
import logging
from datetime import UTC, datetime, timedelta

import pytest
from stripe import WebhookSignature

from commerce.providers import stripe as module
from commerce.providers.base import (
    Attempt,
    BadSignature,
    DisputeState,
    Event,
    Health,
    LineKind,
    Mandate,
    ProviderDispute,
    ProviderDown,
    ProviderPayment,
    ProviderRefund,
    ProviderRefused,
    Redirect,
    SettlementLine,
    State,
    Subject,
    Surface,
)
from commerce.providers.stripe import Stripe
from commerce.providers.stripe_wire import asked_for, declined, money
from kernel.money import Money
from tests.commerce.providers.listening import Answer, listening
from tests.commerce.providers.stripe_shapes_peer import (
    CREATED,
    Shapes,
    answer,
    intent,
    listed,
    no,
    page,
    searched,
)

NOW = datetime(2026, 5, 1, 3, tzinfo=UTC)
PAID_AT = datetime.fromtimestamp(CREATED, UTC)
USD_128, NOTHING = Money(12800, "USD"), Money(0, "USD")
ATTEMPT = Attempt("a_000001", USD_128, "Dues 2026", "zh-hans", email="ada@example.org")
KEYS = {"account": "acct_1", "secret_key": "sk_test_51secretsecret", "webhook_secret": "whsec_secretsecret"}
PAID = ProviderPayment(
    "a_000001", State.SUCCEEDED, USD_128, USD_128, NOTHING, "cs_1", PAID_AT, fee=Money(401, "USD")
)


@pytest.fixture
def peer(monkeypatch):
    monkeypatch.setattr(module, "now", lambda: NOW)
    shapes = Shapes()
    with listening(shapes.answers) as socket:
        monkeypatch.setattr(Stripe, "gateway", socket.url)
        yield shapes


@pytest.fixture
def rail(peer):
    return Stripe(KEYS)


def opened(rail, **changes):
    attempt = dataclasses.replace(ATTEMPT, **changes)
    back = "https://lantern.example/paid"
    return rail.create_checkout(attempt, idem="pay-1", surface=Surface.PHONE, return_url=back)


def test_a_page_of_checkout(rail, peer):
    peer.found["POST /v1/checkout/sessions"] = page()
    assert opened(rail) == Redirect("https://checkout.stripe.com/c/pay/cs_1", "cs_1")
    [(_method, _path, words, heads)] = peer.asked
    assert heads == {
        "authorization": "Bearer sk_test_51secretsecret",
        "stripe-version": "2026-08-26.dahlia",
        "idempotency-key": "pay-1",
    }
    assert words == {
        "mode": "payment",
        "client_reference_id": "a_000001",
        "metadata[reference]": "a_000001",
        "payment_intent_data[metadata][reference]": "a_000001",
        "payment_intent_data[description]": "Dues 2026",
        "line_items[0][quantity]": "1",
        "line_items[0][price_data][currency]": "usd",
        "line_items[0][price_data][unit_amount]": "12800",
        "line_items[0][price_data][product_data][name]": "Dues 2026",
        "adaptive_pricing[enabled]": "false",
        "success_url": "https://lantern.example/paid",
        "cancel_url": "https://lantern.example/paid",
        "locale": "zh",
        "customer_email": "ada@example.org",
    }


@pytest.mark.parametrize(
    ("changes", "more"),
    [
        ({"save_mandate": True}, {"customer_creation": "always", "usage": "off_session"}),
        ({"save_mandate": True, "payer": "cus_1"}, {"customer": "cus_1", "usage": "off_session"}),
        ({"expires_at": NOW + timedelta(hours=2)}, {"expires_at": str(int(NOW.timestamp()) + 7200)}),
        ({"expires_at": NOW + timedelta(minutes=5)}, {}),
        ({"expires_at": NOW + timedelta(days=7)}, {}),
        ({"language": "fr"}, {"locale": "auto"}),
    ],
)
def test_what_a_page_is_asked_besides(rail, peer, changes, more):
    peer.found["POST /v1/checkout/sessions"] = page()
    opened(rail, **changes)
    words = peer.asked[0][2]
    words["usage"] = words.pop("payment_intent_data[setup_future_usage]", None)
    looked = {"customer": None, "customer_creation": None, "usage": None, "expires_at": None, "locale": "zh"}
    assert {name: words.get(name) for name in looked} == looked | more


def test_amounts_are_as_stripe_counts_them():
    for ours, theirs in [
        (Money(500, "JPY"), 500),
        (Money(500, "ISK"), 50000),
        (Money(500, "UGX"), 50000),
        (Money(500, "MGA"), 5),
        (Money(5120, "KWD"), 5120),
        (Money(12800, "CNY"), 12800),
    ]:
        assert asked_for(ours) == {"amount": theirs, "currency": ours.currency.lower()}
        assert money(theirs, ours.currency.lower()) == ours
    for ours, code in [
        (Money(5124, "KWD"), "decimals"),
        (Money(550, "MGA"), "decimals"),
        (Money(100, "IQD"), "currency"),
        (Money(100, "XXX"), "currency"),
        (Money(0, "USD"), "currency"),
    ]:
        with pytest.raises(ProviderRefused) as refusal:
            asked_for(ours)
        assert refusal.value.code == code


def test_a_page_is_asked_for_by_its_name(rail, peer):
    path = "/v1/checkout/sessions/cs_1"
    waiting = ProviderPayment("a_000001", State.PENDING, USD_128, NOTHING, NOTHING, "cs_1")
    for found, expected in [
        (page(), waiting),
        (page(payment_intent=intent("requires_payment_method", last_payment_error={"code": "x"})), waiting),
        (page("expired"), dataclasses.replace(waiting, state=State.CANCELLED)),
        (page("complete", intent()), PAID),
        (page("complete", intent("processing")), waiting),
        (
            page(
                "complete",
                intent("requires_payment_method", last_payment_error={"code": "insufficient_funds"}),
            ),
            dataclasses.replace(waiting, state=State.SOFT_DECLINE, decline_code="insufficient_funds"),
        ),
    ]:
        peer.found[path] = found
        assert rail.fetch_payment("a_000001", "cs_1") == expected
    expand = [words for name, words in sorted(peer.asked[0][2].items()) if name.startswith("expand")]
    assert expand == [
        "payment_intent",
        "payment_intent.latest_charge.balance_transaction",
        "payment_intent.payment_method",
    ]


def test_a_means_of_payment_is_kept_where_it_was_left(rail, peer):
    peer.found["/v1/payment_intents/pi_1"] = intent(setup_future_usage="off_session")
    found = rail.fetch_payment("a_000001", "pi_1")
    assert found.mandate == Mandate("pm_1", "cus_1", "Visa •••• 4242")


def test_a_payment_is_found_by_our_name_alone(rail, peer):
    peer.found["/v1/payment_intents/search"] = searched(intent("canceled", id="pi_0"), intent())
    peer.found["/v1/payment_intents/pi_1"] = intent()
    assert rail.fetch_payment("a_000001") == dataclasses.replace(PAID, provider_reference="pi_1")
    assert peer.asked[0][2]["query"] == 'metadata["reference"]:"a_000001"'
    with pytest.raises(ProviderRefused, match="takes no payment of this name"):
        rail.fetch_payment('a" OR status:"succeeded')


def test_a_page_that_nobody_paid_yet_is_found_among_the_days(rail, peer):
    peer.found["/v1/payment_intents/search"] = searched()
    peer.found["/v1/checkout/sessions"] = listed(page(client_reference_id="other"), page())
    peer.found["/v1/checkout/sessions/cs_1"] = page()
    assert rail.fetch_payment("a_000001").state is State.PENDING
    peer.found["/v1/checkout/sessions"] = listed()
    assert rail.fetch_payment("a_000001") == ProviderPayment.absent("a_000001")
    assert rail.fetch_payment("a_000001", "cs_9") == ProviderPayment.absent("a_000001")


def test_who_is_away_is_charged_once(rail, peer):
    peer.found["POST /v1/payment_intents"] = intent()
    mandate = Mandate("pm_1", "cus_1")
    assert rail.charge_off_session(mandate, ATTEMPT, idem="pay-7") == dataclasses.replace(
        PAID, provider_reference="pi_1"
    )
    [(_method, _path, words, heads)] = peer.asked
    assert heads["idempotency-key"] == "pay-7"
    assert {name: value for name, value in words.items() if not name.startswith("expand")} == {
        "amount": "12800",
        "currency": "usd",
        "customer": "cus_1",
        "payment_method": "pm_1",
        "off_session": "true",
        "confirm": "true",
        "description": "Dues 2026",
        "metadata[reference]": "a_000001",
    }


@pytest.mark.parametrize(
    ("error", "state"),
    [
        ({"decline_code": "insufficient_funds"}, State.SOFT_DECLINE),
        ({"decline_code": "do_not_honor"}, State.SOFT_DECLINE),
        ({"decline_code": "do_not_honor", "advice_code": "do_not_try_again"}, State.HARD_DECLINE),
        ({"decline_code": "expired_card", "advice_code": "try_again_later"}, State.SOFT_DECLINE),
        ({"decline_code": "stolen_card"}, State.HARD_DECLINE),
        ({"decline_code": "never_seen_before"}, State.SOFT_DECLINE),
        ({"decline_code": "authentication_required"}, State.REQUIRES_ACTION),
    ],
)
def test_a_banks_no_says_what_is_left_to_do(rail, peer, error, state):
    refused = intent("requires_payment_method")
    peer.found["POST /v1/payment_intents"] = no(402, "card_declined", "No.", payment_intent=refused, **error)
    found = rail.charge_off_session(Mandate("pm_1", "cus_1"), ATTEMPT, idem="pay-7")
    assert found == ProviderPayment(
        "a_000001", state, USD_128, NOTHING, NOTHING, "pi_1", decline_code=error["decline_code"]
    )
    assert declined({"code": "card_declined"} | error) is state


@pytest.mark.parametrize(
    ("about", "code"), [("payment_method", "mandate_gone"), ("amount", "parameter_invalid")]
)
def test_a_means_that_is_gone_is_told_from_what_we_asked_wrongly(rail, peer, about, code):
    peer.found["POST /v1/payment_intents"] = no(400, "parameter_invalid", "No.", param=about)
    with pytest.raises(ProviderRefused) as refusal:
        rail.charge_off_session(Mandate("pm_1", "cus_1"), ATTEMPT, idem="pay-7")
    assert refusal.value.code == code


@pytest.mark.parametrize(("customer", "code"), [(None, "mandate_gone"), ("cus_1", "invalid_request")])
def test_a_no_that_names_nothing_is_of_the_means_where_that_is_nobodys(rail, peer, customer, code):
    peer.found["POST /v1/payment_intents"] = no(400, "", "It may not be used again.")
    peer.found["/v1/payment_methods/pm_1"] = {"id": "pm_1", "object": "payment_method", "customer": customer}
    with pytest.raises(ProviderRefused) as refusal:
        rail.charge_off_session(Mandate("pm_1", "cus_1"), ATTEMPT, idem="pay-7")
    assert refusal.value.code == code


def test_cancelling_closes_the_page_unless_it_was_paid(rail, peer):
    path = "/v1/checkout/sessions/cs_1"
    peer.found[path] = page()
    peer.found[f"POST {path}/expire"] = lambda words: (
        peer.found.__setitem__(path, page("expired")) or page("expired")
    )
    assert rail.cancel("a_000001", "cs_1").state is State.CANCELLED
    peer.found[path] = page()

    def paid_meanwhile(words):
        peer.found[path] = page("complete", intent())
        return no(400, "invalid_request", "Only open sessions can be expired.")

    peer.found[f"POST {path}/expire"] = paid_meanwhile
    assert rail.cancel("a_000001", "cs_1") == PAID
    assert rail.cancel("a_000001", "cs_1") == PAID
    peer.found[path] = page()
    peer.found[f"POST {path}/expire"] = no(400, "x", "No.")
    with pytest.raises(ProviderRefused):
        rail.cancel("a_000001", "cs_1")


def test_what_the_search_has_not_heard_of_is_looked_for_before_it_is_called_closed(rail, peer, monkeypatch):
    peer.found["/v1/payment_intents/search"] = searched()
    peer.found["/v1/checkout/sessions"] = listed()
    peer.found["/v1/payment_intents"] = listed(intent(id="pi_0", metadata={}), intent())
    peer.found["/v1/payment_intents/pi_1"] = intent()
    assert rail.cancel("a_000001") == dataclasses.replace(PAID, provider_reference="pi_1")
    assert rail.cancel("a_000002") == ProviderPayment.absent("a_000002")
    monkeypatch.setattr(module, "MOST_PAYMENTS", 2)
    with pytest.raises(ProviderDown):
        rail.cancel("a_000002")


def refund_of(amount=2800, **more):
    return {
        "id": "re_1",
        "object": "refund",
        "amount": amount,
        "currency": "usd",
        "status": "succeeded",
        "created": CREATED,
        "metadata": {"refund": "refund-1"},
    } | more


def test_a_refund_of_what_a_page_took(rail, peer):
    peer.found["/v1/checkout/sessions/cs_1"] = page("complete", intent())
    peer.found["POST /v1/refunds"] = refund_of()
    done = ProviderRefund("refund-1", State.SUCCEEDED, Money(2800, "USD"), "re_1", PAID_AT)
    asked = {"idem": "refund-1", "total": USD_128, "provider_reference": "cs_1", "reason": "asked"}
    assert rail.refund("a_000001", Money(2800, "USD"), **asked) == done
    _method, _path, words, heads = peer.asked[-1]
    assert (heads["idempotency-key"], words) == (
        "refund-1",
        {
            "payment_intent": "pi_1",
            "amount": "2800",
            "metadata[refund]": "refund-1",
            "metadata[reason]": "asked",
        },
    )
    peer.found["/v1/refunds"] = listed(refund_of(id="re_0", metadata={}), refund_of())
    found = {"payment_reference": "a_000001", "provider_reference": "cs_1"}
    assert rail.fetch_refund("refund-1", **found) == done
    assert rail.fetch_refund("refund-2", **found) == ProviderRefund.absent("refund-2")
    peer.found["/v1/refunds/re_1"] = refund_of(status="failed")
    found = rail.fetch_refund("refund-1", payment_reference="a_000001", provider_reference="re_1")
    assert found == dataclasses.replace(done, state=State.HARD_DECLINE)
    # Of other means than cards.
    peer.found["/v1/refunds/pyr_1"] = refund_of(id="pyr_1")
    found = rail.fetch_refund("refund-1", payment_reference="a_000001", provider_reference="pyr_1")
    assert found == dataclasses.replace(done, provider_reference="pyr_1")


def test_taking_back_the_leave_to_charge_twice_is_once(rail, peer):
    path = "POST /v1/payment_methods/pm_1/detach"
    peer.found[path] = {"id": "pm_1", "object": "payment_method"}
    rail.forget_mandate(Mandate("pm_1"))
    peer.found[path] = no(400, "invalid_request", "It is not attached.")
    peer.found["/v1/payment_methods/pm_1"] = {"id": "pm_1", "object": "payment_method", "customer": None}
    rail.forget_mandate(Mandate("pm_1"))
    peer.found["/v1/payment_methods/pm_1"]["customer"] = "cus_1"
    with pytest.raises(ProviderRefused):
        rail.forget_mandate(Mandate("pm_1"))


@pytest.mark.parametrize(
    ("status", "state", "amount"),
    [
        ("needs_response", DisputeState.OPEN, USD_128),
        ("won", DisputeState.WON, USD_128),
        ("lost", DisputeState.LOST, USD_128),
        ("warning_needs_response", DisputeState.OPEN, NOTHING),
    ],
)
def test_a_dispute(rail, peer, status, state, amount):
    peer.found["/v1/disputes/du_1"] = {
        "id": "du_1",
        "object": "dispute",
        "amount": 12800,
        "currency": "usd",
        "status": status,
        "reason": "fraudulent",
        "created": CREATED,
        "evidence_details": {"due_by": CREATED + 86400},
        "payment_intent": intent(),
    }
    due = PAID_AT + timedelta(days=1)
    expected = ProviderDispute("du_1", "a_000001", state, amount, "fraudulent", PAID_AT, due)
    assert rail.fetch_dispute("du_1") == expected


def moved(name, category, amount, source, fee=0, created=CREATED):
    return {
        "id": name,
        "object": "balance_transaction",
        "reporting_category": category,
        "amount": amount,
        "fee": fee,
        "currency": "usd",
        "created": created,
        "source": source,
    }


def test_its_books(rail, peer):
    charge = {
        "id": "ch_1",
        "object": "charge",
        "payment_intent": "pi_1",
        "metadata": {"reference": "a_000001"},
    }
    peer.found["/v1/balance_transactions"] = listed(
        moved("txn_1", "charge", 12800, charge, fee=401),
        moved("txn_2", "refund", -2800, refund_of()),
        moved("txn_3", "dispute", -12800, {"id": "du_1", "object": "dispute"}, fee=1500),
        moved("txn_4", "payout", -5000, "po_1"),
        moved("txn_5", "fee", -100, None),
        moved("txn_6", "charge", 1, charge, created=CREATED + 400),
    )
    usd = [Money(amount, "USD") for amount in (12800, -2800, -12800, -5000, -100, 401, 1500)]
    assert list(rail.settlement_lines(PAID_AT, PAID_AT + timedelta(seconds=300))) == [
        SettlementLine("txn_1", LineKind.PAYMENT, usd[0], usd[5], PAID_AT, "a_000001", "pi_1"),
        SettlementLine("txn_2", LineKind.REFUND, usd[1], NOTHING, PAID_AT, "refund-1", "re_1"),
        SettlementLine("txn_3", LineKind.DISPUTE, usd[2], usd[6], PAID_AT, "", "du_1"),
        SettlementLine("txn_4", LineKind.PAYOUT, usd[3], NOTHING, PAID_AT, "", "po_1"),
        SettlementLine("txn_5", LineKind.FEE, usd[4], NOTHING, PAID_AT),
    ]


# What it says to us.


def told(about=None, *, at=NOW, secret=KEYS["webhook_secret"], **changes):
    body = json.dumps(
        {
            "id": "evt_1",
            "object": "event",
            "type": "payment_intent.succeeded",
            "created": CREATED,
            "livemode": False,
            "data": {"object": about or intent()},
        }
        | changes
    )
    signature = WebhookSignature.generate_signature_header(body, secret, int(at.timestamp()))
    return {"stripe-signature": signature}, body.encode()


@pytest.mark.parametrize(
    ("about", "subject", "named", "name", "amount"),
    [
        (intent(), Subject.PAYMENT, "a_000001", "pi_1", USD_128),
        (page("complete", "pi_1"), Subject.PAYMENT, "a_000001", "cs_1", USD_128),
        (refund_of(), Subject.REFUND, "refund-1", "re_1", Money(2800, "USD")),
        (
            {"object": "dispute", "id": "du_1", "amount": 1, "currency": "usd"},
            Subject.DISPUTE,
            "",
            "du_1",
            Money(1, "USD"),
        ),
        (intent(metadata={}), Subject.OTHER, "", "pi_1", None),
        ({"object": "customer", "id": "cus_1"}, Subject.OTHER, "", "cus_1", None),
    ],
)
def test_an_event_says_what_to_ask_for(rail, peer, about, subject, named, name, amount):
    event = Event("evt_1", "payment_intent.succeeded", subject, PAID_AT, named, name, amount)
    assert rail.parse_webhook(*told(about), NOW) == [event]
    assert peer.asked == []


@pytest.mark.parametrize(
    "changes",
    [
        {"account": "acct_2"},
        {"livemode": True},
        {"at": NOW - timedelta(seconds=301)},
        {"at": NOW + timedelta(seconds=301)},
        {"secret": "whsec_somebody"},
        {"object": "v2.core.event"},
        {"id": ""},
        {"data": {"object": intent(amount="12800")}},
    ],
)
def test_an_event_for_somebody_else_or_of_another_time_proves_nothing(rail, changes):
    with pytest.raises(BadSignature):
        rail.parse_webhook(*told(**changes), NOW)


# What may go wrong.


GARBAGE = [
    Answer(500, b"oops"),
    no(502, "api_error", "Sorry"),
    no(429, "rate_limit", "Slow down"),
    no(409, "idempotency_key_in_use", "Wait"),
    no(409, "idempotency_key_in_use", "Wait", kind="idempotency_error"),
    no(400, "", "Used for something else", kind="idempotency_error"),
    Answer(200, b"<html>"),
    Answer(200, b"[]"),
    Answer(200, b"5"),
    Answer(400, b"\xff\xfe"),
    answer({}),
    answer({"object": "checkout.session", "url": 5}),
    Answer(silent=True),
]


@pytest.mark.parametrize("given", GARBAGE, ids=range(len(GARBAGE)))
def test_no_answer_is_no_answer(rail, peer, given):
    peer.always = given
    for act in (
        lambda: opened(rail),
        lambda: rail.fetch_payment("a_000001", "cs_1"),
        lambda: rail.charge_off_session(Mandate("pm_1", "cus_1"), ATTEMPT, idem="pay-1"),
        lambda: rail.refund("a_000001", USD_128, idem="r", total=USD_128, provider_reference="pi_1"),
        lambda: rail.fetch_dispute("du_1"),
        lambda: rail.cancel("a_000001", "cs_1"),
    ):
        with pytest.raises(ProviderDown):
            act()
    # Never tried again behind our back.
    assert len(peer.asked) == 6
    assert rail.test_connection().works is False


def test_nobody_listens(monkeypatch):
    monkeypatch.setattr(Stripe, "gateway", "http://127.0.0.1:9")
    with pytest.raises(ProviderDown, match=r"did not answer \(APIConnectionError\)\."):
        Stripe(KEYS).fetch_payment("a_000001", "cs_1")


def test_two_accounts_in_one_process_do_not_share_a_key(peer):
    peer.found["/v1/checkout/sessions/cs_1"] = page()
    for number in (1, 2):
        Stripe(KEYS | {"secret_key": f"sk_test_{number}"}).fetch_payment("a_000001", "cs_1")
    assert [heads["authorization"] for *_rest, heads in peer.asked] == [
        "Bearer sk_test_1",
        "Bearer sk_test_2",
    ]


def test_the_connection_is_tested_and_what_is_missing_is_named(rail, peer):
    account = {"id": "acct_1", "object": "account", "charges_enabled": True}
    peer.found["/v1/account"] = account
    assert rail.test_connection() == Health(works=True, account="acct_1")
    for found, words in [
        (account | {"id": "acct_2"}, "The secret key is of another account of Stripe's."),
        (account | {"charges_enabled": False}, "Stripe does not let this account take payments yet."),
        (
            no(401, "x", "Invalid API Key provided: sk_test_***cret"),
            "Invalid API Key provided: sk_test_***cret",
        ),
        (no(403, "x", "No permission"), "No permission"),
    ]:
        peer.found["/v1/account"] = found
        assert [str(word) for word in rail.test_connection().missing] == [words]
    assert [str(words) for words in Stripe({"secret_key": "pk_live_1"}).test_connection().missing] == [
        "Account is missing.",
        "Secret key: This begins with sk_live_ / rk_live_ / sk_test_ / rk_test_.",
        "Signing secret of the webhook is missing.",
    ]


def test_keys_are_in_no_words_of_ours(rail, peer, caplog):
    caplog.set_level(logging.DEBUG)
    words = [repr(rail), repr(rail._wire)]
    for status in (400, 401, 402, 403, 404, 500):
        peer.always = no(status, KEYS["secret_key"], f"{KEYS}")
        for act in (rail.test_connection, lambda: opened(rail), lambda: rail.fetch_dispute("du_1")):
            try:
                words.append(repr(act()))
            except (ProviderDown, ProviderRefused) as fault:
                words += [str(fault), repr(fault), repr(fault.__cause__)]
    said = "\n".join([*words, caplog.text])
    assert [key for key in (KEYS["secret_key"], KEYS["webhook_secret"]) if key in said] == []
