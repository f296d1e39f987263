"""What a payment rail is to the rest of the house: a narrow adapter, frozen values in and out.

An adapter talks to one provider in the name of one community. It knows no database, no request and no template; what
it is told and what it answers stands here. Amounts are `Money`; instants are aware and in UTC.
"""

import re
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Self

from django.utils.translation import gettext as _

from commerce.providers.keys import Health as Health
from commerce.providers.keys import KeyField as KeyField
from commerce.providers.keys import Words as Words
from commerce.providers.settlement import LineKind as LineKind
from commerce.providers.settlement import SettlementLine as SettlementLine
from kernel.money import Money

#: Of what is not there: no amount, and in the currency that ISO 4217 has for none.
NOTHING = Money(0, "XXX")

#: How a reference of ours looks, which every rail takes for a payment's name: Alipay no hyphen, WeChat Pay 32 characters.
REFERENCE = re.compile(r"[0-9A-Za-z_]{6,32}", re.ASCII)
#: Why a provider does not say who pays: the code is none, used or too old; it does not know them itself.
NO_CODE, STRANGER = "code", "stranger"
#: How old a provider's message may be, and how far ahead its clock.
FRESH = timedelta(seconds=300)
#: The largest message that is looked at, in bytes.
LARGEST_MESSAGE = 256 * 1024


class Capability(StrEnum):
    """What a rail can do besides taking one payment."""

    OFF_SESSION = "off_session"
    REFUND = "refund"
    PARTIAL_REFUND = "partial_refund"
    DISPUTES = "disputes"
    SETTLEMENT = "settlement"
    WEBHOOKS = "webhooks"


class Surface(StrEnum):
    """Where the payer is: a code to scan is useless on the phone that shows it."""

    DESK = "desk"
    PHONE = "phone"
    WECHAT = "wechat"


class State(StrEnum):
    """Where a payment or a refund stands at the provider.

    `unknown` is an answer that never came: never taken for a failure, asked for again. `absent` is the provider's
    own word that it has never heard of the reference: whatever was asked for has not happened, unless it is on its way.
    """

    PENDING = "pending"
    REQUIRES_ACTION = "requires_action"
    SUCCEEDED = "succeeded"
    SOFT_DECLINE = "soft_decline"
    HARD_DECLINE = "hard_decline"
    CANCELLED = "cancelled"
    ABSENT = "absent"
    UNKNOWN = "unknown"


class BadSignature(Exception):
    """A message that nobody proved to have sent: forged, stale, for another account, or not to be read."""


class ProviderDown(Exception):
    """The provider did not answer, or with a fault of its own: nothing is known of what was asked."""


class ProviderRefused(Exception):
    """The provider understood and said no; nothing has happened there. `code` is its own word, `message` for staff."""

    def __init__(self, message: str, *, code: str = "") -> None:
        super().__init__(message)
        self.message, self.code = message, code


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try to have an invoice paid, as an adapter is told of it. `reference` is ours and the same for ever, in the form
    of `REFERENCE`; providers that let the merchant name a payment are given it as the name. `payer` is the provider's own
    name for who pays (a customer, an openid), "" where none is known; `expires_at` is when the way to pay is to close."""

    reference: str
    amount: Money
    description: str
    language: str
    email: str = ""
    payer: str = ""
    client_ip: str = ""
    save_mandate: bool = False
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Redirect:
    """Send the payer's browser there."""

    url: str
    provider_reference: str = ""


@dataclass(frozen=True, slots=True)
class QrCode:
    """Show this as a code to scan with another device's application."""

    content: str
    provider_reference: str = ""


@dataclass(frozen=True, slots=True)
class InApp:
    """Hand these values to the application whose browser the payer is in (WeChat's JSAPI)."""

    parameters: Mapping[str, str]
    provider_reference: str = ""


@dataclass(frozen=True, slots=True)
class Instructions:
    """Tell the payer what to do themselves: (label, value) a line, in the payer's language."""

    lines: tuple[tuple[Words, str], ...]
    provider_reference: str = ""


Presentation = Redirect | QrCode | InApp | Instructions


@dataclass(frozen=True, slots=True)
class Mandate:
    """A means of payment that may be charged while its owner is away. `reference` is the provider's; `payer` its name for
    the owner; `label` is what the owner recognises it by ("Visa •••• 4242")."""

    reference: str
    payer: str = ""
    label: str = ""


@dataclass(frozen=True, slots=True)
class ProviderPayment:
    """A payment as the provider knows it now. `reference` is ours (as `Attempt.reference`), `provider_reference` theirs.
    `captured` is what was taken; `refunded` what went back, `fee` what the provider kept, None while it is not known (some
    rails never say it here)."""

    reference: str
    state: State
    amount: Money
    captured: Money
    refunded: Money | None
    provider_reference: str = ""
    paid_at: datetime | None = None
    fee: Money | None = None
    mandate: Mandate | None = None
    decline_code: str = ""
    #: Where the payer has to go to confirm, when `state` is `requires_action`.
    action_url: str = ""

    @classmethod
    def absent(cls, reference: str) -> Self:
        """What is answered for a reference that the provider has never heard of."""
        return cls(reference, State.ABSENT, amount=NOTHING, captured=NOTHING, refunded=NOTHING)


@dataclass(frozen=True, slots=True)
class ProviderRefund:
    """A refund as the provider knows it now; `reference` is ours, the same at every asking."""

    reference: str
    state: State
    amount: Money
    provider_reference: str = ""
    at: datetime | None = None

    @classmethod
    def absent(cls, reference: str) -> Self:
        """What is answered for a refund that the provider has never heard of."""
        return cls(reference, State.ABSENT, amount=NOTHING)


class Subject(StrEnum):
    """What a provider's event is about: what to fetch when it comes."""

    PAYMENT = "payment"
    REFUND = "refund"
    DISPUTE = "dispute"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Event:
    """A provider's proven word that something happened. It only triggers: what is believed is what is fetched then.

    `event_id` is the provider's and the same at every delivery. `reference` is ours where the event names it, else
    `provider_reference` says which object it is about. `amount` is what the event claims, None where it claims none.
    """

    event_id: str
    kind: str
    subject: Subject
    at: datetime
    reference: str = ""
    provider_reference: str = ""
    amount: Money | None = None


class DisputeState(StrEnum):
    OPEN = "open"
    WON = "won"
    LOST = "lost"


@dataclass(frozen=True, slots=True)
class ProviderDispute:
    """Money that the payer's bank has taken back until it is decided; `fee` is what the provider keeps of us for it, None
    where that is not known here."""

    provider_reference: str
    payment_reference: str
    state: DisputeState
    amount: Money
    reason: str = ""
    opened_at: datetime | None = None
    evidence_due_at: datetime | None = None
    fee: Money | None = None


class Provider(ABC):
    """A rail. One instance speaks for one community's account: `keys` are its values by `KeyField.key`.

    Every method that talks to the provider raises `ProviderDown` where no answer came or none that can be read: the
    outcome is then unknown, and the same call with the same references says it later without doing it twice.
    `ProviderRefused` is the provider's no.
    """

    #: A page names the rail itself, and makes none.
    do_not_call_in_templates = True

    key: str
    label: Words
    capabilities: frozenset[Capability]
    #: Codes of ISO 4217, or None for any.
    currencies: frozenset[str] | None
    surfaces: frozenset[Surface] = frozenset(Surface)
    #: Where it has to be told who pays, by the name that its own application has for them (`ask_payer`, `payer`).
    named_on: frozenset[Surface] = frozenset()
    fields: tuple[KeyField, ...] = ()
    #: Whether it may only be used where the site is marked as a trial.
    trial_only: bool = False
    #: Whether an account can be had by asking: `open_account`.
    opens_accounts: bool = False

    def __init__(self, keys: Mapping[str, str], *, notify_url: str = "") -> None:
        """`notify_url` is where the provider is to send its word, for rails that are told so with each payment."""
        self.keys, self.notify_url = keys, notify_url

    def faults(self) -> tuple[Words, ...]:
        """What is missing or malformed among the keys, in words for staff; nothing is asked of anyone."""
        found = []
        for asked in self.fields:
            value = self.keys.get(asked.key, "").strip()
            if not value and asked.required:
                found.append(_("%(field)s is missing.") % {"field": asked.label})
            elif value and (fault := asked.check(value)):
                found.append(f"{asked.label}: {fault}")
        return tuple(found)

    def without_secrets(self, words: object) -> str:
        """A provider's own words, fit for a page and a log: short, and without anything that it was entrusted with."""
        said = str(words)
        for asked in self.fields:
            # A key of several lines may come back in parts.
            for piece in self.keys.get(asked.key, "").split() if asked.secret else ():
                said = said.replace(piece, "•••") if len(piece) >= 6 else said
        return said[:300]

    def payable_on(self, surface: Surface) -> bool:
        """Whether a payer there can be led to pay, with the keys that were entered."""
        return surface in self.surfaces

    def notes(self, site: str) -> tuple[tuple[Words, str], ...]:
        """What has to be entered with the provider for payments on this site: (where, what)."""
        return ()

    def links(self) -> tuple[tuple[Words, str], ...]:
        """Pages of this account at the provider that staff may want: (what, address)."""
        return ()

    @classmethod
    def open_account(cls, *, name: str, notify_url: str) -> dict[str, str]:
        """A new account, which may send its word to what lies under `notify_url`: its keys by field. Only of a rail that
        `opens_accounts`; raises `ProviderDown` and `ProviderRefused`."""
        raise NotImplementedError(f"{cls.key} opens no accounts.")

    def root_files(self) -> dict[str, str]:
        """What the provider looks for at the root of the site, to see whose it is: content by name."""
        return {}

    def ask_payer(self, *, state: str, back: str) -> str:
        """Where the payer's browser goes to be named: it comes back at `back` with `state` and a `code`. Nobody is asked."""
        raise NotImplementedError(f"{self.key} need not be told who pays.")

    def payer(self, code: str) -> str:
        """What the provider calls whoever came back with this code. `ProviderRefused` (`NO_CODE`, `STRANGER`) where it cannot."""
        raise NotImplementedError(f"{self.key} need not be told who pays.")

    @property
    @abstractmethod
    def account(self) -> str:
        """The provider's own name for the account, by which events for another one are told apart."""

    @abstractmethod
    def test_connection(self) -> Health:
        """Ask the provider something harmless, and say what is missing. Raises nothing."""

    @abstractmethod
    def create_checkout(
        self, attempt: Attempt, *, idem: str, surface: Surface, return_url: str
    ) -> Presentation:
        """A way for the payer to pay this attempt. Asked twice with the same `idem`, the same way."""

    @abstractmethod
    def fetch_payment(self, reference: str, provider_reference: str = "") -> ProviderPayment:
        """What has become of an attempt: the authority. State `absent` where the provider knows of none."""

    def charge_off_session(self, mandate: Mandate, attempt: Attempt, *, idem: str) -> ProviderPayment:
        """Charge a saved means while its owner is away. Never twice for one `idem`. `ProviderRefused` with the code
        `mandate_gone` where the leave to charge is no more."""
        raise NotImplementedError(f"{self.key} charges nobody who is away.")

    def forget_mandate(self, mandate: Mandate) -> None:
        """Take back the leave to charge. Done twice it is done once."""
        raise NotImplementedError(f"{self.key} keeps no means of payment.")

    @abstractmethod
    def cancel(self, reference: str, provider_reference: str = "") -> ProviderPayment:
        """Close the way to pay, unless it was paid meanwhile: the payment as it is then."""

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
        """Send `money` of a payment of `total` back. `idem` is the refund's own reference: never twice for one."""
        raise NotImplementedError(f"{self.key} sends nothing back by itself.")

    def fetch_refund(
        self, idem: str, *, payment_reference: str, provider_reference: str = ""
    ) -> ProviderRefund:
        """What has become of a refund; state `absent` where the provider knows of none."""
        raise NotImplementedError(f"{self.key} sends nothing back by itself.")

    def fetch_dispute(self, provider_reference: str) -> ProviderDispute:
        """A dispute as it stands. Raises `ProviderRefused` where there is none."""
        raise NotImplementedError(f"{self.key} knows no disputes.")

    def parse_webhook(self, headers: Mapping[str, str], raw_body: bytes, now: datetime) -> list[Event]:
        """The events of a message, proven to be the provider's, fresh (300 s) and for this account. Pure: no database, no
        network. `headers` are by lower-case name. Raises `BadSignature` on any doubt."""
        raise BadSignature(f"{self.key} sends no word.")

    def acknowledge(self, ok: bool) -> tuple[int, str, bytes]:
        """Status, content type and body by which this rail takes a message for received, or sends it again."""
        return (200 if ok else 500), "text/plain", b"ok" if ok else b""

    def settlement_lines(self, since: datetime, until: datetime) -> Iterable[SettlementLine]:
        """The provider's own books over [since, until), each line once."""
        raise NotImplementedError(f"{self.key} gives no books.")

    def books_until(self, at: datetime) -> datetime:
        """Up to when the provider's own books are complete at this moment."""
        return at
