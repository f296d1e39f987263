"""Members as files name them."""

import re
from collections.abc import Iterable

from kernel.locks import held
from members.models import Membership
from members.selectors import merged

_NUMBER = re.compile(r"#[1-9][0-9]{0,8}")


def members(community_id: int, names: Iterable[str]) -> dict[str, Membership]:
    """Members by the ids that rows have for them, or by `#12` for the number they have here, held in the order of their
    keys. What names a record that was merged names the one that is kept."""
    wanted = {name for name in names if name}
    numbers = [int(name[1:]) for name in wanted if _NUMBER.fullmatch(name)]
    everyone = Membership.objects.records_of(community_id)
    rows = everyone.filter(external_id__in=wanted) | everyone.filter(number__in=numbers)
    found = {one.pk: one for one in held(rows.order_by("pk"))}
    stands_for = merged.kept_by_key(community_id)
    kept = {pk: stands_for.get(pk, pk) for pk in found}
    others = Membership.objects.filter(pk__in=set(kept.values()) - found.keys())
    found |= {one.pk: one for one in held(others.order_by("pk"))}
    by_name: dict[str, Membership] = {}
    for pk, stands in kept.items():
        by_name[f"#{found[pk].number}"] = found[stands]
    # An id of the other system goes before a number of ours that is spelled the same way.
    for pk, stands in kept.items():
        if found[pk].external_id is not None:
            by_name[str(found[pk].external_id)] = found[stands]
    return by_name
