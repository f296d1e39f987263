"""The site's directory, and the communities of one person."""

from django.db.models import Count, F, Q, QuerySet

from communities.models import Community
from members.models import User
from members.roles import COUNTED


def listed(*, search: str = "", type: str = "") -> QuerySet[Community]:
    """Public communities, the largest first, each with `member_count`."""
    found = _with_member_count(Community.objects.listed())
    if search:
        found = found.filter(Q(name__icontains=search) | Q(tagline__icontains=search))
    if type:
        found = found.filter(type=type)
    return found.order_by(F("member_count").desc(), "name", "id")


def of_person(user: User) -> QuerySet[Community]:
    """The communities that let this person in, by name, each with `member_count`."""
    mine = Community.objects.of_person(user.pk).values("pk")
    return _with_member_count(Community.objects.filter(pk__in=mine)).order_by("name", "id")


def _with_member_count(communities: QuerySet[Community]) -> QuerySet[Community]:
    counted = Q(memberships__status__in=COUNTED)
    return communities.annotate(member_count=Count("memberships", filter=counted))
