"""What workers do for communities."""

from celery import shared_task

from communities.services import applications, attachments, reading
from kernel.clock import now


@shared_task(name="communities.offer_places")
def offer_places() -> None:
    """Offer the places that are free. Doing it twice, or at once with another worker, offers none twice."""
    applications.offer_places(at=now())


@shared_task(name="communities.forget_reading")
def forget_reading() -> None:
    """Take marks of what was read away that say nothing any more, in portions."""
    reading.forget(at=now())


@shared_task(name="communities.sweep_files")
def sweep_files() -> None:
    """Take away files that were sent and never used. Doing it twice takes no more away."""
    attachments.sweep(at=now())
