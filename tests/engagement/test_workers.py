"""Real worker processes share the heavy figures of many communities; one that is killed leaves its work to another."""

import os
import signal
import time
from datetime import timedelta
from pathlib import Path

import pytest

from crowdecon.celery import app
from crowdecon.embedded import process
from engagement import tasks
from engagement.models import Figure, FigureRequest
from engagement.services import figures, refresh, work
from kernel.clock import last_complete_day, now
from tests import make
from tests.conftest import start_worker
from tests.engagement.test_tasks import wait_for

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def workers(transactional_db, _empty_queue, tmp_path):
    """Two of them, each with a pool of one process."""
    folders = [tmp_path / name for name in ("one", "other")]
    for folder in folders:
        folder.mkdir()
    begun = [
        start_worker(folder, app="tests.engagement.held_worker", HELD_FOLDER=str(tmp_path))
        for folder in folders
    ]
    yield begun
    for worker in begun:
        process.stop(worker.process, grace=10)


def brought_up(community):
    """So that the sweep has nothing to do for it but what is asked for."""
    refresh.refresh(community_id=community.pk, at=now())
    return community


def who_began(tmp_path):
    """The processes that began the figure, in order."""
    return [int(file.read_text() or 0) for file in sorted(tmp_path.glob("begun-*"))]


def parent_of(pid):
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


def test_what_a_killed_worker_had_in_hand_another_one_finishes(workers, tmp_path, monkeypatch):
    monkeypatch.setattr(work, "SILENT", timedelta(seconds=1))
    community = brought_up(make.community())
    figures.get(community=community, key="network", given={"window": "7"}, at=now())
    (first,) = wait_for(lambda: who_began(tmp_path))
    half = wait_for(lambda: FigureRequest.objects.filter(progress__gt=0.5).first())
    assert (half.state, half.tries) == ("running", 1)
    # While it beats nobody else is asked, and who comes nevertheless is turned away.
    tasks.sweep()
    assert figures.answer(request_id=half.pk, at=now()) is None
    assert who_began(tmp_path) == [first]

    killed = parent_of(first)
    os.kill(killed, signal.SIGKILL)
    wait_for(lambda: tasks.sweep() or len(who_began(tmp_path)) == 2)
    assert parent_of(who_began(tmp_path)[1]) != killed
    (tmp_path / "go").touch()
    wait_for(lambda: not FigureRequest.objects.exists())
    assert Figure.objects.get(community_id=community.pk, key="network", asked="window=7").data["nodes"] == 0
    assert len(who_began(tmp_path)) == 2


def test_two_workers_share_what_the_night_leaves_to_them_and_do_each_once(workers, tmp_path):
    communities = [make.community() for _ in range(4)]
    for community in communities:
        app.send_task("engagement.refresh_community", kwargs={"community_id": community.pk})
    both = wait_for(lambda: len(set(who_began(tmp_path))) == 2 and who_began(tmp_path))
    assert len(both) == 2
    (tmp_path / "go").touch()
    day = last_complete_day(communities[0].zone, now())
    made = Figure.objects.filter(key="network", as_of=day, community_id__in=[one.pk for one in communities])
    wait_for(lambda: made.count() == 4 and not FigureRequest.objects.exists())
    time.sleep(0.5)
    assert len(who_began(tmp_path)) == 4
