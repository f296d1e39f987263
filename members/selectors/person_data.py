"""What a person asked for about their data."""

from dataclasses import dataclass
from uuid import UUID

from members.models import ErasureRequest, Membership, PersonExport, User


@dataclass(frozen=True)
class Asked:
    """`export` is the latest one that is of use, `waiting` the wishes to be erased that can be withdrawn, `refused`
    the latest that was not possible, if it is the last word."""

    export: PersonExport | None
    waiting: list[ErasureRequest]
    refused: ErasureRequest | None


def of(user: User) -> Asked:
    exports = PersonExport.objects.filter(user=user).exclude(state=PersonExport.State.DELETED)
    wishes = ErasureRequest.objects.filter(user=user).select_related("membership__community")
    last = wishes.first()
    refused = last if last is not None and last.state == ErasureRequest.State.REFUSED else None
    return Asked(exports.first(), list(wishes.filter(state=ErasureRequest.State.WAITING)), refused)


def export(user: User, export_id: UUID) -> PersonExport | None:
    """The person's own, None where it is somebody else's or there is none."""
    return PersonExport.objects.filter(user=user, pk=export_id).first()


def memberships(user: User) -> list[Membership]:
    """Where the person is or was a member, by the community's name."""
    mine = Membership.objects.filter(user=user).select_related("community")
    return list(mine.order_by("community__name", "community_id"))
