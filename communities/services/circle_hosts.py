"""Circles that members open for themselves, and the hosts who look after a circle."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from communities.models import Circle, CircleMembership, Community
from communities.services import circles
from kernel import activity, locks
from kernel.errors import Refused
from kernel.locks import locked
from members.actors import Actor
from members.models import Membership
from members.services import powers

#: Circles that one member looks after without being of the staff, those that are archived not counted.
MOST_HOSTED = 5
#: Hosts of one circle.
MOST_HOSTS = 10


def may_open(community: Community, membership: Membership) -> bool:
    """Whether the member may open circles here; the bounds of `open_own` are asked there."""
    if membership.may(circles.MANAGE):
        return True
    return community.members_open_circles and membership.is_counted


@transaction.atomic
def open_own(
    *, community: Community, name: str, at: datetime, by: Actor, description: str = "", kind: str = "open"
) -> Circle:
    """A new circle behind the others, which the member who opens it looks after.

    Raises `Refused` where the community lets staff alone open circles (`staff_only`), for a kind that is not for
    members (`kind`), for a name that is taken, and for who looks after `MOST_HOSTED` circles already (`too_many`).
    """
    assert by.membership is not None, "A circle of one's own is opened by a member."
    member = locked(Membership.objects.filter(pk=by.membership.pk)).get()
    community = Community.objects.get(pk=community.pk)
    if not may_open(community, member):
        raise Refused(_("Here the staff open circles."), code="staff_only")
    if kind not in circles.KINDS_OF_MEMBERS:
        raise Refused(_("Such a circle is opened by the staff."), code="kind", field="kind")
    if not member.may(circles.MANAGE) and _hosted(member) >= MOST_HOSTED:
        told = _("You look after %(most)d circles already: archive one, or let somebody else look after it.")
        raise Refused(told % {"most": MOST_HOSTED}, code="too_many")
    locks.advisory(name="communities.circles", key=community.id)
    circles.guard_fields(community.id, {"name": name, "kind": kind}, by)
    circle = circles.lay_out(community, at=at, by=by, name=name, description=description, kind=kind)
    CircleMembership.objects.create(circle=circle, membership=member, joined_at=at, is_host=True)
    return circle


@transaction.atomic
def appoint(*, circle: Circle, membership: Membership, at: datetime, by: Actor) -> None:
    """Let a member of the circle look after it with the others; appointing twice is done once.

    Raises `Refused` for who is not in it (`not_in_it`), or is no active member of the community now (`not_active`), for
    more hosts than `MOST_HOSTS` (`too_many`), and for an actor who is neither of the staff nor a host.
    """
    # Members first and in one order: two who make each other hosts go one after the other.
    membership, acting, _owners = powers.hold(membership, by)
    circles.guard_keeper(circle, acting)
    circle = circles.held(circle, by)
    rows = {row.membership_id: row for row in locked(CircleMembership.objects.filter(circle=circle))}
    row = rows.get(membership.pk)
    if row is None:
        raise Refused(_("Only who is in a circle can look after it."), code="not_in_it", field="number")
    if row.is_host:
        return
    if not membership.is_counted:
        raise Refused(_("Only active members can look after a circle."), code="not_active", field="number")
    if sum(one.is_host for one in rows.values()) >= MOST_HOSTS:
        told = _("A circle has at most %(most)d hosts.") % {"most": MOST_HOSTS}
        raise Refused(told, code="too_many", field="number")
    row.is_host = True
    row.save(update_fields=["is_host"])
    circles.record("circle.host_appointed", circle, at=at, by=by, after={"member": membership.number})
    activity.announce("circle.host_appointed", circle=circle, membership=membership, at=at, by=by)


@transaction.atomic
def dismiss(*, circle: Circle, membership: Membership, at: datetime, by: Actor) -> None:
    """Let a host be a member of the circle like others. Hosts step down themselves; to have another step down is for
    staff (`staff_only`). A circle may be without a host: the staff look after it then."""
    is_staff = circles.require_keeper(circle, by)
    circle = circles.held(circle, by)
    own = by.membership is not None and by.membership.pk == membership.pk
    if not (is_staff or own):
        raise Refused(_("Only the staff can have another host step down."), code="staff_only")
    hosting = CircleMembership.objects.filter(circle=circle, membership=membership, is_host=True)
    if hosting.update(is_host=False):
        circles.record("circle.host_dismissed", circle, at=at, by=by, before={"member": membership.number})


def _hosted(member: Membership) -> int:
    here = CircleMembership.objects.filter(membership=member, is_host=True, circle__archived_at=None)
    return here.count()
