"""What workers do for people and memberships."""

from datetime import timedelta
from uuid import UUID

from celery import shared_task

from kernel.clock import now
from members.services import imports, standing

#: After so long a run goes back into the queue, behind what others are waiting for.
BUDGET = timedelta(minutes=10)


@shared_task(name="members.run_import")
def run_import(*, run_id: str) -> None:
    """Carry an import on. Doing it twice, or at once with another worker, imports nothing twice."""
    imports.carry_out(run_id=UUID(run_id), now=now, budget=BUDGET)


@shared_task(name="members.sweep_imports")
def sweep_imports() -> None:
    """Find imports whose job was lost."""
    imports.sweep(at=now())


@shared_task(name="members.resume_pauses")
def resume_pauses() -> None:
    """End the pauses whose time is over."""
    standing.resume_due(at=now())
