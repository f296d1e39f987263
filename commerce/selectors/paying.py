"""What somebody who holds a pay link sees."""

from dataclasses import dataclass

from django.contrib.auth.models import AnonymousUser

from commerce.models import CreditNote, Invoice, InvoiceLine, Payment, PaymentAttempt, ProviderAccount
from commerce.providers import providers
from members.models import User


@dataclass(frozen=True)
class Bill:
    """An invoice with all that its page shows. `payment` is what paid it, None where nothing did (it came to nothing, or
    credit covered it); `attempt` the one that is on its way; `declined` the last try where it failed, which may be open to
    another one there."""

    invoice: Invoice
    lines: list[InvoiceLine]
    payment: Payment | None
    attempt: PaymentAttempt | None
    declined: PaymentAttempt | None
    credit_notes: list[CreditNote]

    @property
    def is_open(self) -> bool:
        return self.invoice.status == Invoice.Status.OPEN

    def is_of(self, user: User | AnonymousUser) -> bool:
        """Whether it is the invoice of who is signed in."""
        return user.is_authenticated and self.invoice.membership.user_id == user.pk


def by_token(token: str) -> Bill | None:
    """The bill of a pay link, None for a link that leads nowhere."""
    found = Invoice.objects.filter(pay_token=token).select_related("community", "membership__user").first()
    return of(found) if found else None


def of(invoice: Invoice) -> Bill:
    tries = list(invoice.attempts.select_related("account").order_by("-id")[:2])
    last = tries[0] if tries else None
    return Bill(
        invoice=invoice,
        lines=list(invoice.lines.all()),
        payment=invoice.payments.filter(surplus=False, reversed_at=None).first(),
        attempt=last if last and last.is_live else None,
        declined=last if last and last.decline_code else None,
        credit_notes=list(invoice.credit_notes.all()),
    )


def accounts_for(invoice: Invoice, offered: list[ProviderAccount]) -> list[ProviderAccount]:
    """Those of the accounts that take the invoice's currency, in the community's order."""

    def takes(account: ProviderAccount) -> bool:
        currencies = providers.get(account.provider).currencies
        return currencies is None or invoice.currency in currencies

    return [account for account in offered if takes(account)]
