"""Memberships: made, described, given a role and a tier. Their status changes in `standing`."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from kernel import activity, words
from kernel.errors import Refused
from kernel.locks import locked
from kernel.tenancy import Community
from members import degrees, likeness
from members.actors import Actor
from members.models import Membership, Tier, User
from members.roles import ADMITTED, GONE, Role, Status
from members.search import sort_key
from members.services import (
    audit,
    bans,
    capacity,
    custom_fields,
    erasures,
    finding,
    history,
    numbers,
    powers,
    standing,
    word,
)
from members.services.history import Kind
from members.statuses import HOLDING

#: What staff, and members about themselves, may change of a membership as it is.
PROFILE_FIELDS = (
    "name",
    "email",
    "city",
    "country",
    "latitude",
    "longitude",
    "interests",
    "tags",
    "custom",
)
#: What `index` sets.
INDEXED = ("sort_key", "name_key", "mailbox_key")


@transaction.atomic
def enrol(
    *,
    community: Community,
    user: User,
    at: datetime,
    role: str = Role.MEMBER,
    answers: Sequence[dict[str, Any]] = (),
    invited_by: Membership | None = None,
    channel: str = "",
    campaign: str = "",
    tier: Tier | None = None,
    status: str = Status.ACTIVE,
    by: Actor,
) -> Membership:
    """Make the person a member, or take back one who left; coming back is no new joining, and gives no role.

    `invited_by`, a member of the same community, is fixed here, with the channel and campaign of the
    invitation; the tier is the default one unless given. `status` is where a new membership begins. Raises
    `Refused` when they are a member already, were removed or banned, be it with another account, and when the
    tier is full (`full`).
    """
    bans.keep_off(community.id)
    user = locked(User.objects.filter(pk=user.pk)).get()
    known = locked(Membership.objects.of(community.id).filter(user=user)).first()
    if known is None or known.status == Status.LEFT:
        bans.guard(user=user, community=community)
    if known is not None:
        return _return(membership=known, at=at, by=by)
    return begin(
        community=community,
        user=user,
        at=at,
        role=role,
        answers=answers,
        invited_by=invited_by,
        channel=channel,
        campaign=campaign,
        tier=tier or Tier.objects.of(community.id).filter(is_default=True).first(),
        status=status,
        by=by,
    )


def begin(
    *,
    community: Community,
    user: User,
    at: datetime,
    role: str = Role.MEMBER,
    answers: Sequence[dict[str, Any]] = (),
    custom: Mapping[str, Any] | None = None,
    invited_by: Membership | None = None,
    channel: str = "",
    campaign: str = "",
    tier: Tier | None,
    status: str,
    by: Actor,
) -> Membership:
    """The first membership of a person here, for who holds the person's row, found no membership, and no ban. `custom`
    is as `custom_fields.answers` gives it.

    Raises `Refused` when the tier is full (`full`).
    """
    membership = Membership(
        community_id=community.id,
        user=user,
        name=user.name,
        email=user.email,
        status=status,
        role=role,
        tier=tier,
        joined_at=at,
        invited_by=invited_by,
        channel=channel,
        campaign=campaign,
        answers=list(answers),
        custom=dict(custom or {}),
    )
    _create(membership, by=by)
    if membership.status in ADMITTED:
        word.welcome(membership=membership, at=at, by=by)
    return membership


@transaction.atomic
def add(*, community: Community, at: datetime, by: Actor, **fields: Any) -> Membership:
    """A member whom staff or a program enters; its person can claim it later.

    `fields` may hold the profile's fields, `external_id`, `joined_at`, `tier` and `invited_by`. Raises
    `Refused` when the external id is taken, and for half a place on the map.
    """
    _guard_place(fields)
    external_id = fields.get("external_id") or None
    if external_id and Membership.objects.records_of(community.id).filter(external_id=external_id).exists():
        raise _is_here(external_id)
    if external_id and erasures.is_erased(community_id=community.id, external_id=external_id):
        raise Refused(
            _("The member with this id was erased at their wish."), code="erased", field="external_id"
        )
    fields["external_id"] = external_id
    if fields.get("custom"):
        fields["custom"] = custom_fields.checked(community_id=community.id, given=fields["custom"], before={})
    fields.setdefault("tier", Tier.objects.of(community.id).filter(is_default=True).first())
    joined_at = fields.pop("joined_at", None) or at
    if joined_at > at:
        raise Refused(_("Nobody can have joined in the future."), code="future", field="joined_at")
    membership = Membership(community_id=community.id, status=Status.ACTIVE, joined_at=joined_at, **fields)
    try:
        with transaction.atomic():
            _create(membership, by=by)
    except IntegrityError:
        if external_id is None:
            raise
        # Somebody else has entered them in this very moment.
        raise _is_here(external_id) from None
    audit.record(
        action="member.added",
        object_kind="member",
        object_id=membership.number,
        by=by,
        at=at,
        community_id=community.id,
        after={"name": membership.name, "external_id": external_id},
    )
    return membership


@transaction.atomic
def receive_guest(
    *, community: Community, name: str, email: str, at: datetime, by: Actor, brought: bool = False
) -> Membership:
    """A record of somebody who comes as a guest: nobody's joining, in no figure and no directory. Always a new one, also
    for an address that is known: so nobody learns of an address whose it is. Staff put it to the member it belongs to.
    Who is `brought` along by somebody needs no address.

    Raises `Refused` without a name (`name`), and for what is no address (`email`).
    """
    name, email = words.one_line(name)[:120].strip(), email.strip().lower()
    if not name:
        raise Refused(_("Say what you are called."), code="name", field="name")
    try:
        if email or not brought:
            validate_email(email)
    except ValidationError:
        raise Refused(_("This is no e-mail address."), code="email", field="email") from None
    return _create(
        Membership(
            community_id=community.id,
            status=Status.GUEST,
            joined_at=at,
            listed=False,
            name=name,
            email=email,
            channel="gathering",
        ),
        by=by,
    )


@transaction.atomic
def update(*, membership: Membership, at: datetime, by: Actor, **fields: Any) -> Membership:
    """Change profile fields. Fields not in `PROFILE_FIELDS` are a programming error. Raises `Refused` for half a place
    on the map."""
    unknown = set(fields) - set(PROFILE_FIELDS)
    if unknown:
        raise ValueError(f"Not fields of a profile: {', '.join(sorted(unknown))}")
    _guard_place(fields)
    membership = locked(Membership.objects.filter(pk=membership.pk)).get()
    powers.guard_not_merged(membership)
    if membership.erased_at is not None:
        raise Refused(_("This member has been erased: nothing can be written there."), code="erased")
    if "custom" in fields:
        fields["custom"] = custom_fields.checked(
            community_id=membership.community_id, given=fields["custom"], before=membership.custom
        )
    before, after = audit.changed({name: getattr(membership, name) for name in fields}, fields)
    if not after:
        return membership
    for name, value in after.items():
        setattr(membership, name, value)
    save(membership, [*after])
    audit.record(
        action="member.changed",
        object_kind="member",
        object_id=membership.number,
        by=by,
        at=at,
        community_id=membership.community_id,
        before=before,
        after=after,
    )
    return membership


@transaction.atomic
def change_role(*, membership: Membership, role: str, at: datetime, by: Actor) -> Membership:
    """Give a member another role. Raises `Refused` when the community would lose its last owner, for one whose
    membership is over, and for an actor who may not give roles any more."""
    membership, acting, owners = powers.hold(membership, by)
    powers.guard(acting, "members.change_role")
    if membership.role == role:
        return membership
    if membership.status in GONE:
        raise Refused(_("Their membership is over: take them back first."), code="not_now")
    powers.guard_last_owner(membership, owners)
    _record(membership, Kind.ROLE, before=membership.role, after=role, at=at, by=by)
    membership.role = role
    membership.save(update_fields=["role"])
    activity.announce("membership.powers_changed", membership=membership, at=at, by=by)
    return membership


@transaction.atomic
def change_tier(
    *, membership: Membership, tier: Tier, at: datetime, by: Actor, reason: str = ""
) -> Membership:
    """Put a member into another tier of the community. Raises `Refused` when it is full (`full`), and for an
    actor who may not change members any more."""
    membership, acting, _owners = powers.hold(membership, by)
    powers.guard(acting, "members.change")
    if tier.community_id != membership.community_id:
        raise ValueError("A tier of another community.")
    if membership.tier_id == tier.pk:
        return membership
    if membership.status in HOLDING:
        capacity.take(tier_id=tier.pk)
    before = membership.tier.key if membership.tier else ""
    _record(membership, Kind.TIER, before=before, after=tier.key, at=at, by=by, reason=reason)
    membership.tier = tier
    membership.save(update_fields=["tier"])
    activity.announce("membership.tier_changed", membership=membership, before=before, at=at, by=by)
    return membership


def save(membership: Membership, fields: Collection[str]) -> None:
    """Write these fields, and what lists and search read from them."""
    index(membership)
    membership.save(update_fields=[*fields, *INDEXED])
    if finding.FOUND_BY & set(fields):
        finding.index([membership])


def index(membership: Membership) -> None:
    """Set where the membership stands in lists, and what its duplicates are found by; the caller saves it, and has it
    found (`finding.index`)."""
    membership.sort_key = sort_key(membership.display_name)
    membership.name_key = likeness.name_key(membership.name)
    membership.mailbox_key = likeness.mailbox_key(membership.email)


def _guard_place(fields: Mapping[str, Any]) -> None:
    missing = degrees.missing_half(fields)
    if missing:
        raise Refused(str(degrees.HALF_A_PLACE), code="half_a_place", field=missing)


def _create(membership: Membership, *, by: Actor) -> Membership:
    if membership.status in HOLDING:
        capacity.take(tier_id=membership.tier_id)
    membership.number = numbers.take(community_id=membership.community_id)[0]
    index(membership)
    membership.save()
    finding.index([membership])
    at = membership.joined_at
    history.note(membership, Kind.STATUS, before="", after=membership.status, at=at, by=by)
    history.note(membership, Kind.ROLE, before="", after=membership.role, at=at, by=by)
    if membership.status in ADMITTED:
        history.publish(membership, "joined", at=at)
    return membership


def _return(*, membership: Membership, at: datetime, by: Actor) -> Membership:
    if membership.status in ADMITTED:
        raise Refused(_("You are a member already."), code="already_member")
    if membership.status != Status.LEFT:
        raise Refused(
            _("This community has ended your membership; its staff can take you back."), code="ended"
        )
    return standing.act("return", membership=membership, at=at, by=by)


def _record(
    membership: Membership, kind: Kind, *, before: str, after: str, at: datetime, by: Actor, reason: str = ""
) -> None:
    history.note(membership, kind, before=before, after=after, at=at, by=by, reason=reason)
    audit.record(
        action=f"member.{kind.value}_changed",
        object_kind="member",
        object_id=membership.number,
        by=by,
        at=at,
        community_id=membership.community_id,
        before={kind.value: before},
        after={kind.value: after} | ({"reason": reason} if reason else {}),
    )


def _is_here(external_id: str | None) -> Refused:
    message = _("A member with the id %(id)s is here already.") % {"id": external_id}
    return Refused(message, code="taken", field="external_id")
