"""What the adapters of real providers share: keys are looked at before they are used, and faults told apart by their kind."""

from abc import abstractmethod
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from commerce.providers.base import (
    REFERENCE,
    Attempt,
    Health,
    Provider,
    ProviderDown,
    ProviderRefused,
    SettlementLine,
    Words,
)
from kernel.money import Money


class Rail(Provider):
    #: Where the provider listens; tests put a peer of their own in its place.
    gateway: str

    @abstractmethod
    def probe(self) -> str:
        """Ask something harmless; how the provider calls the account. Raises as every method that asks."""

    def wanting(self) -> tuple[Words, ...]:
        """What keeps some of the payers out though the rail works, in words for staff. Raises nothing."""
        return ()

    def test_connection(self) -> Health:
        if missing := self.faults():
            return Health(works=False, account=self.account, missing=missing)
        try:
            return Health(works=True, account=self.probe(), missing=self.wanting())
        except (ProviderDown, ProviderRefused) as no:
            return Health(works=False, account=self.account, missing=(str(no),))

    def value(self, key: str) -> str:
        return self.keys.get(key, "").strip()

    def require_keys(self) -> None:
        if faults := self.faults():
            raise ProviderRefused(" ".join(str(fault) for fault in faults), code="keys")

    def name(self, reference: str) -> str:
        if not REFERENCE.fullmatch(reference):
            words = _("%(rail)s takes no payment of this name.")
            raise ProviderRefused(words % {"rail": self.label}, code="reference")
        return reference

    def silent(self, kind: str) -> ProviderDown:
        """No answer came; `kind` is the fault's name, never its text, which may repeat what was sent."""
        return ProviderDown(_("%(rail)s did not answer (%(kind)s).") % {"rail": self.label, "kind": kind})

    @contextmanager
    def readable(self) -> Iterator[None]:
        """Where an answer is read: one that cannot be is none."""
        try:
            yield
        except (ValueError, TypeError, LookupError, AttributeError, ArithmeticError):
            words = _("%(rail)s gave an answer that cannot be read.")
            raise ProviderDown(words % {"rail": self.label}) from None


#: Where both Chinese providers count their days.
CHINA = ZoneInfo("Asia/Shanghai")
CURRENCY = "CNY"


class ChineseRail(Rail):
    """A payment is named by the merchant, is in yuan, and is announced to an address that is given with it. Its books are
    a bill for each day of China's, ready on the next morning."""

    currencies = frozenset({CURRENCY})
    #: From this hour of China's on there is a bill of the day before.
    bill_hour: int

    @abstractmethod
    def bill(self, day: date) -> list[SettlementLine]:
        """What moved on a day of China's; nothing where there is no bill of it."""

    def settlement_lines(self, since: datetime, until: datetime) -> Iterable[SettlementLine]:
        last = (until - timedelta(microseconds=1)).astimezone(CHINA).date()
        day = since.astimezone(CHINA).date()
        while day <= last:
            yield from (line for line in self.bill(day) if since <= line.at < until)
            day += timedelta(days=1)

    def books_until(self, at: datetime) -> datetime:
        here = at.astimezone(CHINA)
        midnight = here.replace(hour=0, minute=0, second=0, microsecond=0)
        return (midnight if here.hour >= self.bill_hour else midnight - timedelta(days=1)).astimezone(UTC)

    def probe(self) -> str:
        # Nobody has a payment of that name; that it is looked for shows that the signatures are known.
        self.fetch_payment("connection_test")
        return self.account

    def require_payable(self, attempt: Attempt) -> None:
        if not self.notify_url:
            raise ProviderRefused(
                _("There is no address for the notifications of %(rail)s.") % {"rail": self.label},
                code="notify_url",
            )
        self.name(attempt.reference)
        self.yuan(attempt.amount)

    def yuan(self, amount: Money) -> Money:
        if amount.currency != CURRENCY or amount.amount <= 0:
            words = _("%(rail)s takes amounts above zero in CNY only.")
            raise ProviderRefused(words % {"rail": self.label}, code="currency")
        return amount
