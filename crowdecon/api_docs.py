"""The human pages of the API, written from its description: what is not described is not there."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from kernel.api import docs, quotas

#: Headings in the reader's language; the description itself is in English, as the API's names are.
HEADINGS = {
    "communities": _("Communities"),
    "circles": _("Circles"),
    "members": _("Members"),
    "tiers": _("Tiers"),
    "audit": _("Audit log"),
    "privacy": _("Privacy"),
    "notifications": _("Notifications"),
    "mail": _("Letters"),
    "activities": _("Activities"),
    "imports": _("Imports"),
    "metrics": _("Figures"),
}


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """Everything about the API on one page, which needs no script."""
    with translation.override("en"):
        sections = docs.sections()
        problems = docs.problem_rows()
    context: dict[str, Any] = {
        "sections": [(HEADINGS.get(section.key, section.key), section) for section in sections],
        "problems": problems,
        "limit": quotas.limit("default"),
        "bulk": quotas.limit("bulk"),
    }
    return render(request, "crowdecon/api_docs.html", context)
