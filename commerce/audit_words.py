"""How the audit log speaks of money."""

from django.utils.translation import gettext_lazy as _

from commerce.models import MoneySettings
from members import audit_words
from members.services import audit


def register() -> None:
    for key, label in (
        ("invoice.voided", _("Took an invoice back")),
        ("money.settings_changed", _("Changed the settings of money")),
    ):
        audit.actions.add(key, label)
    audit_words.add_kind(
        "invoice",
        _("Invoice"),
        fields={"member": _("member"), "amount": _("amount"), "reason": _("reason")},
        kept=("amount",),
    )
    audit_words.add_kind("money_settings", _("Settings of money"), model=MoneySettings)
    # A group's name on the log's own page.
    audit_words.add_kind("money", _("Money"))
