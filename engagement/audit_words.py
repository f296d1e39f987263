"""How the audit log speaks of what is done to facts."""

from django.utils.translation import gettext_lazy as _

from members import audit_words
from members.services import audit


def register() -> None:
    audit.actions.add("facts.retracted", _("Took the facts of a file back"))
    audit_words.add_kind("batch", _("Facts of a file"), fields={"facts": _("facts")})
    # A group's name on the log's own page.
    audit_words.add_kind("facts", _("Facts"), fields={"facts": _("facts")})
