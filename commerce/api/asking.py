"""Who asks about money: staff and programs about everybody's, a member about their own."""

from collections.abc import Mapping
from typing import Any, TypeVar

from django.db.models import Model, QuerySet
from django.utils.translation import gettext as _
from rest_framework import exceptions
from rest_framework.request import Request

from commerce.selectors import own
from kernel.tenancy import Community
from members import doors
from members.actors import Actor
from members.models import Membership

M = TypeVar("M", bound=Model)
VIEW, MANAGE = "money.view", "money.manage"


def here(request: Request) -> Community:
    """The community of the address, which whoever asks has been let into."""
    community: Community = request.community  # type: ignore[attr-defined]
    return community


def person(request: Request) -> Membership | None:
    """The member who asks, None for a program."""
    membership: Membership | None = request.membership  # type: ignore[attr-defined]
    return membership


def sees_all(request: Request) -> bool:
    """Whether everybody's money is shown: to a program with the community's key, and to staff who may see it."""
    member = person(request)
    return request.auth is not None if member is None else member.may(VIEW)


def oneself(request: Request) -> Membership:
    """The member who asks, for what nobody does for another. Raises `PermissionDenied` for a program."""
    member = person(request)
    if member is None:
        words = _("A key is nobody's: sign in as the member who does this.")
        raise exceptions.PermissionDenied(words, "no_member")
    return member


def proven(request: Request) -> None:
    """Money leaves: a person shows first that it is they, as on the page. A program has its key."""
    if request.auth is None and not doors.recently_proven(request._request):
        words = _("Confirm in the browser that it is you; then ask once more.")
        raise exceptions.PermissionDenied(words, "proof_needed")


def shown(rows: QuerySet[M], request: Request, path: str = "membership") -> QuerySet[M]:
    """Those of the community's rows that whoever asks may see; `path` leads to whose they are."""
    if sees_all(request):
        return rows
    member = person(request)
    return rows.none() if member is None else rows.filter(**{f"{path}__in": own.records_of(member)})


def about(membership: Membership, request: Request) -> Actor:
    """Who acts in the matters of a member: they themselves, staff who manage money, or a program.

    Raises `PermissionDenied` for anybody else.
    """
    member = person(request)
    if member is not None and member.pk != membership.pk and not member.may(MANAGE):
        words = _("Your role in this community does not allow this.")
        raise exceptions.PermissionDenied(words, "missing_permission")
    return Actor.of_request(request)


def wanted(query: Mapping[str, Any], **lookups: str) -> dict[str, Any]:
    """The filters that were asked for, each by the column that it is of."""
    return {lookup: query[name] for name, lookup in lookups.items() if name in query}
