"""How the audit log speaks of what is done to facts."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from engagement import verbs
from kernel import words
from members import audit_words
from members.audit_values import Known
from members.services import audit


def register() -> None:
    audit.actions.add("facts.retracted", _("Took the facts of a file back"))
    audit_words.add_kind("batch", _("Facts of a file"), fields={"facts": _("facts")})
    # A group's name on the log's own page.
    audit_words.add_kind("facts", _("Facts"), fields={"facts": _("facts")})
    audit_words.add_way("community", "score_weights", _weights)


def _weights(value: Any, known: Known) -> str:
    return words.listed(words.named(verbs.noun(verb), words.number(weight)) for verb, weight in value.items())
