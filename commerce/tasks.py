"""What workers do with money."""

from celery import shared_task

from commerce.audit_words import PAYMENTS
from commerce.models import Refund
from commerce.services import (
    asking,
    clock,
    ending_orders,
    gifts,
    inbox,
    recognition,
    reconciliation,
    refunds,
    rewards,
)
from kernel.clock import now
from members.actors import Actor


@shared_task(name="commerce.ask_providers")
def ask_providers() -> None:
    """Ask providers for what they left unsaid. Doing it twice, or at once with another worker, asks with the same keys."""
    asking.ask_due(at=now(), by=Actor.site(PAYMENTS))
    asking.ask_refunds_due(at=now(), by=Actor.site(PAYMENTS))


@shared_task(name="commerce.send_refund")
def send_refund(refund: int) -> None:
    """Have a provider send a refund that was asked for. Doing it twice sends it once."""
    found = Refund.objects.filter(pk=refund).first()
    if found is not None:
        refunds.send(found, at=now(), by=Actor.site(PAYMENTS))


@shared_task(name="commerce.tick")
def tick() -> None:
    """Go on with all dues that are due. Several workers take turns, row by row."""
    clock.tick(at=now())
    gifts.expire_due(at=now())
    rewards.give_due(at=now())


@shared_task(name="commerce.end_orders")
def end_orders() -> None:
    """Let go of what nobody paid in time, and send back what is owed. Several workers take turns, order by order."""
    ending_orders.end_due(at=now())


@shared_task(name="commerce.handle_events")
def handle_events() -> None:
    """Act on what providers sent word of: at once when it came, and whatever was left by the sweep."""
    inbox.handle_due(at=now(), by=Actor.site(PAYMENTS))


@shared_task(name="commerce.recognise")
def recognise() -> None:
    """Post what was earned on days that are over. Doing it twice, or at once with another worker, posts nothing twice."""
    recognition.recognise_all(at=now())


@shared_task(name="commerce.reconcile")
def reconcile() -> None:
    """Lay providers' books beside ours, once on each day of a community's. Several workers take turns, account by account."""
    reconciliation.reconcile_all(at=now(), by=Actor.site(PAYMENTS))
