"""Records that were merged: for whom they stand now, and which of them stand for a member."""

from collections.abc import Collection, Iterable
from datetime import datetime

from django.db import connection

from members.models import Membership, Merge

_STANDS_FOR = """
    WITH RECURSIVE chain AS (
        SELECT id, number, merged_into_id AS next FROM members_membership
        WHERE community_id = %(community)s AND merged_into_id IS NOT NULL
        UNION ALL
        SELECT chain.id, chain.number, one.merged_into_id
        FROM chain JOIN members_membership one ON one.id = chain.next
        WHERE one.merged_into_id IS NOT NULL
    ), ends AS (
        SELECT chain.id, chain.number, one.id AS kept, one.number AS kept_number
        FROM chain JOIN members_membership one ON one.id = chain.next WHERE one.merged_into_id IS NULL
    )
"""


def numbers(community_id: int) -> dict[int, int]:
    """The number of each merged record and that of the member it stands for, in one query."""
    with connection.cursor() as cursor:
        cursor.execute(f"{_STANDS_FOR} SELECT number, kept_number FROM ends", {"community": community_id})
        return dict(cursor.fetchall())


def kept_by_key(community_id: int) -> dict[int, int]:
    """The same by the keys of the rows."""
    with connection.cursor() as cursor:
        cursor.execute(f"{_STANDS_FOR} SELECT id, kept FROM ends", {"community": community_id})
        return dict(cursor.fetchall())


def kept_of_ids(*, community_id: int, ids: Collection[str]) -> dict[str, int]:
    """By own id of these records that were merged: the key of the member each stands for, in one query."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"{_STANDS_FOR} SELECT one.external_id, ends.kept FROM ends JOIN members_membership one USING (id)"
            " WHERE one.external_id = ANY(%(ids)s)",
            {"community": community_id, "ids": list(ids)},
        )
        return dict(cursor.fetchall())


def stands_for(record: Membership) -> Membership:
    """The member for whom the record stands: itself, unless it was merged."""
    while record.merged_into_id is not None:
        record = Membership.objects.get(pk=record.merged_into_id)
    return record


def of_number(community_id: int, number: int) -> Membership | None:
    """The member for whom the merged record of that number stands; None where there is no such record."""
    found = (
        Membership.objects.records_of(community_id).filter(number=number, merged_into__isnull=False).first()
    )
    return None if found is None else stands_for(found)


def records(members: Iterable[Membership]) -> list[Membership]:
    """Every record that was merged into one of these, at whatever distance, in the order of their numbers."""
    found: dict[int, Membership] = {}
    wanted: Collection[int] = [one.pk for one in members]
    while wanted:
        rows = Membership.objects.filter(merged_into__in=wanted)
        new = {one.pk: one for one in rows if one.pk not in found}
        found |= new
        wanted = list(new)
    return sorted(found.values(), key=lambda one: (one.community_id, one.number))


def numbers_of(member: Membership) -> list[int]:
    """The numbers of the records that were merged into the member: facts about them name these too. Asked once."""
    return [record.number for record in _of(member)]


def keys_of(member: Membership) -> list[int]:
    """The keys of the rows of the member and of the records that were merged into them. Asked once."""
    return [member.pk, *(record.pk for record in _of(member))]


def _of(member: Membership) -> list[Membership]:
    if "_merged_records" not in vars(member):
        vars(member)["_merged_records"] = records([member])
    found: list[Membership] = vars(member)["_merged_records"]
    return found


def merges(member: Membership) -> list[Merge]:
    """What was merged into the member and stands, the latest first."""
    found = Merge.objects.filter(kept=member).standing().select_related("merged", "kept")
    return list(found.order_by("-at", "-id"))


def of_user(*, community_id: int, user_id: int) -> Membership | None:
    """The member for whom the account's record stands, where that was merged into another's."""
    rows = Membership.objects.records_of(community_id).filter(user_id=user_id, merged_into__isnull=False)
    record = rows.first()
    return None if record is None else stands_for(record)


def joined_by_themselves(keys: Collection[int]) -> dict[int, datetime]:
    """When those of these members had joined by themselves into whom something was merged."""
    rows = Merge.objects.filter(kept__in=keys).standing().order_by("-at", "-id")
    # The earliest comes last and has the word.
    return dict(rows.values_list("kept_id", "kept_joined_at"))
