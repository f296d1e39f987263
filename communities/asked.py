"""Whom people wait for: staff who decide on applications and requests for circles, and members who were named."""

from collections.abc import Iterator
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from communities.models import Community
from communities.selectors import applications, circle_requests, message_reports
from kernel import needs, slots, words
from kernel.needs import Need
from kernel.tenancy import TenantRequest
from members.models import Membership


def register() -> None:
    needs.add(_to_read, permission="members.change")
    needs.add(_asking, permission="circles.admit")
    needs.add(_reported, permission="posts.moderate")
    slots.add("home.main", query=_named, template="communities/_references.html")


def _to_read(request: TenantRequest) -> Iterator[Need]:
    """Applicants wait for a person to say yes or no."""
    community = request.community
    if community.join_policy != Community.JoinPolicy.APPLICATION:
        return
    many = applications.to_read(community)
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
    many = circle_requests.waiting(request)
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
    many = message_reports.waiting(request.community)
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


def _named(request: TenantRequest, membership: Membership) -> dict[str, Any] | None:
    """The applicants who named this member; where applicants name nobody any more, nobody is asked here either."""
    if not request.community.references_asked:
        return None
    references = applications.asked_of(membership)
    return {"references": references, "community": request.community} if references else None
