"""What workers do for people and memberships."""

from datetime import timedelta
from uuid import UUID

from celery import shared_task

from kernel import tasks
from kernel.clock import now
from members.services import (
    bulk,
    delivery,
    digest,
    erasure,
    imports,
    meanwhile,
    merge_proposals,
    person_export,
    retention,
    standing,
)

#: After so long a run goes back into the queue, behind what others are waiting for.
BUDGET = timedelta(minutes=10)
#: As long a worker delivers letters before it lets others have their turn.
MAIL_BUDGET = timedelta(minutes=1)


@shared_task(name="members.run_import")
def run_import(*, run_id: str) -> None:
    """Carry an import on. Doing it twice, or at once with another worker, imports nothing twice."""
    imports.carry_out(run_id=UUID(run_id), now=now, budget=BUDGET)


@shared_task(name="members.sweep_imports")
def sweep_imports(*, idle: float = imports.STALE.total_seconds()) -> None:
    """Find imports whose job was lost: they have not moved for `idle` seconds."""
    imports.sweep(at=now(), idle=timedelta(seconds=idle))


@shared_task(name="members.resume_pauses")
def resume_pauses() -> None:
    """End the pauses whose time is over."""
    standing.resume_due(at=now())


@shared_task(name="members.deliver_mail")
def deliver_mail() -> None:
    """Deliver letters that are due. Any number of workers may do it at once."""
    if delivery.deliver_due(now=now, budget=MAIL_BUDGET):
        tasks.send("members.deliver_mail")


@shared_task(name="members.sweep_mail")
def sweep_mail() -> None:
    """Find letters whose worker was lost, and deliver what nobody was told of."""
    delivery.sweep(at=now())
    deliver_mail()


@shared_task(name="members.write_waiting")
def write_waiting() -> None:
    """Write the letters that waited for their time. Any number of workers may do it at once."""
    meanwhile.write_due(now=now, budget=MAIL_BUDGET)


@shared_task(name="members.write_digests")
def write_digests() -> None:
    """Write the weekly digests that are due; what is not done in time is gone on with at the next call."""
    digest.write_due(now=now, budget=BUDGET)


@shared_task(name="members.make_person_export")
def make_person_export(*, export_id: str) -> None:
    """Gather everything held on a person. Doing it twice leaves one file."""
    person_export.make(export_id=UUID(export_id), now=now)


@shared_task(name="members.sweep_person_data")
def sweep_person_data() -> None:
    """Find exports that were lost, delete those that had their time, carry out wishes to be erased."""
    person_export.sweep(at=now())
    erasure.carry_out_due(at=now())


@shared_task(name="members.end_merge_proposals")
def end_merge_proposals() -> None:
    """End the questions to two who sign in that were not answered in time."""
    merge_proposals.expire_due(at=now())


@shared_task(name="members.clean_up")
def clean_up() -> None:
    """Remove what communities have kept as long as they wish to, in portions."""
    retention.clean_up(now=now, budget=BUDGET)


@shared_task(name="members.run_bulk")
def run_bulk(*, bulk_id: str) -> None:
    """Carry a bulk act on. Doing it twice, or at once with another worker, changes nobody twice."""
    bulk.carry_out(bulk_id=UUID(bulk_id), now=now, budget=BUDGET)


@shared_task(name="members.sweep_bulk")
def sweep_bulk() -> None:
    """Find bulk acts whose job was lost."""
    bulk.sweep(at=now())
