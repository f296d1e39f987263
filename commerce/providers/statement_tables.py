"""Statements as tables: CSV with column names of German, Chinese and English banks, in their encodings.

Above the table there may be lines about the account, and notes below it.
"""

import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.utils.translation import gettext as _

from commerce.providers.statement_lines import StatementLine
from kernel.cells import shown
from kernel.errors import Refused
from kernel.money import LARGEST, Money, exponent

#: Names of columns by what they hold, in small letters; of several for a day the first is taken.
COLUMNS: dict[str, tuple[str, ...]] = {
    "day": (
        "booking date", "booked on", "booked_on", "posting date", "transaction date", "buchungstag", "buchungsdatum", "buchung",
        "date", "datum", "记账日期", "入账日期", "交易日期", "入账时间", "交易时间", "记账时间", "日期",
    ),
    "amount": (
        "amount", "betrag", "betrag (eur)", "betrag (€)", "umsatz", "金额", "交易金额", "发生额", "金额（元）", "金额(元)",
    ),
    "credit": (
        "credit", "paid in", "money in", "haben", "gutschrift", "收入", "收入金额", "收入金额（元）", "收入（元）", "贷方发生额",
        "贷方金额", "存入金额", "转入金额", "收入（+元）",
    ),
    "debit": (
        "debit", "paid out", "money out", "soll", "belastung", "lastschrift", "支出", "支出金额", "支出金额（元）", "支出（元）",
        "借方发生额", "借方金额", "支取金额", "转出金额", "支出（-元）",
    ),
    "direction": ("soll/haben", "s/h", "credit/debit", "收/支", "借贷标志", "借贷标识", "收支类型", "借贷"),
    "currency": ("currency", "währung", "waehrung", "币种", "币别", "货币"),
    "text": (
        "reference", "description", "purpose", "details", "memo", "text", "payment reference", "narrative", "verwendungszweck",
        "buchungstext", "kundenreferenz (end-to-end)", "摘要", "附言", "用途", "备注", "交易摘要", "交易备注", "商品",
        "商品说明",
    ),
    "counterparty": (
        "name", "payer", "counterparty", "payee", "counterparty name", "payer name", "name zahlungsbeteiligter",
        "begünstigter/zahlungspflichtiger", "beguenstigter/zahlungspflichtiger", "auftraggeber/begünstigter",
        "auftraggeber / begünstigter", "zahlungspflichtige*r", "auftraggeber", "对方户名", "对方账户名称", "对方名称",
        "付款人", "付款人名称", "交易对方", "对方账户名",
    ),
}  # fmt: skip
#: What stands in the column of the direction for money that went.
OUT = {"s", "d", "soll", "debit", "dbit", "支出", "支", "借", "出"}
CURRENCIES = {
    "€": "EUR",
    "人民币": "CNY",
    "人民币元": "CNY",
    "rmb": "CNY",
    "cnh": "CNY",
    "¥": "CNY",
    "$": "USD",
}
#: The lines above the table, at most.
PREAMBLE = 40

_ISO = re.compile(r"(\d{4})(?:[-/.年](\d{1,2})[-/.月](\d{1,2})日?|(\d\d)(\d\d))(?:[ T].*)?", re.ASCII)
_DOTTED = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{2}|\d{4})(?: .*)?", re.ASCII)
_SLASHED = re.compile(r"(\d{1,2})[/-](\d{1,2})[/-](\d{4})(?: .*)?", re.ASCII)
_NUMBER = re.compile(r"([+-]?)(\d[\d.,' ]*)([+-]?)", re.ASCII)


@dataclass(frozen=True)
class Row:
    line: int
    cells: dict[str, str]


def table(raw: bytes, *, currency: str) -> Iterator[StatementLine]:
    rows = _rows(raw)
    month_first = _month_first([row.cells["day"] for row in rows])
    point = _point([row.cells[name] for row in rows for name in ("amount", "credit", "debit")])
    for row in rows:
        code = _currency(row, currency)
        day, amount = _day(row.cells["day"], month_first), _amount(row, code, point)
        if day is None and amount is None:
            # A note below the table.
            continue
        if day is None:
            raise _unreadable(row, row.cells["day"])
        if amount is None:
            raise _unreadable(row, row.cells["amount"] or row.cells["credit"] or row.cells["debit"])
        yield StatementLine(day, Money(amount, code), row.cells["text"], row.cells["counterparty"])


def _unreadable(row: Row, cell: str) -> Refused:
    message = _("Line %(line)d: “%(cell)s” cannot be read.")
    return Refused(message % {"line": row.line, "cell": shown(cell)}, code="row")


def _rows(raw: bytes) -> list[Row]:
    """The rows below the names of the columns, in the first encoding in which such names are found."""
    for encoding in (
        ("utf-16",) if raw[:2] in (b"\xff\xfe", b"\xfe\xff") else ("utf-8-sig", "gb18030", "cp1252")
    ):
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        for delimiter in (";", ",", "\t"):
            found = _below_names(text, delimiter, chinese=encoding == "gb18030")
            if found is not None:
                return found
    raise Refused(
        _("No columns of a bank statement were found in this file: it needs at least a date and an amount."),
        code="format",
    )


def _below_names(text: str, delimiter: str, *, chinese: bool) -> list[Row] | None:
    """`chinese`: an encoding in which any bytes have a meaning counts only where it makes a known word of them."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    names: list[str] | None = None
    rows = []
    try:
        for cells in reader:
            if names is not None:
                if any(cell.strip() for cell in cells):
                    rows.append(Row(reader.line_num, _by_meaning(names, cells)))
            elif reader.line_num > PREAMBLE:
                return None
            elif _is_head(cells, chinese):
                names = [_plain(cell) for cell in cells]
    except csv.Error:
        return None
    return rows if names is not None else None


def _plain(name: str) -> str:
    return " ".join(name.strip().strip("*").lower().split())


def _is_head(cells: Sequence[str], chinese: bool) -> bool:
    names = {_plain(cell) for cell in cells}
    has = {meaning for meaning, known in COLUMNS.items() if names & set(known)}
    if chinese and all(name.isascii() for known in COLUMNS.values() for name in names & set(known)):
        return False
    return "day" in has and bool(has & {"amount", "credit"})


def _by_meaning(names: Sequence[str], cells: Sequence[str]) -> dict[str, str]:
    by_name = {name: cell.strip() for name, cell in zip(names, cells, strict=False)}
    found = {}
    for meaning, known in COLUMNS.items():
        values = [by_name[name] for name in known if by_name.get(name)]
        found[meaning] = (" ".join(values) if meaning == "text" else values[0]) if values else ""
    return found


def _currency(row: Row, default: str) -> str:
    written = row.cells["currency"].strip()
    code = CURRENCIES.get(written.lower(), written.upper() or default)
    return code if re.fullmatch("[A-Z]{3}", code) else default


def _month_first(days: Sequence[str]) -> bool | None:
    """Whether 3/4/2027 is in March, by the other days of the file; None where they do not tell."""
    pairs = [match.groups()[:2] for day in days if (match := _SLASHED.fullmatch(day))]
    if any(int(second) > 12 for _first, second in pairs):
        return True
    return False if any(int(first) > 12 for first, _second in pairs) else None


def _day(text: str, month_first: bool | None) -> date | None:
    try:
        if match := _ISO.fullmatch(text):
            return date(*(int(part) for part in match.groups() if part))
        if match := _DOTTED.fullmatch(text):
            day, month, year = map(int, match.groups())
            return date(year + 2000 if year < 100 else year, month, day)
        if match := _SLASHED.fullmatch(text):
            first, second, year = map(int, match.groups())
            if month_first is None and first != second:
                raise Refused(
                    _("Is %(day)s in the month %(first)d or %(second)d? Write days as 2027-01-31.")
                    % {"day": text, "first": first, "second": second},
                    code="day",
                )
            return date(year, first, second) if month_first else date(year, second, first)
    except ValueError:
        return None
    return None


def _point(amounts: Sequence[str]) -> str | None:
    """The sign before the decimals, by all amounts of the file; None where none of them shows it."""
    marks = set()
    for text in amounts:
        signs = re.sub(r"[^.,]", "", text)
        if len(set(signs)) == 2:
            marks.add(signs[-1])
        elif len(signs) == 1 and not re.search(r"[.,]\d{3}\D*$", text):
            marks.add(signs)
    if len(marks) > 1:
        raise Refused(_("Some amounts of this file have a decimal point, others a comma."), code="amount")
    return marks.pop() if marks else None


def _amount(row: Row, currency: str, point: str | None) -> int | None:
    cells = row.cells
    if cells["amount"]:
        found = _units(cells["amount"], currency, point)
        out = cells["direction"].strip().lower() in OUT
        return -abs(found) if out and found is not None else found
    came = _units(cells["credit"], currency, point) if cells["credit"] else 0
    went = _units(cells["debit"], currency, point) if cells["debit"] else 0
    if came is None or went is None or not (cells["credit"] or cells["debit"]):
        return None
    return came - abs(went)


def _units(text: str, currency: str, point: str | None) -> int | None:
    """Whole smallest units; None for what is no amount of that currency."""
    bare = re.sub(r"[¥￥€$£\u00a0\u202f]|[A-Za-z]{3}", " ", text).strip().replace("−", "-").replace("–", "-")
    if bare.startswith("(") and bare.endswith(")"):
        bare = f"-{bare[1:-1]}"
    bare = re.sub(r"^([+-])\s+", r"\1", bare)
    match = _NUMBER.fullmatch(bare)
    if not match or (match[1] and match[3]):
        return None
    number = match[2].replace(" ", "").replace("'", "")
    places = exponent(currency)
    if point is None and places == 3 and len(re.findall("[.,]", number)) == 1:
        # With three decimals nothing but the decimals can be meant.
        number = number.replace(",", ".")
    elif point:
        number = number.replace("," if point == "." else ".", "").replace(point, ".")
    else:
        number = re.sub("[.,]", "", number)
    if number.count(".") > 1:
        return None
    scaled = Decimal(number.rstrip(".") or "0").scaleb(places)
    if scaled != scaled.to_integral_value() or scaled > LARGEST:
        return None
    return -int(scaled) if "-" in (match[1], match[3]) else int(scaled)
