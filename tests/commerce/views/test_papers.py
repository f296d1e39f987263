"""Whoever holds the link has the invoice as PDF; without letters they have the page."""

from io import BytesIO
from urllib.parse import quote

import pytest
from pypdf import PdfReader

from commerce.models import CreditNote
from kernel import letters
from tests import make
from tests.commerce.dues import AT, invoice

pytestmark = pytest.mark.django_db


@pytest.fixture
def owed():
    return invoice(make.member(make.community(currency="CNY"), name="Mei"))


def test_an_invoice_as_pdf(client, owed):
    answer = client.get(f"/pay/{owed.pay_token}/invoice.pdf")
    assert (answer.status_code, answer["Content-Type"], answer["Cache-Control"]) == (
        200, "application/pdf", "no-store",
    )  # fmt: skip
    assert answer["Content-Disposition"] == 'attachment; filename="Invoice INV-2026-000001.pdf"'
    told = PdfReader(BytesIO(answer.content)).pages[0].extract_text()
    assert f"http://testserver/pay/{owed.pay_token}/" in told


def test_a_credit_note_as_pdf_by_its_own_link_only(client):
    owed = invoice(make.member(make.community(currency="CNY", language="zh-hans")))
    given = {"community": owed.community, "invoice": owed, "series": "CN", "year": 2026, "sequence": 1}
    share = {"net": 6_000, "tax": 0, "gross": 6_000}
    CreditNote.objects.create(
        **given, **share, currency="CNY", reason="Half", lines=[{"position": 0, **share}], issued_at=AT
    )
    answer = client.get(f"/pay/{owed.pay_token}/credit/CN-2026-000001.pdf")
    name = quote("贷记单 CN-2026-000001.pdf")
    assert answer["Content-Disposition"] == f"attachment; filename*=utf-8''{name}"
    assert client.get(f"/pay/{owed.pay_token}/credit/CN-2026-000002.pdf").status_code == 404
    other = invoice(make.member(make.community(currency="CNY")))
    assert client.get(f"/pay/{other.pay_token}/credit/CN-2026-000001.pdf").status_code == 404
    assert client.get("/pay/nothing/invoice.pdf").status_code == 404


def test_without_letters_it_is_the_page(client, owed, settings, tmp_path):
    settings.FONTS_DIR = tmp_path
    letters._places.cache_clear()
    letters.are_drawn.cache_clear()
    answer = client.get(f"/pay/{owed.pay_token}/invoice.pdf")
    assert answer.status_code == 503
    assert "The page itself can be read and printed." in answer.content.decode()
