"""Who may still do what to whom, decided on rows that stay as they are until the end of the transaction."""

from collections.abc import Iterable, Sequence

from django.db.models import Q
from django.utils.translation import gettext as _

from kernel.errors import Refused
from kernel.locks import held
from members.actors import Actor
from members.models import Membership
from members.roles import Role


def hold(
    membership: Membership, by: Actor, *, also: Iterable[Membership] = ()
) -> tuple[Membership, Membership | None, list[Membership]]:
    """The member, who acts (None for programs and the site), and the owners, as they are from now until the end
    of the transaction; with them the rows of `also`.

    Raises `Refused` (`merged`) for a record that stands for somebody else.

    Whoever changes powers locks the same rows in the same order, so that two who take them from one another go
    one after the other.
    """
    acting = by.membership or membership
    wanted = Q(pk__in=[membership.pk, acting.pk, *(one.pk for one in also)]) | Q(role=Role.OWNER)
    rows = held(Membership.objects.records_of(membership.community_id).filter(wanted).order_by("pk"))
    found = {row.pk: row for row in rows}
    guard_not_merged(found[membership.pk])
    owners = [row for row in found.values() if row.role == Role.OWNER and row.merged_into_id is None]
    return found[membership.pk], found[acting.pk] if by.membership else None, owners


def guard_not_merged(membership: Membership) -> None:
    """Raises `Refused` for a record that stands for somebody else: what is to be done is done to them."""
    if membership.merged_into_id is not None:
        raise Refused(_("This record was merged into another: go on with that one."), code="merged")


def guard(acting: Membership | None, permission: str) -> None:
    """Raises `Refused` for an actor who lost the permission since the page was opened."""
    if acting is not None and not acting.may(permission):
        raise Refused(_("Your role does not allow this any more."), code="no_longer_allowed")


def require(by: Actor, permission: str) -> None:
    """`guard` where no membership is acted upon: holds the acting member's row, who keeps the permission until
    the end of the transaction. Programs and the site pass."""
    if by.membership is not None:
        guard(held(Membership.objects.filter(pk=by.membership.pk)).get(), permission)


def guard_owner(membership: Membership, acting: Membership | None) -> None:
    """Who may not take a role may not take anything else from those who hold the highest either."""
    if acting is None or acting.pk == membership.pk or membership.role != Role.OWNER:
        return
    if not acting.may("members.change_role"):
        raise Refused(_("Only an owner may do this to an owner."), code="owners_only")


def guard_last_owner(membership: Membership, owners: Sequence[Membership]) -> None:
    """Raises `Refused` where without this member nobody would be left to run the community."""
    if membership.role != Role.OWNER:
        return
    # An owner whom a file brought and nobody has claimed cannot sign in.
    others = (owner for owner in owners if owner.pk != membership.pk and owner.user_id)
    if not any(owner.is_counted for owner in others):
        raise Refused(_("A community needs an owner: make somebody else one first."), code="last_owner")
