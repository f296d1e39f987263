"""Whom people wait for: staff who decide on applications and requests for circles, and members who were named."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from communities.selectors import applications, circle_requests, message_reports, moderation
from communities.services import measures
from kernel import needs, slots, waiting
from kernel.tenancy import TenantRequest
from members.models import Membership


def register() -> None:
    waiting.add("applications", applications.to_read, permission="members.change")
    waiting.add("circle_requests", circle_requests.waiting, permission="circles.admit")
    waiting.add("message_reports", message_reports.waiting, permission=measures.MODERATE)
    waiting.add("reports", moderation.waiting)
    waiting.add("appeals", moderation.appeals_waiting)
    needs.add_waiting(
        "applications",
        weight=60,
        words=ngettext_lazy(
            "%(n)s application waits to be read.", "%(n)s applications wait to be read.", "many"
        ),
        hint=_("The longest wait first. Each sees where their application stands."),
        act=_("Read applications"),
        url="communities:applications",
        icon="file",
        permission="members.change",
    )
    needs.add_waiting(
        "circle_requests",
        weight=35,
        words=ngettext_lazy(
            "%(n)s member asks to join a circle.", "%(n)s members ask to join a circle.", "many"
        ),
        hint=_("The longest wait first. Each hears of your answer."),
        act=_("Answer them"),
        url="communities:circle_requests",
        icon="heart",
        permission="circles.admit",
    )
    needs.add_waiting(
        "message_reports",
        weight=70,
        words=ngettext_lazy("%(n)s message was reported.", "%(n)s messages were reported.", "many"),
        hint=_("You read what was reported and nothing else; that you did is written down."),
        act=_("See what it is about"),
        url="communities:message_reports",
        icon="mail",
        permission=measures.MODERATE,
    )
    needs.add_waiting(
        "reports",
        weight=70,
        words=ngettext_lazy("%(n)s report waits to be decided.", "%(n)s reports wait to be decided.", "many"),
        hint=_("The most urgent first. Whoever reported it hears of your decision."),
        act=_("Look at them"),
        url="communities:reports",
        icon="shield",
        permission=measures.MODERATE,
    )
    needs.add_waiting(
        "appeals",
        weight=60,
        words=ngettext_lazy("%(n)s appeal waits for an answer.", "%(n)s appeals wait for an answer.", "many"),
        hint=_("The longest wait first. The member reads what you answer."),
        act=_("Read the appeals"),
        url="communities:appeals",
        icon="ties",
        permission=measures.MODERATE,
    )
    slots.add("home.main", query=_named, template="communities/_references.html")


def _named(request: TenantRequest, membership: Membership) -> dict[str, Any] | None:
    """The applicants who named this member; where applicants name nobody any more, nobody is asked here either."""
    if not request.community.references_asked:
        return None
    references = applications.asked_of(membership)
    return {"references": references, "community": request.community} if references else None
