"""The human pages of the API, written from its description: what is not described is not there.

Headings, what each operation is called and how to begin are in the reader's language; what the description itself says
is in English, as the names in it are.
"""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from kernel.api import docs, operations, quotas

HEADINGS = {
    "communities": _("Communities"),
    "circles": _("Circles"),
    "posts": _("Posts and comments"),
    "search": _("Search"),
    "messages": _("Messages between members"),
    "drafts": _("Drafts"),
    "moderation": _("Reports and moderation"),
    "members": _("Members"),
    "tiers": _("Tiers"),
    "audit": _("Audit log"),
    "privacy": _("Privacy"),
    "notifications": _("Notifications"),
    "mail": _("Letters"),
    "activities": _("Activities"),
    "imports": _("Imports"),
    "metrics": _("Figures"),
    "segments": _("Segments"),
    "fields": _("Member fields"),
    "notes": _("Notes"),
    "bulk": _("Done to many"),
    "people": _("People"),
    "invitations": _("Invitations"),
    "applications": _("Applications"),
    "joining": _("Joining"),
    "merging": _("Duplicates"),
    "plans": _("Plans and coupons"),
    "dues": _("Dues of members"),
    "gifts": _("Gifts and rewards"),
    "invoices": _("Invoices"),
    "payments": _("Payments, refunds and disputes"),
    "reconciliation": _("Reconciliation"),
    "ledger": _("The ledger"),
}


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """Everything about the API on one page, which needs no script."""
    with translation.override("en"):
        sections = docs.sections()
        problems = docs.problem_rows()
    context: dict[str, Any] = {
        "sections": [
            (
                HEADINGS[section.key],
                section,
                [(operations.title(entry.id), entry) for entry in section.entries],
            )
            for section in sections
        ],
        "problems": problems,
        "limit": quotas.limit("default"),
        "bulk": quotas.limit("bulk"),
    }
    return render(request, "crowdecon/api_docs.html", context)
