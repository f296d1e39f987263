"""Stripe: its Checkout for who is there, PaymentIntents for who is away. Our own clock decides what is charged and when."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from commerce.providers import stripe_shapes as shapes
from commerce.providers.base import (
    FRESH,
    LARGEST_MESSAGE,
    Attempt,
    BadSignature,
    Capability,
    Event,
    KeyField,
    Mandate,
    Presentation,
    ProviderDispute,
    ProviderPayment,
    ProviderRefund,
    ProviderRefused,
    Redirect,
    SettlementLine,
    State,
    Surface,
    Words,
)
from commerce.providers.rail import Rail
from commerce.providers.stripe_wire import CURRENCIES, Declined, Invalid, Wire, asked_for, declined
from kernel.clock import now
from kernel.money import Money

#: How long a page of Checkout may stay open, at least and at most.
SHORTEST, LONGEST = timedelta(minutes=31), timedelta(hours=24)
#: How many of the day's pages are looked through for one that Stripe gave no name of ours for.
MOST_PAGES = 500
#: How many of the day's payments are looked through for one that is to be closed and that the search does not know.
MOST_PAYMENTS = 2_000
LOCALES = {"en": "en", "zh": "zh"}


def _begins(*prefixes: str) -> Any:
    def check(value: str) -> Words | None:
        if not value.startswith(prefixes):
            return _("This begins with %(prefix)s.") % {"prefix": " / ".join(prefixes)}
        return None

    return check


class Stripe(Rail):
    key = "stripe"
    label = gettext_lazy("Stripe (cards and more)")
    capabilities = frozenset(Capability)
    currencies = CURRENCIES
    fields = (
        KeyField(
            "account",
            gettext_lazy("Account"),
            gettext_lazy("Begins with acct_; in Stripe's dashboard under Settings, Account details."),
            secret=False,
            check=_begins("acct_"),
        ),
        KeyField(
            "secret_key",
            gettext_lazy("Secret key"),
            gettext_lazy(
                "Begins with sk_live_ or rk_live_ (in trials sk_test_ or rk_test_); under Developers, API keys."
            ),
            check=_begins("sk_live_", "rk_live_", "sk_test_", "rk_test_"),
        ),
        KeyField(
            "webhook_secret",
            gettext_lazy("Signing secret of the webhook"),
            gettext_lazy(
                "Begins with whsec_; shown once the address below was added under Developers, Webhooks."
            ),
            check=_begins("whsec_"),
        ),
    )
    gateway = "https://api.stripe.com"

    @property
    def account(self) -> str:
        return self.value("account")

    @property
    def live(self) -> bool:
        return "_live_" in self.value("secret_key")[:8]

    def probe(self) -> str:
        found = self._wire.ask(lambda v1: v1.accounts.retrieve_current())
        if found.get("id") != self.account:
            raise ProviderRefused(_("The secret key is of another account of Stripe's."), code="account")
        if not found.get("charges_enabled"):
            raise ProviderRefused(_("Stripe does not let this account take payments yet."), code="account")
        return self.account

    def create_checkout(
        self, attempt: Attempt, *, idem: str, surface: Surface, return_url: str
    ) -> Presentation:
        named = {"reference": self.name(attempt.reference)}
        price = asked_for(attempt.amount)
        intent: dict[str, Any] = {"metadata": named} | self._described(attempt)
        asked: dict[str, Any] = {
            "mode": "payment",
            "client_reference_id": attempt.reference,
            "metadata": named,
            "line_items": [
                {
                    "quantity": 1,
                    "price_data": {
                        "currency": price["currency"],
                        "unit_amount": price["amount"],
                        "product_data": {"name": attempt.description[:250] or attempt.reference},
                    },
                }
            ],
            "payment_intent_data": intent,
            # The payer pays what the invoice says, in its currency.
            "adaptive_pricing": {"enabled": False},
            "success_url": return_url,
            "cancel_url": return_url,
            "locale": LOCALES.get(attempt.language.split("-")[0], "auto"),
        }
        if attempt.payer:
            asked["customer"] = attempt.payer
        elif attempt.email:
            asked["customer_email"] = attempt.email
        if attempt.save_mandate:
            intent["setup_future_usage"] = "off_session"
            if not attempt.payer:
                asked["customer_creation"] = "always"
        # A time that Stripe does not take is left to Stripe's own, a day; who asked closes the page then.
        if attempt.expires_at and SHORTEST <= attempt.expires_at - now() <= LONGEST:
            asked["expires_at"] = int(attempt.expires_at.timestamp())
        found = self._wire.ask(lambda v1: v1.checkout.sessions.create(asked, {"idempotency_key": idem}))
        with self.readable():
            return Redirect(shapes.text(found, "url"), shapes.text(found, "id"))

    def fetch_payment(self, reference: str, provider_reference: str = "") -> ProviderPayment:
        try:
            found = self._found(reference, provider_reference)
        except ProviderRefused as no:
            if no.code != "resource_missing":
                raise
            found = None
        if found is None:
            return ProviderPayment.absent(reference)
        with self.readable():
            return shapes.payment(found, reference)

    def charge_off_session(self, mandate: Mandate, attempt: Attempt, *, idem: str) -> ProviderPayment:
        asked = asked_for(attempt.amount) | self._described(attempt)
        asked |= {
            "payment_method": mandate.reference,
            "customer": mandate.payer,
            "off_session": True,
            "confirm": True,
            "metadata": {"reference": self.name(attempt.reference)},
            "expand": [path.removeprefix("payment_intent.") for path in shapes.EXPAND[1:]],
        }
        try:
            found = self._wire.ask(lambda v1: v1.payment_intents.create(asked, {"idempotency_key": idem}))
        except Invalid as no:
            # Of one that was taken back there it is not always said what is wrong.
            if no.about not in ("payment_method", "customer") and (no.about or self._is_attached(mandate)):
                raise
            # Taken back at Stripe, or not the customer's any more.
            raise ProviderRefused(no.message, code="mandate_gone") from None
        except Declined as no:
            with self.readable():
                return ProviderPayment(
                    attempt.reference,
                    declined(no.error),
                    attempt.amount,
                    captured=Money.zero(attempt.amount.currency),
                    refunded=Money.zero(attempt.amount.currency),
                    provider_reference=(no.error.get("payment_intent") or {}).get("id", ""),
                    decline_code=no.code,
                )
        with self.readable():
            return shapes.payment(found, attempt.reference)

    def forget_mandate(self, mandate: Mandate) -> None:
        try:
            self._wire.ask(lambda v1: v1.payment_methods.detach(mandate.reference))
        except ProviderRefused as no:
            if no.code != "resource_missing" and self._is_attached(mandate):
                raise

    def _is_attached(self, mandate: Mandate) -> bool:
        return bool(self._wire.ask(lambda v1: v1.payment_methods.retrieve(mandate.reference)).get("customer"))

    def cancel(self, reference: str, provider_reference: str = "") -> ProviderPayment:
        before = self.fetch_payment(reference, provider_reference)
        if before.state is State.ABSENT and (listed := self._listed(reference)):
            before = self.fetch_payment(reference, listed)
        name = before.provider_reference
        if before.state in (State.SUCCEEDED, State.CANCELLED, State.ABSENT):
            return before
        refusal = None
        try:
            if name.startswith("cs_"):
                self._wire.ask(lambda v1: v1.checkout.sessions.expire(name))
            else:
                self._wire.ask(lambda v1: v1.payment_intents.cancel(name))
        except ProviderRefused as no:
            # Paid or closed meanwhile, or on its way: what it is now says which.
            refusal = no
        after = self.fetch_payment(reference, name)
        if refusal and after.state not in (State.SUCCEEDED, State.CANCELLED):
            raise refusal
        return after

    def refund(
        self,
        reference: str,
        money: Money,
        *,
        idem: str,
        total: Money,
        provider_reference: str = "",
        reason: str = "",
    ) -> ProviderRefund:
        intent = self._intent(reference, provider_reference)
        asked = {
            "payment_intent": intent,
            "amount": asked_for(money)["amount"],
            "metadata": {"refund": idem, "reason": reason[:400]},
        }
        found = self._wire.ask(lambda v1: v1.refunds.create(asked, {"idempotency_key": idem}))
        with self.readable():
            return shapes.refund(found, idem)

    def fetch_refund(
        self, idem: str, *, payment_reference: str, provider_reference: str = ""
    ) -> ProviderRefund:
        try:
            # Of cards they begin with re_, of other means with pyr_.
            if provider_reference and not provider_reference.startswith(("pi_", "cs_")):
                found = self._wire.ask(lambda v1: v1.refunds.retrieve(provider_reference))
            else:
                intent = self._intent(payment_reference, provider_reference)
                known = self._wire.all(lambda v1: v1.refunds.list({"payment_intent": intent, "limit": 100}))
                [found] = [one for one in known if one["metadata"].get("refund") == idem] or [{}]
        except ProviderRefused as no:
            if no.code not in ("resource_missing", "absent"):
                raise
            found = {}
        if not found:
            return ProviderRefund.absent(idem)
        with self.readable():
            return shapes.refund(found, idem)

    def fetch_dispute(self, provider_reference: str) -> ProviderDispute:
        asked = {"expand": ["payment_intent"]}
        found = self._wire.ask(lambda v1: v1.disputes.retrieve(provider_reference, asked))
        with self.readable():
            return shapes.dispute(found)

    def settlement_lines(self, since: datetime, until: datetime) -> Iterable[SettlementLine]:
        asked = {
            "created": {"gte": int(since.timestamp()), "lt": int(until.timestamp()) + 1},
            "limit": 100,
            "expand": ["data.source"],
        }
        found = self._wire.all(lambda v1: v1.balance_transactions.list(asked))
        with self.readable():
            lines = [shapes.line(one) for one in found]
        return [line for line in lines if since <= line.at < until]

    def parse_webhook(self, headers: Mapping[str, str], raw_body: bytes, now: datetime) -> list[Event]:
        if len(raw_body) > LARGEST_MESSAGE:
            raise BadSignature("larger than any event")
        try:
            from stripe import WebhookSignature

            signature = headers["stripe-signature"]
            # The SDK would compare with this machine's clock.
            WebhookSignature.verify_header(raw_body, signature, self.value("webhook_secret"), tolerance=None)
            stamps = [part[2:] for part in signature.split(",") if part.startswith("t=")]
            if abs(now - datetime.fromtimestamp(int(stamps[0]), UTC)) > FRESH:
                raise BadSignature("stale")
            return [shapes.event(raw_body, account=self.account, live=self.live)]
        except BadSignature:
            raise
        except Exception:
            # The SDK raises whatever a malformed message leads to; none of it proves a sender.
            raise BadSignature("not to be read") from None

    @cached_property
    def _wire(self) -> Wire:
        return Wire(self)

    def _described(self, attempt: Attempt) -> dict[str, Any]:
        return {"description": attempt.description[:500]} if attempt.description else {}

    def _found(self, reference: str, provider_reference: str) -> dict[str, Any] | None:
        """The page or the payment, by Stripe's name for it or else by ours."""
        name = provider_reference
        if name.startswith("cs_"):
            return self._wire.ask(lambda v1: v1.checkout.sessions.retrieve(name, {"expand": shapes.EXPAND}))
        inner = [path.removeprefix("payment_intent.") for path in shapes.EXPAND[1:]]
        if name.startswith("pi_"):
            return self._wire.ask(lambda v1: v1.payment_intents.retrieve(name, {"expand": inner}))
        return self._paid_under(reference, inner) or self._page_of(reference)

    def _paid_under(self, reference: str, expand: list[str]) -> dict[str, Any] | None:
        # Search knows a payment some seconds after it began.
        asked = {"query": f'metadata["reference"]:"{self.name(reference)}"', "limit": 100}
        found = self._wire.all(lambda v1: v1.payment_intents.search(asked), most=100)
        if not found:
            return None
        with self.readable():
            best = max(found, key=lambda one: (one["status"] == "succeeded", one["created"]))
            name = shapes.text(best, "id")
        return self._wire.ask(lambda v1: v1.payment_intents.retrieve(name, {"expand": expand}))

    def _listed(self, reference: str) -> str:
        """Stripe's name for a payment of the last day. A list knows at once what the search may learn much later: what is called
        closed because the search has not heard of it could be paid a second time."""
        asked = {"created": {"gte": int((now() - LONGEST).timestamp())}, "limit": 100}
        known = self._wire.all(lambda v1: v1.payment_intents.list(asked), most=MOST_PAYMENTS)
        with self.readable():
            for one in known:
                if (one.get("metadata") or {}).get("reference") == reference:
                    return shapes.text(one, "id")
        if len(known) == MOST_PAYMENTS:
            raise self.silent("too many payments")
        return ""

    def _page_of(self, reference: str) -> dict[str, Any] | None:
        """A page has no name of ours that could be searched for: it is looked for among those of the last day."""
        asked = {"created": {"gte": int((now() - LONGEST).timestamp())}, "limit": 100}
        pages = self._wire.all(lambda v1: v1.checkout.sessions.list(asked), most=MOST_PAGES)
        for page in pages:
            if page.get("client_reference_id") == reference:
                return self._found(reference, str(page["id"]))
        if len(pages) == MOST_PAGES:
            raise self.silent("too many open pages")
        return None

    def _intent(self, reference: str, provider_reference: str) -> str:
        if provider_reference.startswith("pi_"):
            return provider_reference
        found = self._found(reference, provider_reference)
        with self.readable():
            name = shapes.intent_of(found)["id"] if found else ""
        if not name:
            raise ProviderRefused(_("Stripe knows of no payment that could be paid back."), code="absent")
        return str(name)
