"""Chapters: circles whose members live near each other, founded by staff, from a circle that is there or with a new one."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from communities.models import Circle, Community
from communities.services import circle_hosts, circles
from gatherings.models import Chapter
from kernel import activity, gazetteer, locks
from kernel.errors import Refused
from kernel.locks import held, locked
from members.actors import Actor
from members.models import Membership
from members.services import audit, powers

MANAGE = circles.MANAGE


@transaction.atomic
def found(
    *,
    community: Community,
    city: str,
    at: datetime,
    by: Actor,
    country: str = "",
    circle: Circle | None = None,
    hosts: Sequence[Membership] = (),
) -> Chapter:
    """A chapter around the middle of the city, on the circle, or on a new open one that is called as the city. The hosts
    are in it from now on, and look after it.

    Raises `Refused` for who may not manage circles (`not_allowed`), for a city that the list of places does not know
    (`unknown_city`), for a circle that is archived, secret or a chapter already (`circle`), and as making a circle and
    appointing hosts do.
    """
    powers.require(by, MANAGE)
    place = gazetteer.find(city, country)
    if place is None:
        told = _("No city of that name is known here: try the next larger one.")
        raise Refused(told, code="unknown_city", field="city")
    # Members before circles, in one order.
    list(held(Membership.objects.filter(pk__in=[one.pk for one in hosts]).order_by("pk")))
    locks.advisory(name="communities.circles", key=community.id)
    circle = _fit(circle, community) if circle else circles.create(
        community=community, name=city.strip(), at=at, by=by
    )  # fmt: skip
    chapter = Chapter.objects.create(
        circle=circle,
        community=community,
        city=city.strip(),
        country=place.country,
        latitude=place.latitude,
        longitude=place.longitude,
        founded_at=at,
    )
    for host in hosts:
        if host.community_id != community.id:
            raise ValueError("A member of another community.")
        circles.guard_fits(circle, host)
        circles.put(circle, host, at)
        circle_hosts.appoint(circle=circle, membership=host, at=at, by=by)
    _record("circle.chapter_founded", chapter, at=at, by=by)
    return chapter


@transaction.atomic
def end(*, chapter: Chapter, at: datetime, by: Actor) -> None:
    """Let the circle be a circle like others: its members, hosts and gatherings stay."""
    powers.require(by, MANAGE)
    row = locked(Chapter.objects.filter(pk=chapter.pk)).first()
    if row is None:
        return
    _record("circle.chapter_ended", row, at=at, by=by)
    row.delete()


def _fit(circle: Circle, community: Community) -> Circle:
    circle = locked(Circle.objects.of(community.id).filter(pk=circle.pk)).get()
    if circle.archived_at is not None or circle.kind == Circle.Kind.SECRET:
        told = _(
            "A chapter is found by whoever lives there: take a circle that is open or closed, and not archived."
        )
        raise Refused(told, code="circle", field="circle")
    if Chapter.objects.filter(circle=circle).exists():
        raise Refused(_("This circle is a chapter already."), code="circle", field="circle")
    return circle


def _record(action: str, chapter: Chapter, *, at: datetime, by: Actor) -> None:
    audit.record(
        action=action,
        object_kind="circle",
        object_id=chapter.circle.slug,
        by=by,
        at=at,
        community_id=chapter.community_id,
        after={"city": chapter.city},
    )
    activity.announce("gatherings.told", community_id=chapter.community_id)
