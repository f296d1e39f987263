"""Numbers without a gap: the next one is given in the transaction that writes what is numbered."""

from commerce.models import NumberSeries
from kernel.locks import locked


def next_number(*, community_id: int, series: str, year: int) -> int:
    """The number after the last of this series and year. Until the caller's transaction ends nobody else gets one, and
    where it fails the number is free again."""
    NumberSeries.objects.bulk_create(
        [NumberSeries(community_id=community_id, series=series, year=year)], ignore_conflicts=True
    )
    counter = locked(NumberSeries.objects.filter(community_id=community_id, series=series, year=year)).get()
    counter.last += 1
    counter.save(update_fields=["last"])
    return counter.last
