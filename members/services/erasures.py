"""What erasing and bringing members in by files have to agree on."""

from kernel import locks
from members import pseudonyms
from members.models import Membership


def hold(*, community_id: int) -> None:
    """Let nobody be erased, and no file be taken, in the community until the end of the transaction."""
    locks.advisory(name="members.erasure", key=community_id)


def known(*, community_id: int) -> frozenset[str]:
    """What stands for the own ids of those who were erased."""
    gone = Membership.objects.of(community_id).filter(
        erased_at__isnull=False, external_id__startswith=pseudonyms.PREFIX
    )
    return frozenset(gone.values_list("external_id", flat=True))  # type: ignore[arg-type]


def is_erased(*, community_id: int, external_id: str) -> bool:
    """Whether this id was that of somebody who has been erased here."""
    found = pseudonyms.ids(community_id, external_id)
    return Membership.objects.of(community_id).filter(external_id__in=found).exists()
