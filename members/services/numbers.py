"""Member numbers: dense from 1 within a community, kept for life, never given twice."""

from django.db import transaction

from kernel.locks import locked
from members.models import NumberSequence


@transaction.atomic
def take(*, community_id: int, count: int = 1) -> range:
    """The next `count` numbers of the community. Concurrent callers wait for this transaction."""
    row = NumberSequence.objects.filter(community_id=community_id)
    sequence = locked(row).first()
    if sequence is None:
        NumberSequence.objects.get_or_create(community_id=community_id)
        sequence = locked(row).get()
    first = sequence.next_number
    sequence.next_number = first + count
    sequence.save(update_fields=["next_number"])
    return range(first, first + count)
