"""The sandbox: a provider for trials, in a process of its own (`crowdecon/sandbox/`), spoken to as one speaks to a real one."""

import base64
import hashlib
import hmac
import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import requests
from django.conf import settings
from django.utils.translation import gettext_lazy as _
from requests.auth import HTTPBasicAuth

from commerce.providers.base import (
    FRESH,
    LARGEST_MESSAGE,
    Attempt,
    BadSignature,
    Capability,
    DisputeState,
    Event,
    KeyField,
    LineKind,
    Mandate,
    Presentation,
    ProviderDispute,
    ProviderPayment,
    ProviderRefund,
    ProviderRefused,
    QrCode,
    Redirect,
    SettlementLine,
    State,
    Subject,
    Surface,
    Words,
)
from commerce.providers.rail import Rail
from kernel.money import LARGEST, Money

#: Seconds to reach it, and to have an answer.
PATIENCE = (3, 15)


class Sandbox(Rail):
    key = "sandbox"
    label = _("Sandbox (no money moves)")
    capabilities = frozenset(Capability)
    currencies = None
    fields = (
        KeyField("account", _("Account"), help=_("Begins with acct_."), secret=False),
        KeyField("api_key", _("Key"), help=_("Begins with sk_.")),
        KeyField("webhook_secret", _("Secret for messages"), help=_("Begins with whsec_.")),
        KeyField(
            "control",
            _("Control page"),
            help=_("Where faults are switched on."),
            secret=False,
            required=False,
        ),
    )
    trial_only = True
    opens_accounts = True

    @property
    def account(self) -> str:
        return self.value("account")

    @classmethod
    def open_account(cls, *, name: str, notify_url: str) -> dict[str, str]:
        with cls({}).readable():
            found = _call("POST", "accounts", {"name": name, "notify_url": notify_url})
            keys = {key: str(found[key]) for key in ("api_key", "webhook_secret")}
            control = f"{settings.SANDBOX_URL.rstrip('/')}/control/{found['control']}"
            return keys | {"account": str(found["id"]), "control": control}

    def links(self) -> tuple[tuple[Words, str], ...]:
        control = self.value("control")
        return ((_("What has happened there, and what is to go wrong"), control),) if control else ()

    def probe(self) -> str:
        try:
            with self.readable():
                found = self._ask("GET", "account")
                name, configured = str(found["name"]), str(found["notify_url"])
        except ProviderRefused as no:
            if no.code != "key":
                raise
            message = str(_("The sandbox does not know this account and key."))
            raise ProviderRefused(message, code=no.code) from no
        if self.notify_url and not (configured and self.notify_url.startswith(configured)):
            raise ProviderRefused(str(_("It may not send messages here.")), code="notify_url")
        return name

    def create_checkout(
        self, attempt: Attempt, *, idem: str, surface: Surface, return_url: str
    ) -> Presentation:
        asked = self._asked(attempt) | {
            "return_url": return_url,
            "surface": surface.value,
            "save_mandate": attempt.save_mandate,
            "expires_at": attempt.expires_at.isoformat() if attempt.expires_at else None,
        }
        with self.readable():
            found = self._ask("POST", "payments", asked, idem=idem)
            shown = QrCode if found["shown_as"] == "qr" else Redirect
            return shown(str(found["url"]), str(found["id"]))

    def fetch_payment(self, reference: str, provider_reference: str = "") -> ProviderPayment:
        try:
            with self.readable():
                return _payment(self._ask("GET", f"payments/{_name(provider_reference or reference)}"))
        except ProviderRefused as no:
            if no.code != "absent":
                raise
            return ProviderPayment.absent(reference)

    def charge_off_session(self, mandate: Mandate, attempt: Attempt, *, idem: str) -> ProviderPayment:
        asked = self._asked(attempt) | {"mandate": mandate.reference}
        with self.readable():
            return _payment(self._ask("POST", "charges", asked, idem=idem))

    def forget_mandate(self, mandate: Mandate) -> None:
        self._ask("DELETE", f"mandates/{_name(mandate.reference)}")

    def cancel(self, reference: str, provider_reference: str = "") -> ProviderPayment:
        try:
            with self.readable():
                path = f"payments/{_name(provider_reference or reference)}/cancel"
                return _payment(self._ask("POST", path, {}))
        except ProviderRefused as no:
            if no.code != "absent":
                raise
            return ProviderPayment.absent(reference)

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
        asked = {"amount": money.amount, "currency": money.currency, "reason": reason[:500]}
        path = f"payments/{_name(provider_reference or reference)}/refunds"
        with self.readable():
            return _refund(self._ask("POST", path, asked, idem=idem))

    def fetch_refund(
        self, idem: str, *, payment_reference: str, provider_reference: str = ""
    ) -> ProviderRefund:
        try:
            with self.readable():
                return _refund(self._ask("GET", f"refunds/{_name(idem)}"))
        except ProviderRefused as no:
            if no.code != "absent":
                raise
            return ProviderRefund.absent(idem)

    def fetch_dispute(self, provider_reference: str) -> ProviderDispute:
        with self.readable():
            found = self._ask("GET", f"disputes/{_name(provider_reference)}")
            return ProviderDispute(
                provider_reference=found["id"],
                payment_reference=found["reference"],
                state=DisputeState(found["state"]),
                amount=_money(found, "amount"),
                reason=found["reason"],
                opened_at=_instant(found["at"]),
                evidence_due_at=_instant(found["due_at"]),
                fee=_money(found, "fee"),
            )

    def settlement_lines(self, since: datetime, until: datetime) -> Iterable[SettlementLine]:
        query = {"since": since.isoformat(), "until": until.isoformat()}
        with self.readable():
            return [_line(line) for line in self._ask("GET", "lines", query=query)["lines"]]

    def parse_webhook(self, headers: Mapping[str, str], raw_body: bytes, now: datetime) -> list[Event]:
        """Signed after the Standard Webhooks scheme: `id.timestamp.body`, HMAC-SHA256, any of the given signatures."""
        name, stamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
        if not name or len(raw_body) > LARGEST_MESSAGE or not (stamp.isascii() and stamp.isdigit()):
            raise BadSignature("no name or time")
        if len(stamp) > 12 or abs(int(stamp) - now.timestamp()) > FRESH.total_seconds():
            raise BadSignature("stale")
        try:
            secret = base64.b64decode(self.value("webhook_secret").removeprefix("whsec_"), validate=True)
        except ValueError as trouble:
            raise BadSignature("no secret") from trouble
        signed = f"{name}.{stamp}.".encode(errors="surrogatepass") + raw_body
        expected = b"v1," + base64.b64encode(hmac.new(secret, signed, hashlib.sha256).digest())
        given = headers.get("webhook-signature", "").encode(errors="replace").split(b" ")
        if not secret or not any(hmac.compare_digest(expected, one) for one in given):
            raise BadSignature("not signed by the sandbox")
        try:
            return [_event(json.loads(raw_body), name, self.account)]
        except (KeyError, TypeError, ValueError, RecursionError) as trouble:
            raise BadSignature("not to be read") from trouble

    def _asked(self, attempt: Attempt) -> dict[str, Any]:
        return {
            "reference": attempt.reference,
            "amount": attempt.amount.amount,
            "currency": attempt.amount.currency,
            "description": attempt.description[:500],
            "language": attempt.language,
            "email": attempt.email,
            "payer": attempt.payer,
            "notify_url": self.notify_url,
        }

    def _ask(
        self,
        method: str,
        path: str,
        body: dict[str, Any] | None = None,
        *,
        idem: str = "",
        query: Mapping[str, str] | None = None,
    ) -> dict[str, Any]:
        """The answer of the peer. Raises `ProviderDown` and `ProviderRefused`, as every method here does."""
        self.require_keys()
        auth = HTTPBasicAuth(self.value("account").encode(), self.value("api_key").encode())
        headers = {"Idempotency-Key": idem} if idem else {}
        return _call(method, f"v1/{path}", body, auth=auth, headers=headers, params=query)


def _call(method: str, path: str, body: dict[str, Any] | None, **asked: Any) -> dict[str, Any]:
    if not (settings.SITE_IS_TRIAL and settings.SANDBOX_URL):
        message = str(_("This site is no trial, so it has no sandbox."))
        raise ProviderRefused(message, code="no_trial")
    try:
        with requests.Session() as session:
            # It is on our own network: a proxy of the environment has no business here.
            session.trust_env = False
            url = f"{settings.SANDBOX_URL.rstrip('/')}/{path}"
            answer = session.request(method, url, json=body, timeout=PATIENCE, allow_redirects=False, **asked)
        found = answer.json()
    except (requests.RequestException, ValueError) as trouble:
        raise Sandbox({}).silent(type(trouble).__name__) from trouble
    if not isinstance(found, dict) or not (answer.ok or 400 <= answer.status_code < 500):
        raise Sandbox({}).silent(str(answer.status_code))
    if not answer.ok:
        raise ProviderRefused(str(found.get("message", "")), code=str(found.get("error", "")))
    return found


def _name(text: str) -> str:
    return quote(text, safe="")


def _money(found: Mapping[str, Any], name: str) -> Money:
    currency = found["currency"]
    if not isinstance(currency, str) or len(currency) != 3:
        raise ValueError("no currency")
    return Money(found[name], currency)


def _instant(text: Any) -> datetime:
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        raise ValueError("no offset")
    return at.astimezone(UTC)


def _payment(found: Mapping[str, Any]) -> ProviderPayment:
    mandate = found["mandate"]
    return ProviderPayment(
        reference=str(found["reference"]),
        state=State(found["state"]),
        amount=_money(found, "amount"),
        captured=_money(found, "captured"),
        refunded=_money(found, "refunded"),
        provider_reference=str(found["id"]),
        paid_at=_instant(found["paid_at"]) if found["paid_at"] else None,
        fee=None if found["fee"] is None else _money(found, "fee"),
        mandate=Mandate(mandate["id"], mandate["payer"], mandate["label"]) if mandate else None,
        decline_code=str(found["decline_code"]),
        action_url=str(found["action_url"]),
    )


def _refund(found: Mapping[str, Any]) -> ProviderRefund:
    return ProviderRefund(
        reference=str(found["idem"]),
        state=State(found["state"]),
        amount=_money(found, "amount"),
        provider_reference=str(found["id"]),
        at=_instant(found["at"]),
    )


def _line(found: Mapping[str, Any]) -> SettlementLine:
    return SettlementLine(
        line_id=str(found["id"]),
        kind=LineKind(found["kind"]),
        amount=_money(found, "amount"),
        fee=_money(found, "fee"),
        at=_instant(found["at"]),
        reference=str(found["reference"]),
        provider_reference=str(found["provider_reference"]),
    )


def _event(found: Any, name: str, account: str) -> Event:
    if found["account"] != account or found["id"] != name:
        raise ValueError("for somebody else")
    data = found["data"]
    amount = _money(data, "amount")
    if not 0 <= amount.amount <= LARGEST:
        raise ValueError("no amount")
    return Event(
        event_id=name,
        kind=str(found["type"]),
        subject=Subject(data["subject"]),
        at=_instant(found["at"]),
        reference=str(data["reference"]),
        provider_reference=str(data["provider_reference"]),
        amount=amount,
    )
