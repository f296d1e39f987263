"""Invoices, receipts and credit notes as PDF say what stands in the books, to the last number, in both languages."""

import re
from datetime import date, timedelta
from io import BytesIO

import pytest
from django.utils import translation
from pypdf import PdfReader

from commerce import documents
from commerce.models import CreditNote, Invoice, InvoiceLine
from commerce.periods import Period
from commerce.services import money_settings
from commerce.services.invoices import NewLine
from kernel import letters, words
from kernel.money import Money
from tests import make
from tests.commerce.dues import AT, MONTH, invoice

pytestmark = pytest.mark.django_db

LINK = "https://community.example/pay/AbCdEfGhIjKlMnOpQrStUvWxYz123456/"


@pytest.fixture
def community():
    community = make.community(currency="CNY", name="Lantern", timezone="Asia/Shanghai")
    settings = money_settings.of(community.pk)
    settings.seller_name, settings.seller_tax_id = "灯笼茶会", "91310000MA1FL0XX0X"
    settings.seller_address = "世纪大道100号\n\nShanghai"
    settings.save()
    return community


@pytest.fixture
def member(community):
    return make.member(community, name="Mei 诸葛")


def of(asked, **more):
    lines = InvoiceLine.objects.filter(invoice=asked)
    return PdfReader(BytesIO(documents.of_invoice(asked, list(lines), **more)))


def said(document):
    return [line for page in document.pages for line in page.extract_text().splitlines()]


def test_an_open_invoice(community, member):
    lines = [
        NewLine(InvoiceLine.Kind.DUES, "Dues", 12_000, tax_rate=888, days=MONTH),
        NewLine(
            InvoiceLine.Kind.UNUSED,
            "Unused time of Reader",
            -1_234,
            quantity=2,
            days=Period(date(2026, 3, 2), date(2026, 4, 1)),
        ),
    ]
    asked = invoice(member, lines=lines, period=MONTH)
    document = of(asked, link=LINK)
    assert said(document) == [
        "Invoice",
        "INV-2026-000001",
        "灯笼茶会",
        "世纪大道100号",
        "Shanghai",
        "Tax number 91310000MA1FL0XX0X",
        "Billed to",
        f"Mei 诸葛 – No. {member.number}",
        "Issued",
        "2 Mar 2026",
        "Due",
        "1 Mar 2026",
        "Period",
        "1 Mar 2026 – 31 Mar 2026",
        "Status",
        "To be paid",
        "What for Net Tax rate Tax Amount",
        "Dues CN¥110.21 8.88% CN¥9.79 CN¥120.00",
        "Unused time of Reader × 2 −CN¥12.34 – CN¥0.00 −CN¥12.34",
        "2 Mar 2026 – 31 Mar 2026",
        "Net CN¥97.87",
        "Tax CN¥9.79",
        "Total CN¥107.66",
        "To be paid CN¥107.66",
        "Pay",
        LINK,
        "INV-2026-000001 – 灯笼茶会 Page 1 of 1",
    ]
    assert document.pages[0].annotations[0]["/A"]["/URI"] == LINK
    assert document.metadata == {
        "/Title": "Invoice INV-2026-000001",
        "/Author": "灯笼茶会",
        "/Creator": "Crowdecon",
        "/CreationDate": "D:20260302090000Z",
    }
    assert document.trailer["/Root"]["/Lang"] == "en"


def test_a_receipt_in_chinese(community, member):
    """Late in the day of UTC it is the next day by the community's clock."""
    late = AT + timedelta(hours=10)
    with translation.override("zh-hans"):
        asked = invoice(member, 12_000, rate=600, period=MONTH, at=late)
    Invoice.objects.filter(pk=asked.pk).update(status="paid", paid_at=late + timedelta(days=1))
    asked.refresh_from_db()
    asked.language, asked.credit_used = "zh-hans", 2_000
    document = of(asked, link=LINK)
    assert said(document)[6:-1] == [
        "付款人",
        f"Mei 诸葛 – {member.number} 号",
        "开具日期",
        "2026年3月3日",
        "到期日",
        "2026年3月1日",
        "账期",
        "2026年3月1日 – 2026年3月31日",
        "状态",
        "已付 – 2026年3月4日",
        "项目 不含税 税率 税 金额",
        "Dues ¥113.21 6% ¥6.79 ¥120.00",
        "不含税 ¥113.21",
        "税 ¥6.79",
        "合计 ¥120.00",
        "会员余额抵扣 −¥20.00",
        "2026年3月4日已付 ¥100.00",
    ]
    assert (document.metadata.title, document.trailer["/Root"]["/Lang"]) == (
        "账单暨收据 INV-2026-000001", "zh-Hans",
    )  # fmt: skip


def test_a_credit_note(community, member):
    asked = invoice(member, 12_000, rate=600)
    note = CreditNote.objects.create(
        community=community,
        invoice=asked,
        series="CN",
        year=2026,
        sequence=7,
        currency="CNY",
        net=5_660,
        tax=340,
        gross=6_000,
        reason="活动取消",
        lines=[{"position": 0, "net": 5_660, "tax": 340, "gross": 6_000}],
        issued_at=AT,
    )
    lines = list(asked.lines.all())
    document = PdfReader(BytesIO(documents.of_credit_note(note, lines)))
    assert said(document)[:2] == ["Credit note", "CN-2026-000007"]
    assert said(document)[6:-1] == [
        "Billed to",
        f"Mei 诸葛 – No. {member.number}",
        "Issued",
        "2 Mar 2026",
        "Takes back from",
        "Invoice INV-2026-000001",
        "Reason",
        "活动取消",
        "What for Net Tax rate Tax Amount",
        "Dues CN¥56.60 6% CN¥3.40 CN¥60.00",
        "1 Mar 2026 – 31 Mar 2026",
        "Net CN¥56.60",
        "Tax CN¥3.40",
        "Total CN¥60.00",
    ]
    assert said(of(asked, credit_notes=[note]))[-3:-1] == [
        "Taken back", "CN-2026-000007 – 2 Mar 2026 – 活动取消 −CN¥60.00",
    ]  # fmt: skip


def test_two_hundred_lines(community, member):
    lines = [NewLine(InvoiceLine.Kind.OTHER, f"Seat {n}", 1_000 + n, tax_rate=600) for n in range(200)]
    document = of(invoice(member, lines=lines))
    pages, told = len(document.pages), said(document)
    assert [line for line in told if line.startswith("Seat")] == [
        f"Seat {line.position} {money(line.net)} 6% {money(line.tax)} {money(line.gross)}"
        for line in InvoiceLine.objects.order_by("position")
    ]
    assert told.count("What for Net Tax rate Tax Amount") == pages == 7
    feet = [line.partition(" Page ")[2] for line in told if " Page " in line]
    assert feet == [f"{n} of 7" for n in range(1, 8)]
    assert f"Total {money(sum(range(1_000, 1_200)))}" in told


def money(amount, currency="CNY"):
    return words.money(Money(amount, currency))


def test_the_same_invoice_is_the_same_bytes_with_its_fonts_inside(community, member):
    asked = invoice(member, 12_000)
    first, again = (documents.of_invoice(asked, list(asked.lines.all()), link=LINK) for _ in range(2))
    assert first == again
    fonts = PdfReader(BytesIO(first)).pages[0]["/Resources"]["/Font"].values()
    inner = [font["/DescendantFonts"][0]["/FontDescriptor"] for font in fonts]
    assert [sorted(set(one) & {"/FontFile", "/FontFile2", "/FontFile3"}) for one in inner] == [
        ["/FontFile2"]
    ] * 2
    assert all(re.fullmatch(r"/MPDFAA\+NotoSansSC(Bold)?", one["/FontName"]) for one in inner)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("\u202eieM\u202c 诸葛", "ieM 诸葛"),
        ("{nb} **Mei** \\", "{nb} **Mei** \\"),
        ("Mei\x0b\u2028👩\u200d👩", "Mei 👩👩"),
        ("عمر 한글 𠮷", "عمر 한글 𠮷"),
        ("", "–"),
    ],
)
def test_hostile_names(community, member, name, shown):
    asked = invoice(member)
    asked.billed_to = {"name": name}
    asked.seller = {"name": name}
    document = of(asked)
    assert document.metadata.title == "Invoice INV-2026-000001"
    # What is written from right to left is read back in that order.
    assert sorted(said(document)[said(document).index("Billed to") + 1].replace(" ", "")) == sorted(
        shown.replace(" ", "")
    )


def test_the_longest_of_everything_stays_on_its_paper(community, member):
    lines = [NewLine(InvoiceLine.Kind.OTHER, "W" * 240, 10**15, tax_rate=600, quantity=2**31 - 1)]
    asked = invoice(member, lines=lines, currency="KWD")
    asked.seller = {"name": "W" * 120, "address": "\n".join("W" * 200), "tax_id": "W" * 60}
    asked.billed_to = {"name": "汉" * 80, "number": 999_999}
    document = of(asked, link=LINK)
    assert len(document.pages) == 2
    assert money(10**15, "KWD") in "".join(said(document))
    edges = []
    for page in document.pages:
        page.extract_text(
            visitor_text=lambda text, cm, tm, *_: edges.append(tm[4:6]) if text.strip() else None
        )
    assert min(x for x, _ in edges) >= 56
    assert min(y for _, y in edges) >= 30


@pytest.mark.parametrize(
    ("currency", "written"), [("JPY", "¥12,345"), ("KWD", "KWD12.345"), ("INR", "INR 123.45")]
)
def test_every_currency_is_told(community, member, currency, written):
    """A sign that would show as a box gives way to the currency's code."""
    assert f"Total {written}" in said(of(invoice(member, 12_345, currency=currency)))


def test_without_letters_there_is_no_document(community, member, settings, tmp_path):
    settings.FONTS_DIR = tmp_path
    letters._places.cache_clear()
    letters.are_drawn.cache_clear()
    asked = invoice(member)
    with pytest.raises(letters.NoLetters):
        of(asked)
    letters._places.cache_clear()
