"""The kind of file that brings payments."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from commerce.services import payment_import
from kernel import imports
from kernel.imports import ImportKind, Job, Load


class Payments(ImportKind):
    key = "payments"
    title = pgettext_lazy("kind of file", "Payments")
    hint = _(
        "One row a payment that another system took. It goes into the books as money in the bank and as revenue of its "
        "day, without an invoice. Members come first."
    )
    columns = payment_import.COLUMNS
    sample = (
        ("p1", "u1", "120.00", "CNY", "2026-01-06T10:30:00+08:00", "dues", "", ""),
        ("p2", "u2", "120.00", "CNY", "2026-02-12", "dues", "60.00", "2026-02-14"),
    )
    permission = "money.manage"
    chunk = 5_000

    def open(self, job: Job) -> Load:
        return payment_import.PaymentLoad(job)


def register() -> None:
    imports.add(Payments())
