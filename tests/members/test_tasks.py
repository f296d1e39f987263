"""Imports by a real worker: done by itself, and gone on with after the worker was killed outright."""

import io
import signal
from datetime import timedelta

import pytest
from django.core.files import File

from crowdecon.embedded import process
from kernel.clock import now
from members.actors import Actor
from members.models import ImportRun, Membership
from members.services import imports
from tests import make
from tests.conftest import start_worker

MANY = "member,joined_at\n" + "".join(f"u{n},2026-03-02\n" for n in range(4000))


def send(community, text: str) -> ImportRun:
    return imports.begin(
        community=community,
        kind="members",
        file=File(io.BytesIO(text.encode()), name="m.csv"),
        filename="m.csv",
        at=now(),
        by=Actor.site("tests"),
    )


def until(run: ImportRun, ready, seconds: float = 60) -> ImportRun:
    def looked() -> bool:
        run.refresh_from_db()
        return bool(ready(run))

    assert process.wait_until(looked, seconds=seconds, pause=0.02)
    return run


def test_a_worker_imports_by_itself(celery_worker_process):
    run = send(make.community(), "member,joined_at\nu1,2026-03-02\n")
    until(run, lambda run: run.is_over)
    assert (run.state, run.counts) == ("done", {"created": 1, "updated": 0, "unchanged": 0, "rejected": 0})


@pytest.mark.django_db(transaction=True)
def test_a_killed_workers_run_is_gone_on_with_exactly_where_it_stopped(_empty_queue, tmp_path):
    community = make.community()
    first = start_worker(tmp_path)
    try:
        run = send(community, MANY)
        until(run, lambda run: run.rows > 0)
    finally:
        process.stop(first.process, how=signal.SIGKILL, grace=5)
    run.refresh_from_db()
    assert 0 < run.rows < 4000 and run.state == "running"
    (tmp_path / "second").mkdir()
    second = start_worker(tmp_path / "second")
    try:
        # The broker delivers the task again after a while, or the sweep does: whoever is first.
        imports.sweep(at=now() + imports.STALE + timedelta(seconds=1))
        until(run, lambda run: run.is_over)
    finally:
        process.stop(second.process, how=signal.SIGTERM, grace=10)
    assert (run.state, run.rows, run.created) == ("done", 4000, 4000)
    numbers = Membership.objects.of(community.id).order_by("number").values_list("number", flat=True)
    assert list(numbers) == list(range(1, 4002))
