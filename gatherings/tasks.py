"""What workers do with gatherings."""

from celery import shared_task

from gatherings.services import guests, news, reminders, series, standing, waitlist
from kernel.clock import now


@shared_task(name="gatherings.sweep")
def sweep() -> None:
    """Write down that gatherings which are over took place. Several workers at once write nothing twice."""
    standing.sweep(at=now())


@shared_task(name="gatherings.remind")
def remind() -> None:
    """Remind who comes to what is near. Several workers at once remind nobody twice."""
    reminders.sweep(at=now())


@shared_task(name="gatherings.tell_news")
def tell_news() -> None:
    """Write to all who have to hear of what changed or was called off. Several workers at once write to nobody twice."""
    news.tell()


@shared_task(name="gatherings.write_on")
def write_on() -> None:
    """Write the gatherings of series that come into sight. Several workers at once write nothing twice."""
    series.write_all_on(at=now())


@shared_task(name="gatherings.offer_places")
def offer_places(event: int | None = None) -> None:
    """Offer free places to who waits: of one event as soon as one is free, of all by the sweep, which ends offers too."""
    if event is None:
        waitlist.offer_due(at=now())
    else:
        waitlist.offer(event_id=event, at=now())


@shared_task(name="gatherings.join_guests")
def join_guests() -> None:
    """Put guests' records to the members they have become. Several workers at once do it once."""
    guests.join_records(at=now())
