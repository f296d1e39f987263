"""/healthz and /readyz answer before host names, HTTPS and sessions are looked at; the doctor names what is unwell."""

import pytest
from django.core.management import CommandError, call_command

from crowdecon import doctor, health, tasks
from crowdecon.embedded import process


def test_alive_whatever_the_host(client):
    answer = client.get("/healthz", headers={"host": "10.0.0.7"})
    assert (answer.status_code, answer.json()) == (200, {"status": "alive"})


@pytest.mark.django_db
def test_ready(client):
    assert client.get("/readyz").json() == {
        "status": "ready",
        "database": "ok",
        "broker": "ok",
        "migrations": "ok",
    }


@pytest.mark.django_db
def test_not_ready_without_the_broker(client, settings):
    settings.CELERY_BROKER_URL = "redis://:hidden@127.0.0.1:1/0"
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json() == {"status": "not ready", "database": "ok", "broker": "failed", "migrations": "ok"}


@pytest.mark.django_db
def test_not_ready_before_the_migrations(client, monkeypatch):
    monkeypatch.setitem(health.CHECKS, "migrations", lambda: False)
    assert client.get("/readyz").json()["migrations"] == "failed"


@pytest.mark.django_db
def test_doctor_finds_workers_and_scheduler_missing(capsys, monkeypatch):
    monkeypatch.setattr(doctor.app.control, "ping", lambda timeout: [])
    doctor.cache.delete(tasks.HEARTBEAT)
    with pytest.raises(CommandError, match="2 of these checks found something wrong"):
        call_command("doctor")
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[1] for line in lines if line.startswith("UNWELL")] == ["workers", "scheduler"]
    assert "Start workers: make run, or the worker service of docker-compose.yml." in "".join(lines)


def test_doctor_is_content_with_a_worker_and_a_heartbeat(celery_worker_process, capsys):
    tasks.heartbeat.delay()
    assert process.wait_until(lambda: doctor.cache.get(tasks.HEARTBEAT), seconds=20)
    call_command("doctor")
    assert "UNWELL" not in capsys.readouterr().out
