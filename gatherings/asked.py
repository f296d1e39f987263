"""Whom people wait for: staff who decide on what members propose."""

from collections.abc import Iterator

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from gatherings.access import MANAGE
from gatherings.selectors import seen
from kernel import needs, waiting, words
from kernel.needs import Need
from kernel.tenancy import TenantRequest


def register() -> None:
    waiting.add("proposals", seen.proposals, permission=MANAGE)
    needs.add(_proposed, permission=MANAGE)


def _proposed(request: TenantRequest) -> Iterator[Need]:
    """Members would like to hold a gathering, and wait for a yes."""
    many = waiting.many(request, "proposals")
    if many:
        yield Need(
            weight=55,
            words=ngettext("%(n)s gathering waits for your yes.", "%(n)s gatherings wait for your yes.", many)
            % {"n": words.number(many)},
            hint=_("Members would like to hold them. The longest wait first; each hears of your answer."),
            act=_("Look at them"),
            url=reverse("gatherings:proposals", args=[request.community.slug]),
            icon="events",
        )
