"""The human pages of the API, written from its description: what is not described is not there.

Headings, what each operation is called and how to begin are in the reader's language; what the description itself says
is in English, as the names in it are.
"""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django.views.decorators.http import require_safe

from kernel.api import docs, operations, quotas

HEADINGS = {
    "communities": _("Communities"),
    "circles": _("Circles"),
    "posts": _("Posts and comments"),
    "events": _("Gatherings, answers and tickets"),
    "chapters": _("Chapters"),
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
    "people": pgettext_lazy("API", "People"),
    "invitations": _("Invitations"),
    "applications": _("Applications"),
    "joining": _("Joining"),
    "merging": _("Duplicates"),
    "plans": _("Plans and coupons"),
    "dues": _("Dues of members"),
    "gifts": _("Gifts and rewards"),
    "orders": _("Orders"),
    "invoices": _("Invoices"),
    "payments": _("Payments, refunds and disputes"),
    "reconciliation": _("Reconciliation"),
    "ledger": _("The ledger"),
}


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """How to begin, what there is, and the problems. Needs no script."""
    context = {
        "sections": [(HEADINGS[section.key], section, _titled(section)) for section in docs.sections()],
        "problems": docs.problem_rows(),
        "limit": quotas.limit("default"),
        "bulk": quotas.limit("bulk"),
    }
    return render(request, "crowdecon/api_docs.html", context)


@require_safe
def section(request: HttpRequest, section: str) -> HttpResponse:
    """The operations under one heading."""
    sections = docs.sections()
    found = next((one for one in sections if one.key == section), None)
    if found is None:
        raise Http404
    context = {
        "sections": [(HEADINGS[one.key], one) for one in sections],
        "section": found,
        "heading": HEADINGS[found.key],
        "entries": _titled(found),
    }
    return render(request, "crowdecon/api_section.html", context)


def _titled(section: docs.Section) -> list[tuple[str, docs.Entry]]:
    """With their names in the reader's language."""
    return [(operations.title(entry.id), entry) for entry in section.entries]
