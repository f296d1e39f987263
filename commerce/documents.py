"""Invoices, receipts and credit notes as PDF, in the language they were written in and by the community's clock."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from babel import numbers as babel_numbers
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from commerce import paper
from commerce.models import CreditNote, Invoice, InvoiceLine
from commerce.paper import BETWEEN, Row, Sheet, Sum
from kernel import letters, words
from kernel.money import Money, exponent


@dataclass(frozen=True)
class Share:
    """Of a line: all of it, or what is taken back."""

    net: int
    tax: int
    gross: int


def of_invoice(
    invoice: Invoice,
    lines: Sequence[InvoiceLine],
    *,
    credit_notes: Sequence[CreditNote] = (),
    link: str = "",
) -> bytes:
    """An invoice, which is a receipt too once it is paid; while it is open `link` is where it is paid.

    Raises `letters.NoLetters` where no letters are installed.
    """
    with translation.override(_language(invoice)), timezone.override(invoice.community.zone):
        return paper.pdf(_invoice(invoice, lines, credit_notes, link))


def of_credit_note(note: CreditNote, lines: Sequence[InvoiceLine]) -> bytes:
    """A credit note; `lines` are those of the invoice that it takes back from. Raises `letters.NoLetters`."""
    with translation.override(_language(note.invoice)), timezone.override(note.community.zone):
        return paper.pdf(_credit_note(note, lines))


def file_name(invoice: Invoice, number: str) -> str:
    """What the file is called where it is kept: "Invoice INV-2026-000123.pdf"."""
    with translation.override(_language(invoice)):
        title = _("Invoice") if number == invoice.number else _("Credit note")
        return f"{title} {number}.pdf"


def _invoice(
    invoice: Invoice, lines: Sequence[InvoiceLine], credit_notes: Sequence[CreditNote], link: str
) -> Sheet:
    paid = invoice.status == Invoice.Status.PAID
    is_open = invoice.status == Invoice.Status.OPEN
    return Sheet(
        title=_("Invoice and receipt") if paid else _("Invoice"),
        number=invoice.number,
        language=_tag(_language(invoice)),
        written_at=invoice.issued_at,
        seller=_seller(invoice),
        facts=[
            (_("Billed to"), _billed_to(invoice)),
            (_("Issued"), words.day(invoice.issued_at)),
            (_("Due"), words.day(invoice.due_on)),
            *_period(invoice),
            *_status(invoice),
        ],
        columns=[_("What for"), _("Net"), _("Tax rate"), _("Tax"), _("Amount")],
        rows=[_row(line, Share(line.net, line.tax, line.gross), invoice) for line in lines],
        sums=_sums(invoice),
        later=[
            Sum(
                BETWEEN.join((note.number, words.day(note.issued_at), note.reason)),
                _money(-note.gross, note.currency),
            )
            for note in sorted(credit_notes, key=lambda note: note.issued_at)
        ],
        later_heading=_("Taken back"),
        link=link if is_open else "",
        link_heading=_("Pay"),
    )


def _credit_note(note: CreditNote, lines: Sequence[InvoiceLine]) -> Sheet:
    invoice, by_position = note.invoice, {line.position: line for line in lines}
    return Sheet(
        title=_("Credit note"),
        number=note.number,
        language=_tag(_language(invoice)),
        written_at=note.issued_at,
        seller=_seller(invoice),
        facts=[
            (_("Billed to"), _billed_to(invoice)),
            (_("Issued"), words.day(note.issued_at)),
            (_("Takes back from"), _("Invoice %(number)s") % {"number": invoice.number}),
            (_("Reason"), note.reason),
        ],
        columns=[_("What for"), _("Net"), _("Tax rate"), _("Tax"), _("Amount")],
        rows=[
            _row(by_position[one["position"]], Share(one["net"], one["tax"], one["gross"]), invoice)
            for one in note.lines
        ],
        sums=[
            Sum(_("Net"), _money(note.net, note.currency)),
            Sum(_("Tax"), _money(note.tax, note.currency)),
            Sum(_("Total"), _money(note.gross, note.currency), strong=True),
        ],
    )


def _row(line: InvoiceLine, share: Share, invoice: Invoice) -> Row:
    """A line, with the days it is for where they are not the invoice's."""
    said = f"{line.words} × {line.quantity}" if line.quantity > 1 else line.words
    days = (line.starts_on, line.ends_on)
    other = line.starts_on is not None and days != (invoice.period_start, invoice.period_end)
    cells = [
        said,
        _money(share.net, invoice.currency),
        words.percent(Decimal(line.tax_rate).scaleb(-4), 2) if line.tax_rate else words.NOTHING,
        _money(share.tax, invoice.currency),
        _money(share.gross, invoice.currency),
    ]
    return Row(cells, _days(*days) if other else "")


def _sums(invoice: Invoice) -> list[Sum]:
    def money(amount: int) -> str:
        return _money(amount, invoice.currency)

    sums = [
        Sum(_("Net"), money(invoice.net)),
        Sum(_("Tax"), money(invoice.tax)),
        Sum(_("Total"), money(invoice.gross), strong=True),
    ]
    if invoice.credit_used:
        sums.append(Sum(_("From the member's credit"), money(-invoice.credit_used)))
    if invoice.status == Invoice.Status.OPEN:
        sums.append(Sum(_("To be paid"), money(invoice.due.amount), strong=True))
    elif invoice.paid_at and invoice.due:
        paid = _("Paid on %(day)s") % {"day": words.day(invoice.paid_at)}
        sums.append(Sum(paid, money(invoice.due.amount), strong=True))
    return sums


def _status(invoice: Invoice) -> list[tuple[str, str]]:
    said = [invoice.get_status_display()]
    if invoice.paid_at:
        said.append(words.day(invoice.paid_at))
    if invoice.voided_at:
        said += [words.day(invoice.voided_at), invoice.void_reason]
    return [(_("Status"), BETWEEN.join(said))]


def _period(invoice: Invoice) -> list[tuple[str, str]]:
    return (
        [(pgettext("of an invoice", "Period"), _days(invoice.period_start, invoice.period_end))]
        if invoice.period_start
        else []
    )


def _days(first: date | None, end: date | None) -> str:
    """From the first day to the last one; `end` is the day after."""
    return f"{words.day(first)}{BETWEEN}{words.day(end - timedelta(days=1)) if end else _('for life')}"


def _seller(invoice: Invoice) -> list[str]:
    """Name, address and tax number, line by line; an address of many lines goes on where it stands."""
    seller = invoice.seller
    lines = [line.strip() for line in seller.get("address", "").splitlines() if line.strip()]
    said = [seller.get("name", ""), *lines[:6], *([words.listed(lines[6:])] if lines[6:] else [])]
    tax_id = seller.get("tax_id", "")
    return [*said, _("Tax number %(id)s") % {"id": tax_id}] if tax_id else said


def _billed_to(invoice: Invoice) -> str:
    to = invoice.billed_to
    said = to.get("name") or words.NOTHING
    return f"{said}{BETWEEN}{_('No. %(n)s') % {'n': to['number']}}" if to.get("number") else said


def _money(amount: int, currency: str) -> str:
    """The amount as pages write it; by its code where the currency's sign would show as a box."""
    value = Money(amount, currency)
    written = words.money(value)
    if letters.are_drawn(babel_numbers.get_currency_symbol(currency, words.locale())):
        return written
    number = words.number(abs(value.decimal), exponent(currency))
    return f"\u2212{currency} {number}" if amount < 0 else f"{currency} {number}"


def _language(invoice: Invoice) -> str:
    """The member's, or the community's where the member has chosen none."""
    return invoice.language or invoice.community.language


def _tag(language: str) -> str:
    """zh-hans as it is written where languages are named: zh-Hans."""
    return language.replace("hans", "Hans")
