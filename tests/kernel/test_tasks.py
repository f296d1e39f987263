"""Handing work over to a broker that is away, or there and silent."""

import socket
import threading
from datetime import timedelta

import pytest
from celery import current_app
from django.core.files.base import ContentFile
from kombu import pools

from engagement.models import FigureRequest
from engagement.services import figures
from kernel import tasks
from kernel.clock import now
from members.models import ImportRun
from members.services import imports
from tests import api, make


class Silent:
    """A server that takes every connection and never says a word, as a broker whose process stands still."""

    def __init__(self):
        self.server = socket.create_server(("127.0.0.1", 0))
        self.lines = []
        threading.Thread(target=self._take, daemon=True).start()

    def _take(self):
        while True:
            try:
                self.lines.append(self.server.accept()[0])
            except OSError:
                return


@pytest.fixture
def silent(monkeypatch):
    """The broker is silent; each attempt to reach it is a line in `lines`."""
    broker = Silent()
    given = {"socket_timeout": 0.5, "socket_connect_timeout": 0.5}
    with monkeypatch.context() as patch:
        patch.setitem(
            current_app.conf, "broker_write_url", f"redis://127.0.0.1:{broker.server.getsockname()[1]}/0"
        )
        patch.setitem(
            current_app.conf,
            "broker_transport_options",
            current_app.conf.broker_transport_options | given,
        )
        patch.setattr(tasks, "_away_until", 0.0)
        _forget_connections()
        yield broker
    _forget_connections()
    broker.server.close()
    for line in broker.lines:
        line.close()


def _forget_connections():
    pools.reset()
    current_app._pool = None
    current_app.amqp._producer_pool = None


@pytest.mark.django_db(transaction=True)
def test_a_silent_broker_is_asked_once_and_then_left_alone_for_a_while(silent, caplog):
    tasks.send("engagement.sweep")
    asked = len(silent.lines)
    assert 1 <= asked <= 2
    assert "engagement.sweep waits for its sweep" in caplog.text
    tasks.send("engagement.sweep")
    assert len(silent.lines) == asked
    # Not by `monkeypatch`: it would put the pause back after `silent` has ended it, and the next test's work would wait.
    tasks._away_until = 0.0
    tasks.send("engagement.sweep")
    assert len(silent.lines) > asked


@pytest.mark.django_db(transaction=True)
def test_work_asked_for_over_the_api_meanwhile_stands_and_the_sweep_hands_it_out(silent, monkeypatch):
    community = make.community()
    program = api.Program(community)
    asked = program.get("metrics/network/?window=77")
    assert (asked.status_code, asked.json()["state"]) == (202, "waiting")
    table = ContentFile(b"member,joined_at\na,2026-01-01\n", name="members.csv")
    begun = program.client.post(f"{program.root}imports/", {"kind": "members", "file": table})
    assert (begun.status_code, begun.json()["state"]) == (201, "waiting")
    run, request = ImportRun.objects.get(), FigureRequest.objects.get()
    sent = []
    monkeypatch.setattr(tasks, "send", lambda task, **given: sent.append((task, given)))
    later = now() + timedelta(minutes=3)
    assert imports.sweep(at=later) == 1
    assert sent == [("members.run_import", {"run_id": str(run.pk)})]
    assert figures.waiting(at=later) == [request.pk]
