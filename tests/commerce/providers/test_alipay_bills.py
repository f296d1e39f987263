"""Alipay's daily bills, in the form that is documented; the answer that leads to them is signed by the official SDK."""

import io
import logging
import re
import zipfile
from datetime import UTC, datetime, timedelta

import pytest

from commerce.providers import alipay_bills
from commerce.providers.alipay import Alipay
from commerce.providers.base import LineKind, ProviderDown, ProviderRefused, SettlementLine
from kernel.money import Money
from tests.commerce.providers import judges
from tests.commerce.providers.alipay_files import HEADING, SUMS, bill, row, table, zipped
from tests.commerce.providers.alipay_gateway import Gateway, keys
from tests.commerce.providers.listening import Answer, listening

#: The first of May in China.
SINCE = datetime(2026, 4, 30, 16, tzinfo=UTC)
DAY = timedelta(days=1)
PAID = row("2026050122001", "a_000001", "128.00", fee="-0.77")


@pytest.fixture(scope="module")
def judge():
    judge = judges.of_alipay()
    yield judge
    judge.end()


@pytest.fixture
def gateway(judge, monkeypatch):
    gateway = Gateway(judge)
    with listening(gateway.answers) as peer:
        gateway.url = peer.url
        monkeypatch.setattr(Alipay, "gateway", f"{peer.url}/gateway.do")
        monkeypatch.setattr(Alipay, "files_from", re.compile(re.escape(peer.url) + "/.*"))
        yield gateway


@pytest.fixture
def rail(gateway):
    return Alipay(keys())


def lines(rail, gateway, file, *, since=SINCE, until=SINCE + DAY):
    gateway.bills["20260501"] = Answer(body=file)
    return list(rail.settlement_lines(since, until))


def yuan(line):
    return line.reference, line.amount.amount, line.fee.amount


def test_the_days_bill_is_its_book(rail, gateway):
    back = row(
        "2026050122001", "a_000001", "-28.00", fee="0.17", refund="refund-7", done="2026-05-01 23:59:59"
    )
    assert lines(rail, gateway, bill([PAID, back])) == [
        SettlementLine(
            "2026050122001",
            LineKind.PAYMENT,
            Money(12800, "CNY"),
            Money(77, "CNY"),
            datetime(2026, 5, 1, 2, 34, 56, tzinfo=UTC),
            "a_000001",
            "2026050122001",
        ),
        SettlementLine(
            "2026050122001:refund-7",
            LineKind.REFUND,
            Money(-2800, "CNY"),
            Money(-17, "CNY"),
            datetime(2026, 5, 1, 15, 59, 59, tzinfo=UTC),
            "refund-7",
            "2026050122001",
        ),
    ]
    assert gateway.asked == [(alipay_bills.METHOD, {"bill_type": "trade", "bill_date": "2026-05-01"})]


def test_of_a_day_only_what_is_asked_for(rail, gateway):
    noon = SINCE + timedelta(hours=12)
    file = bill([PAID, row("2", "a_000002", "1.00", done="2026-05-01 12:00:00")])
    assert [line.reference for line in lines(rail, gateway, file, since=noon)] == ["a_000002"]
    assert [line.reference for line in lines(rail, gateway, file, until=noon)] == ["a_000001"]
    assert [words["bill_date"] for _method, words in gateway.asked] == ["2026-05-01"] * 2


def test_refunds_in_parts_are_each_their_own_and_two_of_one_name_are_two(rail, gateway):
    parts = [row("9", "a_000001", f"-{n}.10", refund=f"refund-{n}") for n in (1, 2, 3)]
    again = [row("9", "a_000001", "-0.50", refund="shop"), row("9", "a_000001", "-0.25", refund="shop")]
    found = lines(rail, gateway, bill([*parts, *again]))
    assert [(line.line_id, *yuan(line)) for line in found] == [
        ("9:refund-1", "refund-1", -110, 0),
        ("9:refund-2", "refund-2", -210, 0),
        ("9:refund-3", "refund-3", -310, 0),
        ("9:shop", "shop", -50, 0),
        ("9:shop:2", "shop", -25, 0),
    ]


def test_thousands_of_lines_and_a_bill_in_several_files(rail, gateway):
    rows = [row(str(n), f"a_{n:06}", f"{n // 100}.{n % 100:02}", fee="-0.01") for n in range(1, 6_001)]
    found = lines(rail, gateway, zipped(table(rows[:4_000]), table(rows[4_000:])))
    assert (len(found), sum(line.amount.amount for line in found)) == (6_000, 6_000 * 6_001 // 2)
    assert sum(line.fee.amount for line in found) == 6_000


@pytest.mark.parametrize(
    ("odd", "told"),
    [
        # Some do not sign what went back.
        (row("1", "a_1", "28.00", refund="refund-7", fee="0.17"), ("refund-7", -2800, -17)),
        # What the merchant's own coupon paid for never came.
        (row("1", "a_1", "128.00", received="120.00"), ("a_1", 12000, 0)),
        (row("1", "a_1", "128.00", goods="Tea, cake, and more"), ("a_1", 12800, 0)),
        (row("1", "a_1", "128.00", goods='"Tea, cake"', fee="-0.77"), ("a_1", 12800, 77)),
        (row("1", "a_1", "128.00", coupon="满100,减10", fee="-0.77"), ("a_1", 12800, 77)),
        (row("1", "a_1", "128") + "有,备注,", ("a_1", 12800, 0)),
        (row("1", "a_1", "128.00", goods='"'), ("a_1", 12800, 0)),
        (row("1", "a_1", "0.10"), ("a_1", 10, 0)),
        (row("1", "a_1", "128.00", fee=""), ("a_1", 12800, 0)),
    ],
)
def test_odd_rows(rail, gateway, odd, told):
    assert yuan(lines(rail, gateway, bill([odd]))[0]) == told


def test_letters_that_are_not_gbk_take_no_row_away(rail, gateway):
    rows = table([row("1", "a_1", "1.00", goods="€ 咖啡 @@"), PAID]).encode("gb18030")
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("bill.csv", rows.replace(b"@@", b"\xff\xfe"))
    assert [yuan(line) for line in lines(rail, gateway, file.getvalue())] == [
        ("a_1", 100, 0),
        ("a_000001", 12800, 77),
    ]


def test_a_day_without_a_bill_and_one_without_a_row(rail, gateway):
    assert list(rail.settlement_lines(SINCE - 3 * DAY, SINCE)) == []
    assert lines(rail, gateway, bill([])) == []
    for word in ("BILL_NOT_EXIST", "NO_BILL_DATA", "BILL_DATE_BEFORE_REGISTRATION"):
        gateway.next = gateway.says(alipay_bills.METHOD, "40004", word, "x")
        assert list(rail.settlement_lines(SINCE, SINCE + DAY)) == []


def test_books_are_whole_from_eleven_the_next_morning_in_china(rail):
    assert rail.books_until(SINCE + timedelta(hours=11)) == SINCE
    assert rail.books_until(SINCE + timedelta(hours=10, minutes=59)) == SINCE - DAY


def bomb():
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("bill.csv", b"0" * (alipay_bills.LARGEST_BILL + 1))
    return file.getvalue()


def lying(said=8):
    """It says that a file is small."""
    packed = bill([PAID])
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        [real, _sums] = [entry.file_size for entry in archive.infolist()]
    return packed.replace(real.to_bytes(4, "little"), said.to_bytes(4, "little"))


NO_BILLS = {
    "html": b"<!doctype html><title>404</title>",
    "nothing": b"",
    "cut": bill([PAID])[:-200],
    "damaged": bill([PAID]).replace(b"\x00\x00\x08\x00", b"\x00\x00\x07\x00"),
    "lying": lying(),
    "only sums": zipped(),
    "no table": zipped("a,b\r\n1,2\r\n"),
    "columns": zipped(table([PAID], HEADING.replace("服务费", "费"))),
    "no amount": bill([row("1", "a_1", "1e3")]),
    "decimals": bill([row("1", "a_1", "1.005")]),
    "no time": bill([row("1", "a_1", "1.00", done="yesterday")]),
    "no day": bill([row("1", "a_1", "1.00", done="2026-02-30 10:00:00")]),
    "too many values": bill([PAID.replace("a_000001", "a,000001")]),
}


@pytest.mark.parametrize("file", NO_BILLS.values(), ids=NO_BILLS)
def test_what_is_no_bill_is_none(rail, gateway, file):
    with pytest.raises(ProviderDown, match=r"Alipay gave an answer that cannot be read\."):
        lines(rail, gateway, file)


def test_files_larger_than_any_bill_are_not_kept(rail, gateway, monkeypatch):
    with pytest.raises(ProviderDown, match="cannot be read"):
        lines(rail, gateway, bomb())
    monkeypatch.setattr(alipay_bills, "LARGEST_FILE", 1_000)
    with pytest.raises(ProviderDown, match="cannot be read"):
        lines(rail, gateway, b"0" * 1_001)


@pytest.mark.parametrize(
    "answer",
    [
        Answer(302, headers={"Location": "http://127.0.0.1:9/"}),
        Answer(403),
        Answer(500, b"oops"),
        Answer(silent=True),
    ],
)
def test_a_file_that_does_not_come_is_asked_for_another_time(rail, gateway, answer):
    gateway.bills["20260501"] = answer
    with pytest.raises(ProviderDown, match="Alipay did not answer"):
        list(rail.settlement_lines(SINCE, SINCE + DAY))


@pytest.mark.parametrize(
    ("given", "asked"),
    [
        ("http://dwbillcenter.alipay.com/f?a=1", "https://dwbillcenter.alipay.com/f?a=1"),
        ("https://dwbillcenter.alipay.com/f", "https://dwbillcenter.alipay.com/f"),
        ("https://alipay.com.example.org/f", None),
        ("https://example.org/alipay.com/", None),
        ("https://dwbillcenter.alipay.com@example.org/f", None),
        ("https://dwbillcenter.alipay.com:8443/f", None),
        ("https://notalipay.com/f", None),
        ("ftp://dwbillcenter.alipay.com/f", None),
        ("file:///etc/passwd", None),
        ("https://dwbillcenter.alipay.com/f\r\nHost: a", None),
    ],
)
def test_files_are_alipays_own_and_come_encrypted(given, asked):
    if asked is None:
        with pytest.raises(ValueError, match="another house"):
            alipay_bills._address(given, Alipay.files_from)
    else:
        assert alipay_bills._address(given, Alipay.files_from) == asked


@pytest.mark.parametrize("address", ["http://127.0.0.1:9/f", 5, None])
def test_an_address_elsewhere_is_not_gone_to(rail, gateway, address):
    gateway.next = gateway.says(alipay_bills.METHOD, bill_download_url=address)
    with pytest.raises(ProviderDown, match="cannot be read"):
        list(rail.settlement_lines(SINCE, SINCE + DAY))


def test_its_no_is_a_no_and_its_not_now_is_none(rail, gateway):
    gateway.next = gateway.says(
        alipay_bills.METHOD, "40006", "isv.insufficient-isv-permissions", "ISV权限不足"
    )
    with pytest.raises(ProviderRefused, match="ISV权限不足"):
        list(rail.settlement_lines(SINCE, SINCE + DAY))
    gateway.next = gateway.says(alipay_bills.METHOD, "20000", "isp.unknow-error", "系统繁忙")
    with pytest.raises(ProviderDown):
        list(rail.settlement_lines(SINCE, SINCE + DAY))


def test_where_a_bill_was_is_in_no_words(rail, gateway, caplog):
    caplog.set_level(logging.DEBUG, logger="commerce")
    gateway.bills["20260501"] = Answer(500)
    with pytest.raises(ProviderDown) as fault:
        list(rail.settlement_lines(SINCE, SINCE + DAY))
    said = f"{fault.value} {fault.value.__cause__} {caplog.text}"
    assert "token" not in said and SUMS[:8] not in said
