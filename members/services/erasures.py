"""What erasing and bringing members in by files have to agree on."""

from typing import Any, Protocol

from kernel import locks
from members import pseudonyms
from members.models import Membership
from members.services.member_rows import Reader
from members.services.member_survey import Survey


def hold(*, community_id: int) -> None:
    """Let nobody be erased, and no file be taken, in the community until the end of the transaction."""
    locks.advisory(name="members.erasure", key=community_id)


def known(*, community_id: int) -> frozenset[str]:
    """What stands for the own ids of those who were erased."""
    gone = Membership.objects.records_of(community_id).filter(
        erased_at__isnull=False, external_id__startswith=pseudonyms.PREFIX
    )
    return frozenset(gone.values_list("external_id", flat=True))  # type: ignore[arg-type]


def is_erased(*, community_id: int, external_id: str) -> bool:
    """Whether this id was that of somebody who has been erased here."""
    found = pseudonyms.ids(community_id, external_id)
    return Membership.objects.records_of(community_id).filter(external_id__in=found).exists()


class Reading(Protocol):
    """A members file under way: whom it knows by id, and the inviter each of its members is to have."""

    community_id: int
    reader: Reader
    known: dict[str, Any]
    survey_of: Survey


def heed(load: Reading) -> None:
    """Let nobody be erased until this piece of the file is written; who was since the file was first read is known
    by their pseudonym from now on."""
    hold(community_id=load.community_id)
    erased = known(community_id=load.community_id)
    if erased == load.reader.erased:
        return
    load.reader.erased = erased
    gone = {one: found for one in load.known if (found := load.reader.stands_for(one)) != one}
    for one, found in gone.items():
        load.known[found] = load.known.pop(one)
    edges = load.survey_of.edges
    edges.update({one: gone[inviter] for one, inviter in edges.items() if inviter in gone})
