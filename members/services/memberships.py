"""The one door through which memberships change."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from kernel import activity
from kernel.activity import Activity
from kernel.errors import Refused
from kernel.locks import locked
from kernel.tenancy import Community
from members.actors import Actor
from members.models import Membership, MembershipChange, Tier, User
from members.roles import ADMITTED, GONE, Role, Status
from members.search import bigrams, sort_key
from members.services import audit, numbers

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


@transaction.atomic
def enrol(
    *,
    community: Community,
    user: User,
    at: datetime,
    role: str = Role.MEMBER,
    answers: Sequence[dict[str, Any]] = (),
    invited_by: Membership | None = None,
    by: Actor,
) -> Membership:
    """Make the person a member, or take back one who left; coming back is no new joining, and gives no role.

    `invited_by`, a member of the same community, is fixed here. Raises `Refused` when they are a member
    already, or were removed or banned.
    """
    user = locked(User.objects.filter(pk=user.pk)).get()
    known = locked(Membership.objects.of(community.id).filter(user=user)).first()
    if known is not None:
        return _return(membership=known, at=at, by=by)
    membership = Membership(
        community_id=community.id,
        user=user,
        name=user.name,
        email=user.email,
        status=Status.ACTIVE,
        role=role,
        tier=Tier.objects.of(community.id).filter(is_default=True).first(),
        joined_at=at,
        invited_by=invited_by,
        answers=list(answers),
    )
    return _create(membership, by=by)


@transaction.atomic
def add(*, community: Community, at: datetime, by: Actor, **fields: Any) -> Membership:
    """A member whom staff or a program enters; its person can claim it later.

    `fields` may hold the profile's fields, `external_id`, `joined_at`, `tier` and `invited_by`. Raises
    `Refused` when the external id is taken.
    """
    external_id = fields.get("external_id") or None
    if external_id and Membership.objects.of(community.id).filter(external_id=external_id).exists():
        raise _is_here(external_id)
    fields["external_id"] = external_id
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
def update(*, membership: Membership, at: datetime, by: Actor, **fields: Any) -> Membership:
    """Change profile fields. Fields not in `PROFILE_FIELDS` are a programming error."""
    unknown = set(fields) - set(PROFILE_FIELDS)
    if unknown:
        raise ValueError(f"Not fields of a profile: {', '.join(sorted(unknown))}")
    membership = locked(Membership.objects.filter(pk=membership.pk)).get()
    before, after = audit.changed({name: getattr(membership, name) for name in fields}, fields)
    if not after:
        return membership
    for name, value in after.items():
        setattr(membership, name, value)
    index(membership)
    membership.save(update_fields=[*after, "sort_key", "search_terms"])
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
    """Give a member another role. Raises `Refused` when the community would lose its last owner, and for an
    actor who may not give roles any more."""
    membership, acting, owners = _locked_powers(membership, by)
    if acting is not None and not acting.may("members.change_role"):
        raise _no_longer_allowed()
    if membership.role == role:
        return membership
    _guard_last_owner(membership, owners)
    _note(membership, MembershipChange.Kind.ROLE, before=membership.role, after=role, at=at, by=by)
    audit.record(
        action="member.role_changed",
        object_kind="member",
        object_id=membership.number,
        by=by,
        at=at,
        community_id=membership.community_id,
        before={"role": membership.role},
        after={"role": role},
    )
    membership.role = role
    membership.save(update_fields=["role"])
    activity.announce("membership.powers_changed", membership=membership, at=at, by=by)
    return membership


@transaction.atomic
def leave(*, membership: Membership, at: datetime, by: Actor, reason: str = "") -> Membership:
    """End the membership at its member's own wish. Raises `Refused` for the last owner."""
    return _end(membership, status=Status.LEFT, at=at, by=by, reason=reason)


@transaction.atomic
def remove(*, membership: Membership, at: datetime, by: Actor, reason: str) -> Membership:
    """End the membership by a decision of staff. Raises `Refused` without a reason or for the last owner."""
    if not reason.strip():
        raise Refused(_("Say why: the member will read it."), code="required", field="reason")
    removed = _end(membership, status=Status.REMOVED, at=at, by=by, reason=reason)
    audit.record(
        action="member.removed",
        object_kind="member",
        object_id=removed.number,
        by=by,
        at=at,
        community_id=removed.community_id,
        before={"status": membership.status},
        after={"status": removed.status, "reason": reason},
    )
    return removed


def index(membership: Membership) -> None:
    """Set what lists and search read from the membership's words; the caller saves it."""
    membership.sort_key = sort_key(membership.display_name)
    membership.search_terms = sorted(
        bigrams(membership.name, membership.email, membership.city, membership.external_id)
    )


def _create(membership: Membership, *, by: Actor) -> Membership:
    membership.number = numbers.take(community_id=membership.community_id)[0]
    index(membership)
    membership.save()
    at = membership.joined_at
    _note(membership, MembershipChange.Kind.STATUS, before="", after=membership.status, at=at, by=by)
    _note(membership, MembershipChange.Kind.ROLE, before="", after=membership.role, at=at, by=by)
    _publish(membership, "joined", at=at)
    return membership


def _return(*, membership: Membership, at: datetime, by: Actor) -> Membership:
    if membership.status in ADMITTED:
        raise Refused(_("You are a member already."), code="already_member")
    if membership.status != Status.LEFT:
        raise Refused(
            _("This community has ended your membership; its staff can take you back."), code="ended"
        )
    _note(
        membership, MembershipChange.Kind.STATUS, before=membership.status, after=Status.ACTIVE, at=at, by=by
    )
    if membership.is_staff:
        # A role is given by an owner: nobody takes up by themselves the one they had laid down.
        _note(membership, MembershipChange.Kind.ROLE, before=membership.role, after=Role.MEMBER, at=at, by=by)
        membership.role = Role.MEMBER
    membership.status = Status.ACTIVE
    membership.left_at = None
    membership.save(update_fields=["status", "left_at", "role"])
    _publish(membership, "resumed", at=at)
    return membership


def _end(membership: Membership, *, status: str, at: datetime, by: Actor, reason: str) -> Membership:
    membership, acting, owners = _locked_powers(membership, by)
    if membership.status in GONE:
        raise Refused(_("This membership has ended already."), code="ended")
    _guard_power_to_end(membership, acting)
    _guard_last_owner(membership, owners)
    _note(
        membership,
        MembershipChange.Kind.STATUS,
        before=membership.status,
        after=status,
        reason=reason,
        at=at,
        by=by,
    )
    membership.status = status
    membership.left_at = at
    membership.save(update_fields=["status", "left_at"])
    _publish(membership, "left", at=at)
    activity.announce("membership.powers_changed", membership=membership, at=at, by=by)
    return membership


def _locked_powers(
    membership: Membership, by: Actor
) -> tuple[Membership, Membership | None, list[Membership]]:
    """The member, who acts (None for programs and the site), and the owners, as they are from now until the end
    of the transaction.

    Whoever changes powers locks the same rows in the same order, so that two who take them from one another go
    one after the other.
    """
    acting = by.membership or membership
    wanted = Q(pk__in=[membership.pk, acting.pk]) | Q(role=Role.OWNER)
    rows = locked(Membership.objects.of(membership.community_id).filter(wanted).order_by("pk"))
    found = {row.pk: row for row in rows}
    owners = [row for row in found.values() if row.role == Role.OWNER]
    return found[membership.pk], found[acting.pk] if by.membership else None, owners


def _guard_power_to_end(membership: Membership, acting: Membership | None) -> None:
    """Who may not take a role may not end the membership that holds the highest either."""
    if acting is None or acting.pk == membership.pk:
        return
    if not acting.may("members.change"):
        raise _no_longer_allowed()
    if membership.role == Role.OWNER and not acting.may("members.change_role"):
        raise Refused(_("Only an owner may end the membership of an owner."), code="owners_only")


def _guard_last_owner(membership: Membership, owners: Sequence[Membership]) -> None:
    if membership.role != Role.OWNER:
        return
    # An owner whom a file brought and nobody has claimed cannot sign in.
    others = (owner for owner in owners if owner.pk != membership.pk and owner.user_id)
    if not any(owner.is_counted for owner in others):
        raise Refused(_("A community needs an owner: make somebody else one first."), code="last_owner")


def _no_longer_allowed() -> Refused:
    return Refused(_("Your role does not allow this any more."), code="no_longer_allowed")


def _is_here(external_id: str | None) -> Refused:
    message = _("A member with the id %(id)s is here already.") % {"id": external_id}
    return Refused(message, code="taken", field="external_id")


def _note(
    membership: Membership, kind: str, *, before: str, after: str, at: datetime, by: Actor, reason: str = ""
) -> None:
    MembershipChange.objects.create(
        membership=membership, kind=kind, before=before, after=after, reason=reason, by=by.membership, at=at
    )


def _publish(membership: Membership, verb: str, *, at: datetime) -> None:
    inviter = membership.invited_by.number if membership.invited_by else None
    activity.publish(
        Activity(
            community_id=membership.community_id,
            member=membership.number,
            verb=verb,
            at=at,
            target=inviter if verb == "joined" else None,
            staff=membership.is_staff,
            dedupe=f"{verb}:{membership.number}" + ("" if verb == "joined" else f":{at.isoformat()}"),
        )
    )
