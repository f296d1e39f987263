"""Whom people wait for: staff who decide on what members propose."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from gatherings.access import MANAGE
from gatherings.selectors import seen
from kernel import needs, waiting


def register() -> None:
    waiting.add("proposals", seen.proposals, permission=MANAGE)
    needs.add_waiting(
        "proposals",
        weight=55,
        words=ngettext_lazy(
            "%(n)s gathering waits for your yes.", "%(n)s gatherings wait for your yes.", "many"
        ),
        hint=_("Members would like to hold them. The longest wait first; each hears of your answer."),
        act=_("Look at them"),
        url="gatherings:proposals",
        icon="events",
        permission=MANAGE,
    )
