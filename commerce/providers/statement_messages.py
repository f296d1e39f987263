"""Statements as the messages that banks send: CAMT.053 (ISO 20022, XML) and MT940 (SWIFT)."""

import re
from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring
from django.utils.translation import gettext as _

from commerce.providers.statement_lines import StatementLine
from kernel.errors import Refused
from kernel.money import Money

#: `:61:` of MT940: value day, booking day, the mark (R: taken back), the amount.
_MOVEMENT = re.compile(r"(\d{6})(\d{4})?(R?)([CD])[A-Z]?(\d{1,15},\d{0,3})(.*)", re.ASCII | re.DOTALL)
_BALANCE = re.compile(r"[CD]\d{6}([A-Z]{3})", re.ASCII)
_TAG = re.compile(r"^:(\d{2}[A-Z]?):", re.MULTILINE | re.ASCII)
_PART = re.compile(r"\?(\d{2})", re.ASCII)


def camt(raw: bytes) -> Iterator[StatementLine]:
    try:
        root = fromstring(raw)
        for element in root.iter():
            element.tag = str(element.tag).rpartition("}")[2]
        entries = list(root.iter("Ntry"))
        if not entries and root.find(".//Stmt") is None:
            raise _no_statement()
        for entry in entries:
            # What is only announced is not there yet.
            if (_text(entry, "Sts/Cd") or _text(entry, "Sts") or "BOOK") == "BOOK":
                yield from _entry(entry)
    except (ParseError, DefusedXmlException, ValueError, LookupError) as trouble:
        raise _no_statement() from trouble


def _no_statement() -> Refused:
    return Refused(
        _("This file is no bank statement that can be read: CSV, CAMT.053 or MT940."), code="format"
    )


def _entry(entry: Element) -> Iterator[StatementLine]:
    """The entry, or each transaction of a batch."""
    day = date.fromisoformat((_text(entry, "BookgDt/Dt") or _text(entry, "BookgDt/DtTm"))[:10])
    sign = -1 if _text(entry, "CdtDbtInd") == "DBIT" else 1
    details = entry.findall("NtryDtls/TxDtls")
    amounts = [_first(detail, "Amt", "AmtDtls/TxAmt/Amt") for detail in details]
    name = _text(entry, "AcctSvcrRef") or _text(entry, "NtryRef")
    common = _text(entry, "AddtlNtryInf")
    whole = _money(entry.find("Amt"), sign)
    parts = [_money(amount, sign) for amount in amounts if amount is not None]
    adds_up = {part.currency for part in parts} == {whole.currency} and sum(
        part.amount for part in parts
    ) == whole.amount
    if len(details) < 2 or len(parts) < len(details) or not adds_up:
        texts = [text for detail in details for text in _said(detail)]
        who = _who(details[0], sign) if len(details) == 1 else ""
        yield StatementLine(day, whole, " ".join([*texts, common]).strip(), who, name)
        return
    for number, (detail, part) in enumerate(zip(details, parts, strict=True)):
        text = " ".join([*_said(detail), common]).strip()
        yield StatementLine(day, part, text, _who(detail, sign), f"{name}/{number}" if name else "")


def _said(detail: Element) -> Iterable[str]:
    paths = ("RmtInf/Ustrd", "RmtInf/Strd/CdtrRefInf/Ref", "Refs/EndToEndId", "AddtlTxInf")
    found = [(element.text or "").strip() for path in paths for element in detail.findall(path)]
    return [text for text in found if text and text != "NOTPROVIDED"]


def _who(detail: Element, sign: int) -> str:
    party = "Dbtr" if sign > 0 else "Cdtr"
    return _text(detail, f"RltdPties/{party}/Nm") or _text(detail, f"RltdPties/{party}/Pty/Nm")


def _money(element: Element | None, sign: int) -> Money:
    if element is None:
        raise ValueError("an entry without an amount")
    try:
        return Money(
            sign * Money.parse(element.text or "", element.attrib["Ccy"]).amount, element.attrib["Ccy"]
        )
    except Refused as no:
        raise ValueError(str(no)) from no


def _text(element: Element, path: str) -> str:
    found = element.find(path)
    return (found.text or "").strip() if found is not None else ""


def _first(element: Element, *paths: str) -> Any:
    return next((found for path in paths if (found := element.find(path)) is not None), None)


def mt940(raw: bytes) -> Iterator[StatementLine]:
    fields = _fields(raw)
    currency, movement = "", ""
    for tag, value in [*fields, ("", "")]:
        if movement and tag != "86":
            yield _movement(movement, "", currency)
            movement = ""
        if tag in ("60F", "60M"):
            match = _BALANCE.match(value)
            currency = match[1] if match else currency
        elif tag == "61":
            movement = value
        elif tag == "86" and movement:
            yield _movement(movement, value, currency)
            movement = ""


def _fields(raw: bytes) -> list[tuple[str, str]]:
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = raw.decode("cp1252", errors="replace")
    parts = _TAG.split(text.replace("\r\n", "\n"))
    # Between two statements stands a line with "-".
    values = [value.rstrip().removesuffix("\n-").rstrip() for value in parts[2::2]]
    return list(zip(parts[1::2], values, strict=True))


def _movement(written: str, said: str, currency: str) -> StatementLine:
    match = _MOVEMENT.match(written)
    if not match or not currency:
        raise _no_statement()
    try:
        valued = date(2000 + int(match[1][:2]), int(match[1][2:4]), int(match[1][4:]))
        booked = _booked(valued, match[2])
        came = (match[4] == "C") != bool(match[3])
        amount = Money.parse(match[5].replace(",", ".").rstrip("."), currency)
    except (ValueError, Refused) as trouble:
        raise _no_statement() from trouble
    text, who = _told(said)
    return StatementLine(booked, amount if came else -amount, text or match[6].strip(), who)


def _booked(valued: date, month_and_day: str | None) -> date:
    """The booking day stands there without its year: the one nearest to the day of value."""
    if not month_and_day:
        return valued
    month, day = int(month_and_day[:2]), int(month_and_day[2:])
    near = (date(valued.year + step, month, day) for step in (0, -1, 1))
    return min(near, key=lambda other: abs((other - valued).days))


def _told(said: str) -> tuple[str, str]:
    """The text and the other's name: in numbered parts, as German banks write `:86:`, or free."""
    whole = said.replace("\n", "")
    if not re.match(r"\d{3}\?", whole):
        return " ".join(said.split()), ""
    parts = _PART.split(whole)
    named = list(zip(parts[1::2], parts[2::2], strict=True))
    # A part ends where it is full, not where a word ends: references may go on in the next.
    text = "".join(value for code, value in named if code[0] == "2" or "60" <= code <= "63")
    return text.strip(), "".join(value for code, value in named if code in ("32", "33")).strip()
