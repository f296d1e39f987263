"""What members are found by: written wherever a name, an address, a city or an own id is."""

from collections.abc import Iterable

from members import search
from members.models import Membership, SearchEntry

#: The fields of a membership that it is found by.
FOUND_BY = frozenset({"name", "email", "city", "external_id"})
BATCH = 1000


def index(memberships: Iterable[Membership]) -> None:
    """Let search find these, which are saved, by what they are called now; an erased member is found by nothing."""
    SearchEntry.objects.bulk_create(
        (entry(membership) for membership in memberships if membership.erased_at is None),
        batch_size=BATCH,
        update_conflicts=True,
        unique_fields=["membership"],
        update_fields=["name", "readings", "rest", "terms"],
    )


def entry(membership: Membership) -> SearchEntry:
    """The entry of a membership, not saved."""
    words = search.words_of(
        name=membership.name, rest=(membership.email, membership.city, membership.external_id)
    )
    return SearchEntry(
        membership=membership,
        name=words.name,
        readings=words.readings,
        rest=words.rest,
        terms=words.terms,
    )
