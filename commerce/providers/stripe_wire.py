"""What is said between us and Stripe: the SDK with its faults told apart, amounts as Stripe counts them, and why a bank says
no. Sources: Stripe's pages "Supported currencies", "Decline codes", "Card declines" (advice codes), API 2026-08-26."""

import logging
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from functools import cached_property
from http import HTTPStatus
from itertools import islice
from typing import Any

from django.utils.translation import gettext as _

from commerce.providers.base import ProviderRefused, State
from commerce.providers.rail import Rail
from kernel.money import Money, exponent

#: Seconds for a connection to be made, and for an answer to come.
PATIENCE = (5, 25)
#: How Stripe counts what ISO 4217 counts otherwise: it kept the decimals that króna and shilling lost, never those of the
#: ariary, and takes whole units only.
EXPONENTS = {"ISK": 2, "UGX": 2, "MGA": 0}
CURRENCIES = frozenset(
    "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BWP BYN BZD CAD CDF CHF CLP CNY"
    " COP CRC CVE CZK DJF DKK DOP DZD EGP ETB EUR FJD FKP GBP GEL GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR ISK JMD"
    " JOD JPY KES KGS KHR KMF KRW KWD KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MUR MVR MWK MXN MYR MZN NAD"
    " NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SEK SGD SHP SLE SOS SRD SVC SZL"
    " THB TJS TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VND VUV WST XAF XCD XOF XPF YER ZAR ZMW".split()
)

#: Nothing but another means of payment, or other data, will help. What is on no list may be tried again.
HARD = frozenset(
    "card_not_supported currency_not_supported do_not_try_again expired_card fraudulent incorrect_address incorrect_cvc"
    " incorrect_number incorrect_pin incorrect_zip invalid_account invalid_cvc invalid_expiry_month invalid_expiry_year"
    " invalid_number invalid_pin live_mode_test_card lost_card merchant_blacklist new_account_information_available"
    " not_permitted offline_pin_required online_or_offline_pin_required pickup_card pin_try_exceeded restricted_card"
    " revocation_of_all_authorizations revocation_of_authorization security_violation service_not_allowed stolen_card"
    " stop_payment_order testmode_decline transaction_not_allowed".split()
)
AUTHENTICATION = frozenset(
    "authentication_required payment_intent_authentication_failure authentication_not_handled".split()
)
ADVICE = {
    "do_not_try_again": State.HARD_DECLINE,
    "confirm_card_data": State.HARD_DECLINE,
    "try_again_later": State.SOFT_DECLINE,
}


class Wire:
    """The connection of one account. Raises `ProviderRefused` where its keys are not whole."""

    def __init__(self, rail: Rail) -> None:
        rail.require_keys()
        self.rail = rail

    @cached_property
    def client(self) -> Any:
        # Half a second, only for who uses it.
        import stripe

        # Below a warning the SDK writes what was sent and answered.
        logging.getLogger("stripe").setLevel(logging.WARNING)
        # A try that failed is tried again by us, later and with the same key.
        return stripe.StripeClient(
            self.rail.value("secret_key"),
            base_addresses={"api": self.rail.gateway},
            max_network_retries=0,
            http_client=stripe.RequestsClient(timeout=PATIENCE),
        )

    def ask(self, call: Callable[[Any], Any]) -> dict[str, Any]:
        """One call of the SDK's, its answer as plain values."""
        with self.rail.readable():
            return dict(self._told_apart(lambda: call(self.client.v1).to_dict(for_json=True)))

    def all(self, call: Callable[[Any], Any], *, most: int | None = None) -> list[dict[str, Any]]:
        """A list of the SDK's with all its pages, or the `most` first of it."""

        def pages() -> Iterator[Any]:
            return islice(call(self.client.v1).auto_paging_iter(), most)

        with self.rail.readable():
            return self._told_apart(lambda: [one.to_dict(for_json=True) for one in pages()])

    def _told_apart(self, call: Callable[[], Any]) -> Any:
        import stripe

        try:
            return call()
        except stripe.CardError as no:
            raise Declined(self.rail, no) from None
        except (stripe.AuthenticationError, stripe.PermissionError) as no:
            raise ProviderRefused(self._words(no), code="keys") from None
        except stripe.InvalidRequestError as no:
            raise Invalid(self._words(no), code=no.code or "invalid_request", about=no.param or "") from None
        except Exception as fault:
            # No answer, one of the server's own, "not now", and what cannot be read. Also that the key is in use, or was used
            # for something else: what came of that first asking is not said, and it may have taken the money.
            status = getattr(fault, "http_status", None)
            if isinstance(status, int) and status >= HTTPStatus.BAD_REQUEST:
                raise self.rail.silent(str(status)) from None
            raise self.rail.silent(type(fault).__name__) from None

    def _words(self, no: Any) -> str:
        return self.rail.without_secrets(no.user_message or type(no).__name__)


class Invalid(ProviderRefused):
    """Something that was asked is wrong; `about` names it."""

    def __init__(self, message: str, *, code: str, about: str) -> None:
        super().__init__(message, code=code)
        self.about = about


class Declined(ProviderRefused):
    """A bank's no to a charge. `error` is Stripe's account of it."""

    def __init__(self, rail: Rail, no: Any) -> None:
        body = no.json_body
        self.error: dict[str, Any] = dict(body["error"]) if isinstance(body, dict) else {}
        code = rail.without_secrets(why(self.error))
        super().__init__(rail.without_secrets(no.user_message or code), code=code)


def why(error: Mapping[str, Any]) -> str:
    return str(error.get("decline_code") or error.get("code") or "declined")


def declined(error: Mapping[str, Any]) -> State:
    """What is left to do after a bank's no."""
    if AUTHENTICATION & {error.get("decline_code"), error.get("code")}:
        return State.REQUIRES_ACTION
    if advised := ADVICE.get(error.get("advice_code") or ""):
        return advised
    return State.HARD_DECLINE if why(error) in HARD else State.SOFT_DECLINE


def asked_for(money: Money) -> dict[str, Any]:
    """Amount and currency as Stripe takes them."""
    if money.currency not in CURRENCIES or money.amount <= 0:
        words = _("Stripe takes no payments of %(amount)s %(currency)s.")
        raise ProviderRefused(words % {"amount": money, "currency": money.currency}, code="currency")
    more = _decimals(money.currency) - exponent(money.currency)
    amount, rest = (money.amount * 10**more, 0) if more >= 0 else divmod(money.amount, 10**-more)
    if rest or (_decimals(money.currency) == 3 and amount % 10):
        words = _("Stripe takes amounts in %(currency)s without the last decimals only.")
        raise ProviderRefused(words % {"currency": money.currency}, code="decimals")
    return {"amount": amount, "currency": money.currency.lower()}


def money(amount: Any, currency: Any) -> Money:
    """Raises `ValueError` for what is no amount, or one that the currency does not have."""
    code = currency.upper()
    more = exponent(code) - _decimals(code)
    if type(amount) is not int:
        raise ValueError("not an amount")
    if more >= 0:
        return Money(amount * 10**more, code)
    if amount % 10**-more:
        raise ValueError("a part of what has no parts")
    return Money(amount // 10**-more, code)


def _decimals(currency: str) -> int:
    return EXPONENTS.get(currency, exponent(currency))


def instant(seconds: Any) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
