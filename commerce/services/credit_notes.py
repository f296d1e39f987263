"""Credit notes: what is taken back of a final invoice, line by line and to the last unit of its tax.

Of each line so much is taken back as its share of the whole; however many parts it takes, all of them together are the
invoice. What was not earned yet is taken from what is deferred; only the rest from revenue.
"""

from datetime import datetime

from django.db import transaction
from django.db.models import Sum

from commerce.models import Account, CreditNote, Deferral, Invoice, InvoiceLine
from commerce.services import invoices, ledger, money_settings, numbers
from commerce.services.ledger import Side
from commerce.tax import Taxed, sent_back
from kernel.clock import local_day
from kernel.locks import locked
from kernel.tenancy import Community


def credited(invoice: Invoice) -> int:
    """What was taken back of it so far."""
    return int(invoice.credit_notes.aggregate(sum=Sum("gross"))["sum"] or 0)


def reckon(invoice: Invoice, gross: int) -> Taxed:
    """What a credit note over `gross` would say: its gross, and the tax within it."""
    return sum_of(_parts(list(invoice.lines.all()), invoice.gross, credited(invoice), gross))


def sum_of(parts: list[Taxed]) -> Taxed:
    return Taxed(sum(part.gross for part in parts), sum(part.tax for part in parts))


@transaction.atomic
def issue(
    *,
    invoice: Invoice,
    community: Community,
    gross: int,
    reason: str,
    at: datetime,
    against: Account = Account.REFUNDS,
) -> CreditNote:
    """Write a credit note over `gross`, with the next number of its series, and post it against an account: refunds that
    are owed, or what is held for disputes. The caller holds the member and has locked the invoice.

    Raises `ValueError` for nothing and for more than is left of the invoice.
    """
    before = credited(invoice)
    if gross <= 0 or before + gross > invoice.gross:
        raise ValueError(f"{gross} of {invoice.gross - before} that are left cannot be taken back.")
    lines = list(invoice.lines.all())
    parts = _parts(lines, invoice.gross, before, gross)
    settings, year = money_settings.of(community.id), local_day(at, community.zone).year
    series = settings.credit_series
    note = CreditNote.objects.create(
        community_id=community.id,
        invoice=invoice,
        series=series,
        year=year,
        sequence=numbers.next_number(community_id=community.id, series=series, year=year),
        currency=invoice.currency,
        net=sum(part.net for part in parts),
        tax=sum(part.tax for part in parts),
        gross=gross,
        reason=reason[:240],
        lines=[
            {"position": line.position, "net": part.net, "tax": part.tax, "gross": part.gross}
            for line, part in zip(lines, parts, strict=True)
            if part.gross or part.tax
        ],
        issued_at=at,
    )
    sides = [Side(Account.TAX, note.tax), Side(against, -gross)]
    for account, net in _unearned(lines, parts).items():
        sides.append(Side(account, net))
    ledger.post(
        community=community,
        kind="credit_note",
        source_type="credit_note",
        source_id=note.pk,
        currency=note.currency,
        sides=sides,
        at=at,
    )
    return note


def credit_left(invoice: Invoice) -> int:
    """How much of what the member's credit paid of it was not given back as credit yet."""
    back = invoice.credit_notes.filter(refund=None, dispute=None)
    left = invoice.credit_used - int(back.aggregate(sum=Sum("gross"))["sum"] or 0)
    return max(min(left, invoice.gross - credited(invoice)), 0)


@transaction.atomic
def credit_back(
    *, invoice: Invoice, community: Community, reason: str, at: datetime, most: int | None = None
) -> CreditNote | None:
    """Take back what the member's credit paid of it, all that is left of that or so much at `most`, and give it back as
    credit; None where there is nothing. The caller as for `issue`."""
    left = credit_left(invoice)
    used = left if most is None else min(left, most)
    if used <= 0:
        return None
    note = issue(invoice=invoice, community=community, gross=used, reason=reason, at=at)
    ledger.post(
        community=community,
        kind="credit_back",
        source_type="credit_note",
        source_id=note.pk,
        currency=invoice.currency,
        at=at,
        sides=[
            Side(Account.REFUNDS, used),
            Side(Account.CREDIT, -used, membership=invoice.membership),
        ],
    )
    return note


def _parts(lines: list[InvoiceLine], whole: int, before: int, now: int) -> list[Taxed]:
    """What of each line goes back now, after `before` of the whole: it adds up, and in the end to the lines."""
    parts, reached = [], 0
    for line in lines:
        earlier, later = reached * before // whole, reached * (before + now) // whole
        reached += line.gross
        then = reached * before // whole - earlier
        by_now = reached * (before + now) // whole - later
        parts.append(_taxed(line, by_now) + _minus(_taxed(line, then)))
    return parts


def _taxed(line: InvoiceLine, share: int) -> Taxed:
    """So much of a line, with its tax; a line that takes off is reckoned as what it takes off from."""
    sign = -1 if line.gross < 0 else 1
    if not line.gross:
        return Taxed(0, 0)
    part = sent_back(Taxed(sign * line.gross, sign * line.tax), 0, sign * share)
    return Taxed(sign * part.gross, sign * part.tax)


def _minus(part: Taxed) -> Taxed:
    return Taxed(-part.gross, -part.tax)


def _unearned(lines: list[InvoiceLine], parts: list[Taxed]) -> dict[Account, int]:
    """The accounts that the net is taken from: of each line first what is deferred, which is then never earned."""
    nets = dict.fromkeys((Account.DEFERRED, Account.REVENUE, Account.DISCOUNT), 0)
    rows = locked(Deferral.objects.filter(line__in=lines).order_by("pk"))
    deferrals = {deferral.line_id: deferral for deferral in rows}
    for line, part in zip(lines, parts, strict=True):
        deferral = deferrals.get(line.pk)
        if deferral is None:
            # A gift that nobody has taken yet is deferred as a whole.
            gift = line.kind == InvoiceLine.Kind.GIFT
            nets[Account.DEFERRED if gift else invoices.earned_in(line)] += part.net
            continue
        left = deferral.amount - deferral.recognised - deferral.released
        taken = min(part.net, max(left, 0)) if part.net > 0 else max(part.net, min(left, 0))
        deferral.released += taken
        deferral.closed = deferral.closed or left == taken
        deferral.save(update_fields=["released", "closed"])
        nets[Account.DEFERRED] += taken
        nets[invoices.earned_in(line)] += part.net - taken
    return nets
