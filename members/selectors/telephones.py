"""How members are reached by telephone: by the first of the community's own fields for it that they filled in."""

from collections.abc import Iterable

from members import custom_values
from members.models import CustomField, Membership


def of(community_id: int, members: Iterable[Membership]) -> dict[int, str]:
    """An address to call ("tel:+4930901820") by the membership's key, of those who gave a number: one query."""
    fields = CustomField.objects.of(community_id).filter(kind=CustomField.Kind.PHONE)
    keys = list(fields.values_list("key", flat=True))
    found = {}
    for member in members:
        given = (custom_values.dialled(member.custom.get(key)) for key in keys)
        if number := next(filter(None, given), ""):
            found[member.pk] = number
    return found
