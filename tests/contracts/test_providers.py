"""Every entry of the shelf of payment rails keeps what `commerce/providers/base.py` promises.

A new rail enters by one line in `CASES`: keys as its treasurer would enter them, and for a rail that sends messages a
genuine one of `NOW`, with the keys of another account by which it is not for us.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

import pytest
from django.utils.functional import Promise
from hypothesis import given, settings
from hypothesis import strategies as st

from commerce.providers import connect, offered, providers
from commerce.providers.base import (
    LARGEST_MESSAGE,
    Attempt,
    BadSignature,
    Capability,
    Mandate,
    Provider,
    Subject,
)
from crowdecon.sandbox.events import signed
from kernel.money import Money
from tests.commerce.providers import (
    alipay_gateway,
    forging,
    judges,
    test_stripe,
    test_wechatpay,
    wechat_gateway,
)

NOW = test_wechatpay.NOW
MONEY = Money(12800, "CNY")
ATTEMPT = Attempt("a_000001", MONEY, "A year", "en")
Message = tuple[dict[str, str], bytes]


@dataclass(frozen=True)
class Case:
    keys: Callable[[], Mapping[str, str]]
    message: Callable[[], Message] | None = None
    foreign: Mapping[str, str] | None = None


SANDBOX = {"account": "acct_1", "api_key": "sk_1", "webhook_secret": "whsec_c2VjcmV0LW9mLWxhbnRlcm4="}
OFFLINE = {"holder": "Lantern", "number": "DE89370400440532013000", "bank": "Bank"}


def of_sandbox(*, filling: str = "") -> Message:
    about = {"subject": "payment", "reference": "a_000001", "provider_reference": "pay_1"}
    event = {"id": "evt_1", "type": "payment.succeeded", "account": "acct_1", "at": NOW.isoformat()}
    data = about | {"amount": 12800, "currency": "CNY", "filling": filling}
    body = json.dumps(event | {"data": data}).encode()
    return signed(SANDBOX["webhook_secret"], "evt_1", NOW, body), body


@cache
def of_wechat_pay() -> Message:
    judge = judges.of_wechat_pay()
    try:
        return wechat_gateway.Gateway(judge).notifies(test_wechatpay.about(), at=int(NOW.timestamp()))
    finally:
        judge.end()


@cache
def of_alipay() -> Message:
    judge = judges.of_alipay()
    try:
        return {}, alipay_gateway.Gateway(judge).notifies()
    finally:
        judge.end()


CASES: dict[str, Case] = {
    "sandbox": Case(lambda: SANDBOX, of_sandbox, {"account": "acct_2"}),
    "offline": Case(lambda: OFFLINE),
    "stripe": Case(lambda: test_stripe.KEYS, test_stripe.told, {"webhook_secret": "whsec_of_another"}),
    "wechatpay": Case(wechat_gateway.keys, of_wechat_pay, {"mchid": "1900000110"}),
    "alipay": Case(alipay_gateway.keys, of_alipay, {"app_id": "2021000000000002"}),
}
SENDING = [key for key, case in CASES.items() if case.message]


def rail(key: str) -> Provider:
    return connect(key, CASES[key].keys())


def test_every_rail_has_its_case():
    assert sorted(CASES) == sorted(providers.keys())


def test_only_a_trial_is_offered_the_rails_for_trials(settings):
    assert [entry.key for entry in offered()] == providers.keys()
    settings.SITE_IS_TRIAL = False
    assert [entry.key for entry in offered()] == [entry.key for entry in providers if not entry.trial_only]


@pytest.mark.parametrize("key", CASES)
def test_a_rail_says_what_it_is_and_what_it_needs(key):
    entry = providers.get(key)
    assert entry.key == key and str(entry.label)
    names = [field.key for field in entry.fields]
    assert len(set(names)) == len(names)
    for field in entry.fields:
        assert isinstance(field.label, Promise) and str(field.label), f"{field.key} is not translated"
        assert field.help == "" or isinstance(field.help, Promise)
    assert {field.key for field in entry.fields if field.required} <= set(CASES[key].keys()) <= set(names)
    assert rail(key).faults() == ()
    assert rail(key).account


@pytest.mark.parametrize("key", CASES)
def test_without_its_keys_a_connection_does_not_work_and_says_why(key):
    health = providers.get(key)({}).test_connection()
    assert not health.works and health.missing


ACTS: dict[Capability, list[Callable[[Provider], object]]] = {
    Capability.OFF_SESSION: [
        lambda rail: rail.charge_off_session(Mandate("m"), ATTEMPT, idem="pay-1"),
        lambda rail: rail.forget_mandate(Mandate("m")),
    ],
    Capability.REFUND: [
        lambda rail: rail.refund("inv-1", MONEY, idem="r1", total=MONEY),
        lambda rail: rail.fetch_refund("r1", payment_reference="inv-1"),
    ],
    Capability.DISPUTES: [lambda rail: rail.fetch_dispute("d1")],
    Capability.SETTLEMENT: [lambda rail: rail.settlement_lines(NOW, NOW)],
}
METHODS = {
    Capability.OFF_SESSION: ("charge_off_session", "forget_mandate"),
    Capability.REFUND: ("refund", "fetch_refund"),
    Capability.DISPUTES: ("fetch_dispute",),
    Capability.SETTLEMENT: ("settlement_lines",),
    Capability.WEBHOOKS: ("parse_webhook",),
}


@pytest.mark.parametrize("key", CASES)
def test_a_rail_can_what_it_says_and_refuses_the_rest(key):
    entry = providers.get(key)
    for capability, names in METHODS.items():
        for name in names:
            own = getattr(entry, name) is not getattr(Provider, name)
            assert own == (capability in entry.capabilities), f"{key}: {name}"
    for capability in set(ACTS) - entry.capabilities:
        for act in ACTS[capability]:
            with pytest.raises(NotImplementedError):
                act(rail(key))
    assert Capability.PARTIAL_REFUND not in entry.capabilities or Capability.REFUND in entry.capabilities
    assert bool(CASES[key].message) == (Capability.WEBHOOKS in entry.capabilities)


@pytest.mark.parametrize("key", CASES)
def test_what_was_received_is_acknowledged_otherwise_than_what_was_not(key):
    taken, missed = rail(key).acknowledge(True), rail(key).acknowledge(False)
    assert taken[0] in range(200, 300) and taken != missed
    for status, kind, body in (taken, missed):
        assert isinstance(status, int) and isinstance(kind, str) and isinstance(body, bytes)


@pytest.fixture
def message(request: pytest.FixtureRequest) -> Message:
    """The genuine message of the rail that the test is about."""
    make = CASES[request.getfixturevalue("key")].message
    assert make
    return make()


@pytest.mark.parametrize("key", SENDING)
def test_a_genuine_message_is_taken_and_says_the_same_each_time(key, message):
    found = rail(key).parse_webhook(*message, NOW)
    assert [(event.subject, event.reference) for event in found] == [(Subject.PAYMENT, "a_000001")]
    assert found[0].event_id and found[0].at.tzinfo
    for age in (timedelta(seconds=299), timedelta(seconds=-299)):
        assert rail(key).parse_webhook(*message, NOW + age) == found


def refused(by: Provider, headers: Mapping[str, str], body: bytes, now: datetime = NOW) -> None:
    with pytest.raises(BadSignature):
        by.parse_webhook(headers, body, now)


@pytest.mark.parametrize("key", SENDING)
def test_stale_foreign_and_oversized_messages_are_refused(key, message):
    headers, body = message
    for age in (302, -302, 86_400, 10**8):
        refused(rail(key), headers, body, NOW + timedelta(seconds=age))
    refused(connect(key, {**CASES[key].keys(), **(CASES[key].foreign or {})}), headers, body)
    refused(rail(key), headers, body + b" " * LARGEST_MESSAGE)


@pytest.mark.parametrize("key", SENDING)
def test_two_thousand_forged_messages_are_refused(key, message):
    assert forging.believed(rail(key), *message, NOW) == []


@pytest.mark.parametrize("key", CASES)
@given(data=st.data(), body=st.binary(max_size=300))
@settings(max_examples=50)
def test_any_nonsense_is_refused(key, data, body):
    make = CASES[key].message
    names = sorted(make()[0]) if make else []
    refused(rail(key), {name: data.draw(st.text(max_size=40)) for name in names}, body)
