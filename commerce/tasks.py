"""What workers do with money."""

from celery import shared_task

from commerce.audit_words import PAYMENTS
from commerce.services import asking, clock, inbox
from kernel.clock import now
from members.actors import Actor


@shared_task(name="commerce.ask_providers")
def ask_providers() -> None:
    """Ask providers for what they left unsaid. Doing it twice, or at once with another worker, asks with the same keys."""
    asking.ask_due(at=now(), by=Actor.site(PAYMENTS))


@shared_task(name="commerce.tick")
def tick() -> None:
    """Go on with all dues that are due. Several workers take turns, row by row."""
    clock.tick(at=now())


@shared_task(name="commerce.handle_events")
def handle_events() -> None:
    """Act on what providers sent word of: at once when it came, and whatever was left by the sweep."""
    inbox.handle_due(at=now(), by=Actor.site(PAYMENTS))
