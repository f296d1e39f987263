"""Statements as banks write them, to the cent and to the day; what cannot be read is named, never left out."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commerce.providers import creditor_reference, statements
from kernel.errors import Refused
from kernel.money import Money

RF = creditor_reference.of("inv-1")
WRITTEN = creditor_reference.grouped(RF).lower()
DAY = date(2027, 1, 31)

GERMAN = f"""Umsätze Girokonto;;;;
Konto;DE89370400440532013000;;;

Buchungstag;Valutadatum;Name Zahlungsbeteiligter;Verwendungszweck;Betrag;Waehrung
31.01.2027;31.01.2027;Jürgen Müller;"Beitrag {WRITTEN}";1.280,50;EUR
31.01.27;31.01.2027;Bank;Entgelt;-3,90;EUR
""".encode("cp1252")
CHINESE = f"""中国工商银行账户明细
交易日期,摘要,附言,收入金额,支出金额,对方户名,币种
2027-01-31 10:00:00,转账,年费{WRITTEN},"1,280.50",,李雷,人民币
20270131,手续费,,,3.90,银行,人民币
合计：2笔,,,,,,
""".encode("gb18030")
ENGLISH = f"""\ufeffDate,Description,Amount,Currency,Name
31/01/2027,"Dues {WRITTEN}","1,280.50",GBP,J Miller
1/2/2027,Fee,(3.90),GBP,Bank
""".encode()
WECHAT = f"""微信支付账单明细,,,
----------------------,,,
交易时间,交易对方,商品,收/支,金额(元)
2027-01-31 10:00:00,李雷,"{WRITTEN}",收入,¥1280.50
2027-01-31 11:00:00,银行,手续费,支出,¥3.90
""".encode()
CAMT = f"""<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt><Stmt>
<Ntry><Amt Ccy="EUR">1280.50</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts><BookgDt><Dt>2027-01-31</Dt></BookgDt>
<NtryDtls><TxDtls><RltdPties><Dbtr><Pty><Nm>J Miller</Nm></Pty></Dbtr></RltdPties>
<RmtInf><Ustrd>Dues</Ustrd><Strd><CdtrRefInf><Ref>{RF}</Ref></CdtrRefInf></Strd></RmtInf></TxDtls></NtryDtls></Ntry>
<Ntry><Amt Ccy="EUR">3.90</Amt><CdtDbtInd>DBIT</CdtDbtInd><Sts>BOOK</Sts><BookgDt><DtTm>2027-01-31T10:00:00</DtTm></BookgDt>
<AddtlNtryInf>Fee</AddtlNtryInf></Ntry>
<Ntry><Amt Ccy="EUR">7.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts>PDNG</Sts><BookgDt><Dt>2027-01-31</Dt></BookgDt></Ntry>
</Stmt></BkToCstmrStmt></Document>""".encode()
MT940 = f"""\r
:20:STARTUMS\r
:25:37040044/0532013000\r
:60F:C270130EUR10,00\r
:61:2702010131CR1280,50NTRFNONREF\r
:86:166?00GUTSCHRIFT?20Dues {RF[:8]}?21{RF[8:]}?32J MILLER\r
:61:270131D3,9NCHGNONREF\r
:86:Fee of the\r
bank\r
:62F:C270131EUR1286,60\r
-""".encode()


@pytest.mark.parametrize(
    ("raw", "currency", "who"),
    [(GERMAN, "EUR", "Jürgen Müller"), (CHINESE, "CNY", "李雷"), (ENGLISH, "GBP", "J Miller"), (WECHAT, "CNY", "李雷"),
     (CAMT, "EUR", "J Miller"), (MT940, "EUR", "J MILLER")],
    ids=["german", "chinese", "english", "wechat", "camt", "mt940"],
)  # fmt: skip
def test_a_payment_and_a_fee(raw, currency, who):
    payment, fee = statements.read(raw, currency="CNY")
    assert (payment.booked_on, payment.amount, payment.counterparty) == (DAY, Money(128050, currency), who)
    assert payment.references == [RF]
    assert (fee.amount, fee.references) == (Money(-390, currency), [])
    assert fee.booked_on == (date(2027, 2, 1) if raw is ENGLISH else DAY)


@pytest.mark.parametrize(("second", "amounts"), [("2.50", [100, 250]), ("9.99", [350])])
def test_a_batch_is_parted_where_its_parts_add_up(second, amounts):
    parts = "".join(f"<TxDtls><Amt Ccy='EUR'>{amount}</Amt></TxDtls>" for amount in ("1.00", second))
    raw = f"""<Stmt><Ntry><Amt Ccy='EUR'>3.50</Amt><CdtDbtInd>CRDT</CdtDbtInd><BookgDt><Dt>2027-01-31</Dt></BookgDt>
    <AcctSvcrRef>B1</AcctSvcrRef><NtryDtls>{parts}</NtryDtls></Ntry></Stmt>"""
    assert [line.amount.amount for line in statements.read(raw.encode(), currency="EUR")] == amounts


def test_lines_that_say_the_same_are_each_counted_and_known_again():
    head, *rows = (
        "date,amount,text\n2027-01-31,5,coffee\n2027-01-31,5,coffee\n2027-02-01,5,coffee\n".splitlines(True)
    )
    whole = [line.line_id for line in statements.read("".join([head, *rows]).encode(), currency="CNY")]
    assert len(set(whole)) == 3
    part = [line.line_id for line in statements.read("".join([head, *rows[:2]]).encode(), currency="CNY")]
    assert part == whole[:2]


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"", "format"),
        (b"\x00\xff\xfe", "format"),
        (b"hello;world\n1;2\n", "format"),
        (b"<html></html>", "format"),
        (b'<!DOCTYPE a [<!ENTITY b "c">]><Document>&b;</Document>', "format"),
        (b"<Stmt><Ntry><Amt Ccy='EUR'>1</Amt></Ntry></Stmt>", "format"),
        (b":20:A\n:61:nonsense\n", "format"),
        (b"date,amount\n2027-01-31,many\n", "row"),
        (b"date,amount\n2027-13-31,5\n", "row"),
        (b"date,amount\n2027-01-31,5.001\n2027-01-31,5.01\n", "row"),
        (b"date,amount\n3/4/2027,5\n", "day"),
        (b"date;amount\n2027-01-31;1,50\n2027-01-31;1.50\n", "amount"),
        (b" " * (statements.LARGEST_FILE + 1), "too_large"),
    ],
)
def test_what_cannot_be_read_is_said(raw, code):
    with pytest.raises(Refused) as refused:
        statements.read(raw, currency="CNY")
    assert refused.value.code == code


CURRENCIES = st.sampled_from(["CNY", "JPY", "EUR"])
AMOUNTS = st.lists(st.integers(-(10**11), 10**11), min_size=1, max_size=8)
STYLES = st.sampled_from([(",", "."), (".", ","), ("", "."), ("", ","), (" ", ","), ("'", ".")])


def written(amount, style, places):
    group, point = style
    text = f"{Decimal(amount).scaleb(-places):,.{places}f}"
    return text.replace(",", "\0").replace(".", point).replace("\0", group)


@given(amounts=AMOUNTS, style=STYLES, currency=CURRENCIES)
def test_amounts_come_back_to_the_unit_in_every_style(amounts, style, currency):
    places = 0 if currency == "JPY" else 2
    rows = [
        f"{DAY + timedelta(days=number)}\t{written(amount, style, places)}"
        for number, amount in enumerate(amounts)
    ]
    found = statements.read("\n".join(["Date\tAmount", *rows]).encode(), currency=currency)
    assert [(line.booked_on, line.amount) for line in found] == [
        (DAY + timedelta(days=number), Money(amount, currency)) for number, amount in enumerate(amounts)
    ]


@given(raw=st.binary(max_size=300) | st.text(max_size=300).map(str.encode) | st.sampled_from([GERMAN, CAMT, MT940]).flatmap(
    lambda whole: st.integers(0, len(whole)).map(lambda end: whole[:end])))  # fmt: skip
def test_any_file_is_read_or_refused(raw):
    try:
        for line in statements.read(raw, currency="CNY"):
            assert len(line.line_id) == 32
    except Refused as refused:
        assert str(refused)
