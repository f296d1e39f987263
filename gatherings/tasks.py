"""What workers do with gatherings."""

from celery import shared_task

from gatherings.services import series, standing
from kernel.clock import now


@shared_task(name="gatherings.sweep")
def sweep() -> None:
    """Write down that gatherings which are over took place. Several workers at once write nothing twice."""
    standing.sweep(at=now())


@shared_task(name="gatherings.write_on")
def write_on() -> None:
    """Write the gatherings of series that come into sight. Several workers at once write nothing twice."""
    series.write_all_on(at=now())
