"""Where members who joined at the same instant stand among each other: by their own id, erased ones where they stood."""

from collections.abc import Collection

from members import pseudonyms
from members.models import Membership

Key = tuple[str | int, ...]


def keys(*, community_id: int, numbers: Collection[int] | None = None) -> dict[int, Key]:
    """What each member of the community is sorted by, by number; of those with equal keys, the number decides."""
    known = Membership.objects.records_of(community_id)
    rows = known if numbers is None else known.filter(number__in=numbers)
    found = {
        number: (own, after)
        for number, own, after in rows.values_list("number", "external_id", "erased_after")
    }
    # Erased members stand behind others, who may be none of those that were asked for.
    while missing := {after for _own, after in found.values() if after is not None and after not in found}:
        more = known.filter(number__in=missing)
        read = {
            number: (own, after)
            for number, own, after in more.values_list("number", "external_id", "erased_after")
        }
        found |= read | dict.fromkeys(missing - set(read), (None, None))
    memo: dict[int, Key] = {}
    return {number: _key(number, found, memo) for number in found}


def before(membership: Membership) -> int | None:
    """The number of the member right before this one among those who joined at the same instant."""
    same = Membership.objects.records_of(membership.community_id).filter(joined_at=membership.joined_at)
    numbers = list(same.values_list("number", flat=True))
    by = keys(community_id=membership.community_id, numbers=numbers)
    order = sorted(numbers, key=lambda number: (by[number], number))
    place = order.index(membership.number)
    return order[place - 1] if place else None


def _key(number: int, found: dict[int, tuple[str | None, int | None]], memo: dict[int, Key]) -> Key:
    chain = [number]
    while (after := found[chain[-1]][1]) is not None and after not in memo:
        chain.append(after)
    for one in reversed(chain):
        own, after = found[one]
        # A pseudonym says nothing about where its member stood: without anybody before, it was the first.
        first = "" if own is None or own.startswith(pseudonyms.PREFIX) else own
        memo[one] = (first,) if after is None else (*memo[after], 1)
    return memo[number]
