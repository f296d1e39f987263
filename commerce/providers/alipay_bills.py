"""Alipay's daily bills: a zip that a signed answer leads to for half a minute, with what moved as a table of yuan.

The tables are GBK with words of comment behind a `#`. Which of them tells each movement is known by its heading, never by
its name; where a column stands is too, for they were not always as many.
"""

import io
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import date
from decimal import Decimal
from typing import Any

import requests

from commerce.providers.alipay_wire import PATIENCE, Wire, instant
from commerce.providers.base import LineKind, ProviderRefused, SettlementLine
from commerce.providers.rail import CURRENCY, Rail
from kernel import zip_files
from kernel.errors import Refused
from kernel.money import Money

METHOD = "alipay.data.dataservice.bill.downloadurl.query"
#: Nothing moved on that day, or it was before there was a merchant. Its documentation and its gateway write the first otherwise.
NOTHING = frozenset({"BILL_NOT_EXIST", "NO_BILL_DATA", "BILL_DATE_BEFORE_REGISTRATION"})
#: Bytes of a bill as it comes, and unpacked.
LARGEST_FILE, LARGEST_BILL = 16 << 20, 64 << 20
BLOCK = 1 << 16

TRADE, ORDER, KIND, DONE_AT = "支付宝交易号", "商户订单号", "业务类型", "完成时间"
AMOUNT, RECEIVED, FEE = "订单金额（元）", "商家实收（元）", "服务费（元）"
REFUND, REFUND_NUMBER = "退款", "退款批次号/请求号"
MADE_AT, YUAN = "创建时间", "（元）"
#: Without these it is another table, or none that can be read.
NEEDED = (TRADE, ORDER, KIND, DONE_AT, AMOUNT, REFUND_NUMBER, FEE)
#: What never has a comma in it; nor has an amount.
EXACT = frozenset({TRADE, ORDER, KIND, MADE_AT, DONE_AT, REFUND_NUMBER})

_TIME = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", re.ASCII)
_KIND = re.compile(r"[\u4e00-\u9fff]+")
_YUAN = re.compile(r"[+-]?\d{1,13}(?:\.\d{1,2})?", re.ASCII)
#: What stands around a value so that a spreadsheet leaves its digits alone.
_AROUND = " \t\r\n`'\""


def of(rail: Rail, wire: Wire, day: date, *, files_from: re.Pattern[str]) -> list[SettlementLine]:
    """What was paid and what went back on a day of China's, by when it was done. Its file is fetched from an address of this
    form only. Raises as every method that asks."""
    asked = {"bill_type": "trade", "bill_date": day.isoformat()}
    try:
        told = wire.ask(METHOD, asked)
    except ProviderRefused as no:
        if no.code.rpartition(".")[2].upper() in NOTHING:
            return []
        raise
    with rail.readable():
        address = _address(told["bill_download_url"], files_from)
    file = _fetched(rail, address)
    with rail.readable():
        return list(_lines(_rows(file)))


def _address(given: str, files_from: re.Pattern[str]) -> str:
    """Alipay may write it without TLS: the file tells who paid what, and is fetched with it all the same. Raises
    `ValueError` for a file of another house."""
    for address in (given, given.replace("http://", "https://", 1)):
        if files_from.fullmatch(address):
            return address
    raise ValueError("a file of another house")


def _fetched(rail: Rail, address: str) -> bytes:
    """The file as it comes. What can be asked with the address is nobody's but ours: it is in no words."""
    found = bytearray()
    try:
        with requests.get(
            address,
            headers={"User-Agent": "crowdecon", "Accept-Encoding": "identity"},
            timeout=PATIENCE,
            stream=True,
            allow_redirects=False,
        ) as answer:
            if answer.status_code != requests.codes.ok:
                raise rail.silent(str(answer.status_code))
            while len(found) <= LARGEST_FILE and (block := answer.raw.read(BLOCK)):
                found += block
    except (requests.RequestException, OSError) as fault:
        raise rail.silent(type(fault).__name__) from None
    with rail.readable():
        if len(found) > LARGEST_FILE:
            raise ValueError("larger than any bill")
    return bytes(found)


def _rows(file: bytes) -> list[dict[str, str]]:
    """The rows of every table that tells movements, by their heading's words. Raises `ValueError` for what is no bill."""
    try:
        archive, entries = zip_files.tables(io.BytesIO(file))
        with archive:
            zip_files.check(archive, entries, most_bytes=LARGEST_BILL)
            contents = [zip_files.content(archive, one, most=LARGEST_BILL) for one in entries]
    except Refused as no:
        raise ValueError(no.code) from None
    tables = [table for content in contents if (table := _table(content)) is not None]
    if not tables:
        raise ValueError("no table of movements")
    return [row for table in tables for row in table]


def _table(content: bytes) -> list[dict[str, str]] | None:
    """None for a table of something else: a bill has one of sums as well."""
    # What a payer wrote may be of other letters; figures and headings are of these.
    text = content.decode("gb18030", errors="replace")
    lines = [line for line in text.splitlines() if line.strip(_AROUND + ",") and not line.startswith("#")]
    heading, *rows = [[value.strip(_AROUND) for value in line.split(",")] for line in lines] or [[]]
    if not heading or heading[0] != TRADE:
        return None
    if missing := set(NEEDED) - set(heading):
        raise ValueError(f"{len(missing)} columns are missing")
    return [_named(heading, row) for row in rows]


def _named(heading: list[str], values: list[str]) -> dict[str, str]:
    """The values by the heading's words. What was bought, or a coupon, may be called something with commas: they stand where
    every time and amount is one then. Raises `ValueError` where that is nowhere, or in two places that tell otherwise."""
    surplus = len(values) - len(heading)
    if surplus <= 0:
        return _sound(dict(zip(heading, [*values, *[""] * -surplus], strict=True)))
    found = {}
    for n, name in enumerate(heading):
        if name in EXACT or name.endswith(YUAN):
            continue
        whole = [*values[:n], ",".join(values[n : n + surplus + 1]), *values[n + surplus + 1 :]]
        with suppress(ValueError):
            row = _sound(dict(zip(heading, whole, strict=True)))
            found[tuple(row[name] for name in NEEDED), row.get(RECEIVED)] = row
    [row] = found.values()
    return row


def _sound(row: dict[str, str]) -> dict[str, str]:
    times = [row[name] for name in (MADE_AT, DONE_AT) if name in row]
    amounts = [value for name, value in row.items() if name.endswith(YUAN) and value]
    told = all(_TIME.fullmatch(time) for time in times) and all(_YUAN.fullmatch(one) for one in amounts)
    if not told or not _KIND.fullmatch(row[KIND]):
        raise ValueError("not a movement")
    return row


def _lines(rows: list[dict[str, str]]) -> Iterator[SettlementLine]:
    """Each row is a line of its own, also where two have the same names."""
    seen: Counter[str] = Counter()
    for row in rows:
        name = f"{row[TRADE]}:{row[REFUND_NUMBER]}" if _is_refund(row) else row[TRADE]
        seen[name] += 1
        yield _line(row, name if seen[name] == 1 else f"{name}:{seen[name]}")


def _line(row: Mapping[str, str], line_id: str) -> SettlementLine:
    """Rows are signed as the balance moves or not at all, by their age: what kind of a row it is says how it moves."""
    refund = _is_refund(row)
    # What the merchant's own coupons paid for never came.
    moved = abs(_fen(row.get(RECEIVED) or row[AMOUNT]))
    fee = abs(_fen(row[FEE] or "0"))
    return SettlementLine(
        line_id=line_id,
        kind=LineKind.REFUND if refund else LineKind.PAYMENT,
        amount=Money(-moved if refund else moved, CURRENCY),
        # With a refund it gives back of its fee.
        fee=Money(-fee if refund else fee, CURRENCY),
        at=instant(row[DONE_AT]),
        reference=row[REFUND_NUMBER if refund else ORDER],
        provider_reference=row[TRADE],
    )


def _is_refund(row: Mapping[str, Any]) -> bool:
    return REFUND in row[KIND] or row[AMOUNT].startswith("-")


def _fen(written: str) -> int:
    """Raises `ValueError` for what is no amount of yuan."""
    if not _YUAN.fullmatch(written):
        raise ValueError("not an amount")
    return int(Decimal(written).scaleb(2))
