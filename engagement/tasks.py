"""What workers do: found by the sweep, keyed by community, the same however often it runs."""

from celery import shared_task

from communities.models import Community
from engagement.services import arms, checks, drawings, experiments, figures, refresh, weekly
from kernel import tasks
from kernel.clock import now


@shared_task(name="engagement.sweep")
def sweep() -> None:
    for community_id in refresh.due(at=now()):
        tasks.send("engagement.refresh_community", community_id=community_id)
    for request_id in figures.waiting(at=now()):
        tasks.send("engagement.answer", request_id=request_id)
    for community_id in drawings.due():
        tasks.send("engagement.draw", community_id=community_id)
    for check_id in checks.waiting(at=now()):
        tasks.send("engagement.check", check_id=check_id)
    arms.fill()
    for experiment_id in experiments.due(at=now()):
        tasks.send("engagement.end_experiment", experiment_id=experiment_id)


@shared_task(name="engagement.refresh_community", acks_late=True)
def refresh_community(*, community_id: int) -> None:
    brought = refresh.refresh(community_id=community_id, at=now(), wait=False, heavy_apart=True)
    if brought is not None:
        weekly.bring(community_id=community_id, at=now())


@shared_task(name="engagement.answer", acks_late=True)
def answer(*, request_id: int) -> None:
    community_id = figures.community_of(request_id)
    try:
        figures.answer(request_id=request_id, at=now())
    finally:
        # What failed keeps the week from nothing.
        if community_id is not None:
            weekly.bring(community_id=community_id, at=now())


@shared_task(name="engagement.draw", acks_late=True)
def draw(*, community_id: int) -> None:
    drawings.bring(community=Community.objects.get(pk=community_id))


@shared_task(name="engagement.check", acks_late=True)
def check(*, check_id: int) -> None:
    checks.carry_out(check_id=check_id, at=now())


@shared_task(name="engagement.end_experiment", acks_late=True)
def end_experiment(*, experiment_id: int) -> None:
    experiments.end(experiment_id=experiment_id, at=now())
