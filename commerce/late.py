"""Who owes what at this moment, and what comes next for each."""

from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet

from commerce import ladder
from commerce.ladder import Step
from commerce.models import Invoice, Mandate, MoneySettings, Subscription
from commerce.services import lateness, money_settings
from members.selectors import telephones


@dataclass(frozen=True)
class Late:
    """An invoice that is to be paid, and the steps while it is not; none for what is no dues."""

    invoice: Invoice
    steps: list[Step]
    is_late: bool
    #: "tel:+4930901820", where the member gave a number.
    telephone: str


def owed_in(community_id: int) -> QuerySet[Invoice]:
    """Every invoice that is to be paid, the longest due first."""
    rows = Invoice.objects.of(community_id).unpaid().order_by("due_on", "id")
    return rows.select_related("membership__user", "subscription__plan", "subscription__membership")


def told(invoices: list[Invoice], *, community_id: int, today: date) -> list[Late]:
    """Each with what comes next, in three queries however many they are."""
    settings = money_settings.of(community_id)
    members = {invoice.membership_id for invoice in invoices}
    alive = Mandate.objects.filter(membership__in=members, ended_at=None, account__enabled=True)
    mandates = {mandate.pk: mandate for mandate in alive}
    numbers = telephones.of(community_id, [invoice.membership for invoice in invoices])
    return [
        Late(
            invoice,
            _steps(invoice, mandates, settings),
            invoice.due_on < today,
            numbers.get(invoice.membership_id, ""),
        )
        for invoice in invoices
    ]


def _steps(invoice: Invoice, mandates: dict[int, Mandate], settings: MoneySettings) -> list[Step]:
    """Of dues that can still lapse; none for what has ended."""
    subscription = invoice.subscription
    if subscription is None or subscription.status == Subscription.Status.ENDED:
        return []
    mandate = mandates.get(subscription.mandate_id) if subscription.mandate_id else None
    owed = lateness.owed_of(invoice, subscription, mandate)
    return ladder.steps(owed, lateness.ladder_of(subscription, settings))
