"""Circles: opened by staff, joined by members."""

from datetime import datetime
from itertools import chain, count

from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from communities.models import Circle, CircleMembership, Community
from kernel import locks
from kernel.errors import Refused
from members.actors import Actor
from members.models import Membership
from members.services import audit


@transaction.atomic
def open_named(*, community: Community, name: str, at: datetime, by: Actor) -> Circle:
    """An open circle of that name, behind the others; its address is made of the name.

    Where two open it in the same moment, it is one.
    """
    locks.advisory(name="communities.circles", key=community.id)
    here = Circle.objects.of(community.id).filter(name__iexact=name).first()
    if here is not None:
        return here
    known = set(Circle.objects.of(community.id).values_list("slug", flat=True))
    stem = slugify(name, allow_unicode=True)[:70].strip("-") or "circle"
    slug = next(slug for slug in chain([stem], (f"{stem}-{n}" for n in count(2))) if slug not in known)
    circle = Circle.objects.create(community=community, slug=slug, name=name, position=len(known))
    audit.record(
        action="circle.opened",
        object_kind="circle",
        object_id=slug,
        by=by,
        at=at,
        community_id=community.id,
        after={"name": name},
    )
    return circle


@transaction.atomic
def join(*, circle: Circle, membership: Membership, at: datetime) -> CircleMembership:
    """Put a member into an open circle; joining twice is one membership. Raises `Refused` for other kinds."""
    if membership.community_id != circle.community_id or not membership.is_admitted:
        raise Refused(_("Only members of the community can join its circles."), code="not_member")
    if not circle.is_open:
        raise Refused(_("This circle is not open to all members."), code="not_open")
    joined, _created = CircleMembership.objects.get_or_create(
        circle=circle, membership=membership, defaults={"joined_at": at}
    )
    return joined


@transaction.atomic
def leave(*, circle: Circle, membership: Membership) -> None:
    """Take a member out of a circle; leaving one they are not in changes nothing."""
    CircleMembership.objects.filter(circle=circle, membership=membership).delete()
