"""Circles: made, changed and archived by staff, and by the hosts of one as far as it is theirs; joined and left by members."""

from datetime import datetime
from itertools import chain, count
from typing import Any

from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from communities.access import hosts
from communities.models import Circle, CircleMembership, CircleRequest, Community
from kernel import access, locks
from kernel.errors import Refused
from kernel.locks import locked
from members.access import opens
from members.actors import Actor
from members.models import Membership, Tier
from members.services import audit, powers

#: What may be changed of a circle.
FIELDS = ("name", "description", "kind", "minimum_tier")
#: What hosts choose between; a secret circle is nobody's who does not answer for the community.
KINDS_OF_MEMBERS = (Circle.Kind.OPEN, Circle.Kind.CLOSED)
MANAGE = "circles.manage"


@transaction.atomic
def open_named(*, community: Community, name: str, at: datetime, by: Actor) -> Circle:
    """The circle of that name, as far as the actor sees; else an open one, behind the others, whose address is made of
    the name. So nobody brings anything, or themselves, into a secret one that they do not know.

    Where two open it in the same moment, it is one.
    """
    locks.advisory(name="communities.circles", key=community.id)
    here = _seen(community.id, by).filter(name__iexact=name).order_by("position", "id").first()
    return here or lay_out(community, at=at, by=by, name=name)


@transaction.atomic
def create(*, community: Community, name: str, at: datetime, by: Actor, **fields: Any) -> Circle:
    """A new circle behind the others. Whoever makes a secret one is in it, or nobody would know of it.

    Raises `Refused` for a name that is taken, for a secret circle made by a program (`secret`), and for an actor who
    may not manage circles any more.
    """
    powers.require(by, MANAGE)
    locks.advisory(name="communities.circles", key=community.id)
    guard_fields(community.id, {"name": name, **fields}, by)
    circle = lay_out(community, at=at, by=by, name=name, **fields)
    _keep_known(circle, at=at, by=by)
    return circle


@transaction.atomic
def update(*, circle: Circle, at: datetime, by: Actor, **fields: Any) -> Circle:
    """Change some of `FIELDS`. Raises `Refused` as `create` does, for a circle the actor may not see, and for a host
    who would change which tiers it is open to, or what is secret (`staff_only`)."""
    is_staff = require_keeper(circle, by)
    locks.advisory(name="communities.circles", key=circle.community_id)
    circle = held(circle, by)
    before, after = audit.changed({name: getattr(circle, name) for name in fields}, fields)
    if not after:
        return circle
    secret = "kind" in after and not {before["kind"], after["kind"]} <= set(KINDS_OF_MEMBERS)
    if not is_staff and ("minimum_tier" in after or secret):
        raise Refused(_("Only the staff can change this of a circle."), code="staff_only")
    guard_fields(circle.community_id, after, by, but=circle)
    for name, value in after.items():
        setattr(circle, name, value)
    circle.save(update_fields=list(after))
    _keep_known(circle, at=at, by=by)
    record("circle.changed", circle, at=at, by=by, before=_plain(before), after=_plain(after))
    return circle


@transaction.atomic
def archive(*, circle: Circle, at: datetime, by: Actor) -> Circle:
    """Close a circle for good or for now: nobody joins any more, and only its members and staff still see it. Its
    hosts may; to bring it back is for staff, who may have closed it against them."""
    require_keeper(circle, by)
    circle = held(circle, by)
    if circle.archived_at is None:
        circle.archived_at = at
        circle.save(update_fields=["archived_at"])
        record("circle.archived", circle, at=at, by=by)
    return circle


@transaction.atomic
def reopen(*, circle: Circle, at: datetime, by: Actor) -> Circle:
    """Bring an archived circle back as it was, with the members it had."""
    powers.require(by, MANAGE)
    circle = held(circle, by)
    if circle.archived_at is not None:
        circle.archived_at = None
        circle.save(update_fields=["archived_at"])
        record("circle.reopened", circle, at=at, by=by)
    return circle


@transaction.atomic
def move(*, circle: Circle, down: bool, at: datetime, by: Actor) -> None:
    """Let a circle change places with its neighbour, the nearest one that the actor sees."""
    powers.require(by, MANAGE)
    locks.advisory(name="communities.circles", key=circle.community_id)
    circle = held(circle, by)
    rows = locked(Circle.objects.of(circle.community_id).order_by("position", "id"))
    order = list(rows)
    before = [one.slug for one in order]
    known = set(_seen(circle.community_id, by).values_list("pk", flat=True))
    here = order.index(circle)
    beyond = range(here + 1, len(order)) if down else range(here - 1, -1, -1)
    there = next((place for place in beyond if order[place].pk in known), None)
    if there is None:
        return
    order.insert(there, order.pop(here))
    for position, one in enumerate(order):
        one.position = position
    Circle.objects.bulk_update(order, ["position"])
    places = {"before": before.index(circle.slug) + 1, "after": there + 1}
    record(
        "circle.moved",
        circle,
        at=at,
        by=by,
        before={"position": places["before"]},
        after={"position": places["after"]},
    )


@transaction.atomic
def join(*, circle: Circle, membership: Membership, at: datetime) -> CircleMembership:
    """Put a member into an open circle at their own wish; joining twice is one membership.

    Raises `Refused` for other kinds and for circles they may not see (`not_open`), and for members whose standing
    lets them read only (`not_active`).
    """
    if membership.community_id != circle.community_id or not membership.is_admitted:
        raise Refused(_("Only members of the community can join its circles."), code="not_member")
    membership = locked(Membership.objects.filter(pk=membership.pk)).get()
    circle = Circle.objects.select_related("minimum_tier").get(pk=circle.pk)
    if not circle.is_open or not access.sees(membership, circle):
        raise Refused(_("This circle is not open to all members."), code="not_open")
    if not membership.is_counted:
        words = _("Your membership is “%(status)s”: you can read, and join circles once it is active again.")
        raise Refused(words % {"status": membership.get_status_display()}, code="not_active")
    return put(circle, membership, at)


@transaction.atomic
def leave(*, circle: Circle, membership: Membership) -> None:
    """Take a member out of a circle at their own wish, or back what they asked; leaving one they are not in changes
    nothing."""
    CircleMembership.objects.filter(circle=circle, membership=membership).delete()
    asked = CircleRequest.objects.open().filter(circle=circle, membership=membership)
    asked.update(state=CircleRequest.State.WITHDRAWN)


@transaction.atomic
def put_in(*, circle: Circle, membership: Membership, at: datetime, by: Actor) -> CircleMembership:
    """Bring a member into a circle of any kind.

    Raises `Refused` for who is no member now (`not_member`) or stands below its tier (`tier_too_low`).
    """
    powers.require(by, MANAGE)
    circle = held(circle, by)
    # As they are now: a record that is being merged goes into no circle any more.
    membership = locked(Membership.objects.filter(pk=membership.pk)).get()
    guard_fits(circle, membership)
    joined = put(circle, membership, at)
    record("circle.member_added", circle, at=at, by=by, after={"member": membership.number})
    return joined


@transaction.atomic
def take_out(*, circle: Circle, membership: Membership, at: datetime, by: Actor) -> None:
    """Take a member out of a circle. Raises `Refused` for the last one who knows of a secret circle, and for a host who
    would take out another (`host`)."""
    is_staff = require_keeper(circle, by)
    circle = held(circle, by)
    rows = locked(CircleMembership.objects.filter(circle=circle))
    pairs = {row.membership_id: row for row in rows}
    if membership.pk not in pairs:
        return
    if not is_staff and pairs[membership.pk].is_host:
        raise Refused(_("Only the staff can take out a host."), code="host")
    if circle.kind == Circle.Kind.SECRET and len(pairs) == 1:
        raise Refused(_("Nobody would know of this circle any more: archive it instead."), code="last_one")
    pairs[membership.pk].delete()
    record("circle.member_taken_out", circle, at=at, by=by, before={"member": membership.number})


def lay_out(community: Community, *, at: datetime, by: Actor, name: str, **fields: Any) -> Circle:
    """A circle of fields that have been judged, in a transaction that holds the order of circles."""
    known = set(Circle.objects.of(community.id).values_list("slug", flat=True))
    stem = slugify(name, allow_unicode=True)[:70].strip("-") or "circle"
    slug = next(slug for slug in chain([stem], (f"{stem}-{n}" for n in count(2))) if slug not in known)
    circle = Circle.objects.create(community=community, slug=slug, name=name, position=len(known), **fields)
    record("circle.opened", circle, at=at, by=by, after=_plain({"name": name, **fields}))
    return circle


def guard_fits(circle: Circle, membership: Membership) -> None:
    """Raises `Refused` for who is no member now (`not_member`) or stands below the circle's tier (`tier_too_low`)."""
    if membership.community_id != circle.community_id or not membership.is_admitted:
        raise Refused(
            _("Only members of the community can join its circles."), code="not_member", field="number"
        )
    if not opens(membership, circle.minimum_tier):
        words = _("“%(circle)s” is open from the tier “%(tier)s” on.")
        raise Refused(
            words % {"circle": circle, "tier": circle.minimum_tier}, code="tier_too_low", field="number"
        )


def put(circle: Circle, membership: Membership, at: datetime) -> CircleMembership:
    """Let the member be in it, whom some other service has judged; a request of theirs has come to its end."""
    asked = CircleRequest.objects.open().filter(circle=circle, membership=membership)
    asked.update(state=CircleRequest.State.APPROVED, decided_at=at)
    return CircleMembership.objects.get_or_create(
        circle=circle, membership=membership, defaults={"joined_at": at}
    )[0]


def _seen(community_id: int, by: Actor) -> Any:
    """The circles that the actor sees: a program and the site, all that are not secret."""
    rows = Circle.objects.of(community_id)
    return access.visible(rows, by.membership) if by.membership else rows.exclude(kind=Circle.Kind.SECRET)


def held(circle: Circle, by: Actor) -> Circle:
    """The circle, locked. Raises `Refused` where the actor may not see it (any more)."""
    found = locked(Circle.objects.filter(pk=circle.pk)).get()
    if not _seen(circle.community_id, by).filter(pk=circle.pk).exists():
        raise Refused(_("You do not see this circle any more."), code="not_seen")
    return found


def require_keeper(circle: Circle, by: Actor) -> bool:
    """`guard_keeper` where no other member is acted upon: holds the acting member's row."""
    if by.membership is None:
        return True
    return guard_keeper(circle, locked(Membership.objects.filter(pk=by.membership.pk)).get())


def guard_keeper(circle: Circle, acting: Membership | None) -> bool:
    """Whether it is the staff that acts, as programs and the site do, and not a host of the circle. Raises `Refused` for
    everybody else."""
    if acting is None or acting.may(MANAGE):
        return True
    if not hosts(acting, circle):
        powers.guard(acting, MANAGE)
    return False


def guard_fields(community_id: int, fields: dict[str, Any], by: Actor, but: Circle | None = None) -> None:
    """Raises `Refused` for a name that is taken, as far as the actor sees, and for a secret circle of a program's."""
    unknown = set(fields) - set(FIELDS)
    if unknown:
        raise ValueError(f"Not fields of a circle: {', '.join(sorted(unknown))}")
    name, tier = fields.get("name"), fields.get("minimum_tier")
    if isinstance(tier, Tier) and tier.community_id != community_id:
        raise ValueError("A tier of another community.")
    # Asked of those that the actor sees: a refusal must not tell that there is a secret one of this name.
    others = _seen(community_id, by).exclude(pk=but.pk if but else None)
    if name is not None and others.filter(name__iexact=name).exists():
        raise Refused(_("There is a circle of this name already."), code="taken", field="name")
    if fields.get("kind") == Circle.Kind.SECRET and by.membership is None:
        words = _("Whoever makes a circle secret is in it, and a program is nobody: do it at the desk.")
        raise Refused(words, code="secret", field="kind")


def _keep_known(circle: Circle, *, at: datetime, by: Actor) -> None:
    if circle.kind == Circle.Kind.SECRET and by.membership is not None:
        put(circle, by.membership, at)


def _plain(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: value.key if isinstance(value, Tier) else value for name, value in fields.items()}


def record(action: str, circle: Circle, *, at: datetime, by: Actor, **changes: dict[str, Any]) -> None:
    """Write an act upon the circle down in the audit log."""
    secret = circle.kind == Circle.Kind.SECRET
    if secret:
        # Who reads the log need not be one of those who know of it.
        words = ("name", "description")
        changes = {
            side: {k: v for k, v in values.items() if k not in words} for side, values in changes.items()
        }
    audit.record(
        action=action,
        object_kind="circle",
        object_id=f"#{circle.pk}" if secret else circle.slug,
        by=by,
        at=at,
        community_id=circle.community_id,
        **changes,
    )
