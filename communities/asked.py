"""Whom people wait for: staff who decide on applications and requests for circles, and members who were named."""

from collections.abc import Iterator
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from communities.models import Community
from communities.selectors import applications, circle_requests, message_reports, moderation
from communities.services import measures
from kernel import needs, slots, waiting, words
from kernel.needs import Need
from kernel.tenancy import TenantRequest
from members.models import Membership


def register() -> None:
    waiting.add("applications", applications.to_read, permission="members.change")
    waiting.add("circle_requests", circle_requests.waiting, permission="circles.admit")
    waiting.add("message_reports", message_reports.waiting, permission=measures.MODERATE)
    waiting.add("reports", moderation.waiting)
    waiting.add("appeals", moderation.appeals_waiting)
    needs.add(_to_read, permission="members.change")
    needs.add(_asking, permission="circles.admit")
    needs.add(_reported, permission=measures.MODERATE)
    needs.add(_cases, permission=measures.MODERATE)
    needs.add(_appealed, permission=measures.MODERATE)
    slots.add("home.main", query=_named, template="communities/_references.html")


def _to_read(request: TenantRequest) -> Iterator[Need]:
    """Applicants wait for a person to say yes or no."""
    community = request.community
    if community.join_policy != Community.JoinPolicy.APPLICATION:
        return
    many = waiting.many(request, "applications")
    if many:
        yield Need(
            weight=60,
            words=ngettext("%(n)s application waits to be read.", "%(n)s applications wait to be read.", many)
            % {"n": words.number(many)},
            hint=_("The longest wait first. Each sees where their application stands."),
            act=_("Read applications"),
            url=reverse("communities:applications", args=[community.slug]),
            icon="file",
        )


def _asking(request: TenantRequest) -> Iterator[Need]:
    """Members wait to be let into a closed circle."""
    many = waiting.many(request, "circle_requests")
    if many:
        yield Need(
            weight=35,
            words=ngettext("%(n)s member asks to join a circle.", "%(n)s members ask to join a circle.", many)
            % {"n": words.number(many)},
            hint=_("The longest wait first. Each hears of your answer."),
            act=_("Answer them"),
            url=reverse("communities:circle_requests", args=[request.community.slug]),
            icon="heart",
        )


def _reported(request: TenantRequest) -> Iterator[Need]:
    """Members have shown messages that they received to those who keep order."""
    many = waiting.many(request, "message_reports")
    if many:
        yield Need(
            weight=70,
            words=ngettext("%(n)s message was reported.", "%(n)s messages were reported.", many)
            % {"n": words.number(many)},
            hint=_("You read what was reported and nothing else; that you did is written down."),
            act=_("See what it is about"),
            url=reverse("communities:message_reports", args=[request.community.slug]),
            icon="mail",
        )


def _cases(request: TenantRequest) -> Iterator[Need]:
    """Members have reported something, and wait for somebody to look."""
    many = waiting.many(request, "reports")
    if many:
        yield Need(
            weight=70,
            words=ngettext("%(n)s report waits to be decided.", "%(n)s reports wait to be decided.", many)
            % {"n": words.number(many)},
            hint=_("The most urgent first. Whoever reported it hears of your decision."),
            act=_("Look at them"),
            url=reverse("communities:reports", args=[request.community.slug]),
            icon="shield",
        )


def _appealed(request: TenantRequest) -> Iterator[Need]:
    """Members wait for somebody else to look at what was done about them."""
    many = waiting.many(request, "appeals")
    if many:
        yield Need(
            weight=60,
            words=ngettext("%(n)s appeal waits for an answer.", "%(n)s appeals wait for an answer.", many)
            % {"n": words.number(many)},
            hint=_("The longest wait first. The member reads what you answer."),
            act=_("Read the appeals"),
            url=reverse("communities:appeals", args=[request.community.slug]),
            icon="ties",
        )


def _named(request: TenantRequest, membership: Membership) -> dict[str, Any] | None:
    """The applicants who named this member; where applicants name nobody any more, nobody is asked here either."""
    if not request.community.references_asked:
        return None
    references = applications.asked_of(membership)
    return {"references": references, "community": request.community} if references else None
