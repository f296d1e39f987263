"""Invoices: written once and final, paid once, taken back only by what is written beside them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial

from django.db import transaction
from django.utils.translation import gettext as _

from commerce.models import Account, Deferral, Gift, Invoice, InvoiceLine, MoneySettings, Order, Subscription
from commerce.periods import Period
from commerce.services import credits, ledger, money_settings, numbers
from commerce.services.ledger import Side
from commerce.tax import tax_within
from kernel import activity
from kernel.clock import local_day
from kernel.errors import Refused
from kernel.locks import held, locked
from kernel.tenancy import Community
from members.actors import Actor
from members.models import Membership
from members.services import audit

Kind, Reason, Status = InvoiceLine.Kind, Invoice.Reason, Invoice.Status


@dataclass(frozen=True)
class NewLine:
    """A line to be written: `gross` in smallest units with its tax inside, negative for what is taken off. `days` are those
    it is earned over; without them it is earned at once, but for a gift, which is earned by whom it is given to."""

    kind: InvoiceLine.Kind
    words: str
    gross: int
    tax_rate: int = 0
    quantity: int = 1
    days: Period | None = None


@transaction.atomic
def issue(
    *,
    community: Community,
    membership: Membership,
    reason: Invoice.Reason,
    lines: Sequence[NewLine],
    currency: str,
    due_on: date,
    at: datetime,
    by: Actor,
    subscription: Subscription | None = None,
    gift: Gift | None = None,
    order: Order | None = None,
    period: Period | None = None,
) -> Invoice:
    """Write a final invoice with the next number, and post it. The member's credit is used first; where nothing is left
    to pay it is paid at once.

    The caller holds the subscription. Raises `ValueError` for lines that come to less than nothing, and `IntegrityError`
    where the subscription has an invoice for this period already.
    """
    settings = money_settings.of(community.id)
    taxes = [tax_within(line.gross, line.tax_rate) for line in lines]
    gross, tax = sum(line.gross for line in lines), sum(taxes)
    if gross < 0:
        raise ValueError("An invoice asks for no less than nothing: give the rest as credit.")
    credit = min(credits.spendable(membership, currency).amount, gross)
    year = local_day(at, community.zone).year
    invoice = Invoice.objects.create(
        community_id=community.id,
        membership=membership,
        subscription=subscription,
        gift=gift,
        order=order,
        reason=reason,
        series=settings.invoice_series,
        year=year,
        sequence=numbers.next_number(community_id=community.id, series=settings.invoice_series, year=year),
        currency=currency,
        net=gross - tax,
        tax=tax,
        gross=gross,
        credit_used=max(credit, 0),
        period_start=period.start if period else None,
        period_end=period.end if period else None,
        due_on=due_on,
        issued_at=at,
        language=membership.user.language if membership.user else community.language,
        seller=_seller(community, settings),
        billed_to={"name": membership.display_name, "email": membership.email, "number": membership.number},
    )
    written = InvoiceLine.objects.bulk_create(
        InvoiceLine(
            invoice=invoice,
            position=position,
            kind=line.kind,
            words=line.words[:240],
            quantity=line.quantity,
            tax_rate=line.tax_rate,
            net=line.gross - tax,
            tax=tax,
            gross=line.gross,
            starts_on=line.days.start if line.days else None,
            ends_on=line.days.end if line.days else None,
        )
        for position, (line, tax) in enumerate(zip(lines, taxes, strict=True))
    )
    Deferral.objects.bulk_create(
        deferral_of(line, invoice) for line in written if line.starts_on and line.net
    )
    _post(invoice, written, community, at)
    if invoice.due.amount == 0:
        settle(invoice, community=community, at=at, by=by)
    return invoice


def deferral_of(line: InvoiceLine, invoice: Invoice, *, begun_at: datetime | None = None) -> Deferral:
    """What is to be earned of a line over its days, not written yet. Raises `ValueError` for a line that has none."""
    if line.starts_on is None or line.ends_on is None:
        raise ValueError("A line without days is earned at once.")
    return Deferral(
        line=line,
        community_id=invoice.community_id,
        currency=invoice.currency,
        amount=line.net,
        starts_on=line.starts_on,
        ends_on=line.ends_on,
        begun_at=begun_at,
    )


def settle(invoice: Invoice, *, community: Community, at: datetime, by: Actor) -> None:
    """Nothing is owed on it any more. The caller has locked it; what follows from it is done in the same transaction."""
    invoice.status, invoice.paid_at, invoice.next_at = Status.PAID, at, None
    invoice.save(update_fields=["status", "paid_at", "next_at"])
    Deferral.objects.filter(line__invoice=invoice, begun_at=None).update(begun_at=at)
    activity.announce("invoice.paid", invoice=invoice, community=community, at=at, by=by)


def reopen(invoice: Invoice, *, community: Community, at: datetime, by: Actor) -> None:
    """It is owed after all: the payment of it was taken back. The caller has locked it; the clock looks at it next."""
    invoice.status, invoice.paid_at, invoice.next_at = Status.OPEN, None, at
    invoice.save(update_fields=["status", "paid_at", "next_at"])
    Deferral.objects.filter(line__invoice=invoice, closed=False).update(begun_at=None)
    activity.announce("invoice.reopened", invoice=invoice, community=community, at=at, by=by)


@transaction.atomic
def void(*, invoice: Invoice, community: Community, reason: str, at: datetime, by: Actor) -> Invoice:
    """Take back an invoice that nobody has paid; credit that was used on it is given back.

    Raises `Refused` for one that is paid or void (`not_open`), while a payment of it is on its way (`being_paid`), and
    without a reason (`required`).
    """
    held(Membership.objects.filter(pk=invoice.membership_id)).get()
    invoice = locked(Invoice.objects.filter(pk=invoice.pk)).get()
    if invoice.status != Status.OPEN:
        raise Refused(_("Only an invoice that is still to be paid can be taken back."), code="not_open")
    if invoice.attempts.filter(state__in=invoice.attempts.model.LIVE).exists():
        raise Refused(_("A payment of this invoice is on its way."), code="being_paid")
    if not reason.strip():
        raise Refused(_("Say why: the member will read it."), code="required", field="reason")
    for kind, back in (("invoice", "void"), ("credit_used", "credit_back")):
        posting = ledger.posted(kind, "invoice", invoice.pk)
        if posting is not None:
            ledger.reverse(posting, community=community, kind=back, at=at)
    _unearn(invoice, community, at)
    invoice.status, invoice.voided_at, invoice.next_at = Status.VOID, at, None
    invoice.void_reason = reason.strip()[:240]
    invoice.save(update_fields=["status", "voided_at", "void_reason", "next_at"])
    audit.record(
        action="invoice.voided",
        object_kind="invoice",
        object_id=invoice.number,
        by=by,
        at=at,
        community_id=community.id,
        after={
            "member": invoice.membership.number,
            "amount": str(invoice.total),
            "reason": invoice.void_reason,
        },
    )
    activity.announce("invoice.voided", invoice=invoice, community=community, at=at, by=by)
    return invoice


def _unearn(invoice: Invoice, community: Community, at: datetime) -> None:
    """What was earned of it while it was thought to be paid was never earned: all of it left what is deferred just now."""
    rows = locked(Deferral.objects.filter(line__invoice=invoice).order_by("pk"))
    earned = [(one.recognised, earned_in(one.line)) for one in rows.select_related("line")]
    ledger.post(
        community=community,
        kind="correction",
        source_type="invoice",
        source_id=invoice.pk,
        currency=invoice.currency,
        sides=[
            Side(Account.DEFERRED, -sum(amount for amount, _account in earned)),
            *(Side(account, amount) for amount, account in earned),
        ],
        at=at,
    )
    Deferral.objects.filter(line__invoice=invoice).update(closed=True, recognised=0)


def _seller(community: Community, settings: MoneySettings) -> dict[str, str]:
    return {
        "name": settings.seller_name or community.name,
        "address": settings.seller_address,
        "tax_id": settings.seller_tax_id,
    }


def _post(invoice: Invoice, lines: Sequence[InvoiceLine], community: Community, at: datetime) -> None:
    """The member owes the gross; the net is deferred, or earned where a line has no days; the tax is owed on."""
    nets = dict.fromkeys((Account.DEFERRED, Account.REVENUE, Account.DISCOUNT), 0)
    for line in lines:
        later = line.starts_on is not None or line.kind == Kind.GIFT
        nets[Account.DEFERRED if later else earned_in(line)] -= line.net
    post = partial(
        ledger.post,
        community=community,
        source_type="invoice",
        source_id=invoice.pk,
        currency=invoice.currency,
        at=at,
    )
    member, used = invoice.membership, invoice.credit_used
    owed = [Side(Account.RECEIVABLE, invoice.gross, membership=member), Side(Account.TAX, -invoice.tax)]
    post(kind="invoice", sides=[*owed, *(Side(account, net) for account, net in nets.items())])
    paid = [Side(Account.CREDIT, used, membership=member), Side(Account.RECEIVABLE, -used, membership=member)]
    post(kind="credit_used", sides=paid)


def earned_in(line: InvoiceLine) -> Account:
    """The account in which a line is earned: what a coupon takes off is shown beside revenue, not taken out of it."""
    return Account.DISCOUNT if line.kind == Kind.COUPON else Account.REVENUE
