import time
from datetime import timedelta

import pytest
from django.db import transaction

from crowdecon.celery import PERIODIC, app
from engagement import tasks
from engagement.models import Figure, FigureRequest
from engagement.selectors.figures import FigureResult, Pending
from engagement.services import figures, week_acts
from kernel import activity
from kernel.activity import Activity
from kernel.clock import last_complete_day, now
from tests import make


def wait_for(what, seconds=60):
    """What comes back, as soon as it is something, within the time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := what():
            return found
        time.sleep(0.2)
    pytest.fail(f"Nothing within {seconds} seconds.")


@pytest.mark.django_db
def test_the_sweep_hands_out_what_is_due(monkeypatch):
    community = make.community()
    sent = []
    monkeypatch.setattr(tasks.tasks, "send", lambda task, **given: sent.append((task, given)))
    tasks.sweep()
    assert sent == [("engagement.refresh_community", {"community_id": community.pk})]
    tasks.refresh_community(community_id=community.pk)
    # Heavy figures are work by themselves; the community is not due again.
    sent.clear()
    tasks.sweep()
    assert sent == []


def test_the_sweep_runs_by_itself_well_within_a_minute():
    assert PERIODIC["engagement.sweep"] <= 30


@pytest.mark.django_db(transaction=True)
def test_a_new_fact_reaches_its_figure_by_itself(celery_worker_process):
    """Published here, swept as the scheduler does, refreshed by a worker process."""
    community = make.community()
    day = last_complete_day(community.zone, now())
    tasks.refresh_community(community_id=community.pk)
    with transaction.atomic():
        at = now() - timedelta(days=1)
        activity.publish(Activity(community_id=community.pk, member=1, verb="posted", at=at))
    app.send_task("engagement.sweep")

    def counted():
        curve = Figure.objects.filter(community_id=community.pk, key="power_curve", as_of=day).first()
        return curve is not None and sum(curve.data) == 1

    wait_for(counted)


@pytest.mark.django_db(transaction=True)
def test_a_worker_answers_for_a_heavy_figure(celery_worker_process):
    community = make.community()
    asked = {"community": community, "key": "network", "given": {"window": "7"}, "at": now()}
    assert isinstance(figures.get(**asked), Pending)
    wait_for(lambda: not FigureRequest.objects.exists())
    assert isinstance(figures.get(**asked), FigureResult)


@pytest.mark.django_db
def test_the_week_is_brought_once_the_last_heavy_figure_is_there(monkeypatch):
    """What is worth doing may rest on any figure, so it waits for those that workers compute by themselves."""
    community = make.community()
    found = []
    monkeypatch.setattr(tasks.tasks, "send", lambda task, **given: None)
    monkeypatch.setattr(week_acts, "plan", lambda *, community, at: found.append(community.pk))
    tasks.refresh_community(community_id=community.pk)
    *others, broken, last = FigureRequest.objects.order_by("pk").values_list("pk", flat=True)
    assert others
    for request_id in others:
        tasks.answer(request_id=request_id)
    # What fails is not waited for.
    monkeypatch.setattr(figures.loading, "history", lambda **given: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        tasks.answer(request_id=broken)
    monkeypatch.undo()
    monkeypatch.setattr(week_acts, "plan", lambda *, community, at: found.append(community.pk))
    assert found == []
    tasks.answer(request_id=last)
    assert found == [community.pk]
    tasks.answer(request_id=last)
    tasks.refresh_community(community_id=community.pk)
    assert found == [community.pk] * 2
