"""The servers of a data folder: started by the first who needs them, gone after the last, nothing lost in between."""

import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import psycopg2
import pytest
import redis

from crowdecon.embedded import process, services
from crowdecon.embedded.locks import Lock
from tests.services import ROOT


@pytest.fixture(autouse=True)
def _no_servers_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.delenv("REDIS_URL", raising=False)


def processes(folder: Path) -> list[str]:
    """The command lines that speak of the folder."""
    found = []
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = entry.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if str(folder) in words:
            found.append(words)
    return found


def keeper_pid(folder: Path) -> int:
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            words = (entry / "cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        if b"crowdecon.embedded.keeper" in words and str(folder).encode() in words:
            return int(entry.name)
    raise AssertionError("no keeper")


def test_two_folders_side_by_side_keep_their_own(tmp_path):
    folders = [tmp_path / "one with a space", tmp_path / "two"]
    held = [services.attach(folder) for folder in folders]
    try:
        for number, attachment in enumerate(held):
            with psycopg2.connect(attachment.addresses.owner) as line, line.cursor() as cursor:
                cursor.execute("CREATE TABLE kept (n int)")
                cursor.execute("INSERT INTO kept VALUES (%s)", [number])
            redis.Redis.from_url(attachment.addresses.redis).set("kept", number)
        assert {stat.S_IMODE(path.stat().st_mode) for path in [*folders, folders[0] / "valkey"]} == {0o700}
        assert stat.S_IMODE((folders[0] / "valkey" / "valkey.conf").stat().st_mode) == 0o600
        assert stat.S_IMODE((folders[0] / "secrets.json").stat().st_mode) == 0o600

        # The first folder's keeper is killed outright, the other's goes on.
        os.kill(keeper_pid(folders[0]), signal.SIGKILL)
        assert process.wait_until(lambda: not processes(folders[0]), seconds=10)
        assert process.wait_until(lambda: not held[0].alive(), seconds=10)
        assert held[1].alive()
        held[0].detach()
        held[0] = services.attach(folders[0])

        for number, attachment in enumerate(held):
            with psycopg2.connect(attachment.addresses.database) as line, line.cursor() as cursor:
                cursor.execute("SELECT n FROM kept")
                assert cursor.fetchall() == [(number,)]
            assert redis.Redis.from_url(attachment.addresses.redis).get("kept") == str(number).encode()
    finally:
        assert all(attachment.detach(wait=20) for attachment in held)
    assert [processes(folder) for folder in folders] == [[], []]


def test_second_to_attach_shares_and_last_to_leave_stops(tmp_path):
    first = services.attach(tmp_path)
    second = services.attach(tmp_path)
    assert (first.started, second.started) == (True, False)
    assert first.addresses == second.addresses
    first.detach()
    assert second.alive() and not process.wait_until(lambda: not second.alive(), seconds=1)
    assert second.detach(wait=20)
    assert processes(tmp_path) == []


def test_a_killed_user_counts_as_gone(tmp_path):
    script = "import sys, time; from pathlib import Path; from crowdecon.embedded import services\n"
    script += "services.attach(Path(sys.argv[1])).hold(); print('up', flush=True); time.sleep(60)"
    child = subprocess.Popen([sys.executable, "-c", script, str(tmp_path)], cwd=ROOT, stdout=subprocess.PIPE)
    assert child.stdout and child.stdout.readline() == b"up\n"
    child.kill()
    child.wait()
    child.stdout.close()
    assert process.wait_until(Lock(services.Layout(tmp_path).keeper).is_free, seconds=10)
    assert processes(tmp_path) == []


def test_one_address_without_the_other_is_refused(monkeypatch):
    monkeypatch.setenv("REDIS_URL", "redis://127.0.0.1:1")
    with pytest.raises(services.Unavailable, match="REDIS_URL is set but DATABASE_URL is not"):
        services.external()


def test_folder_that_cannot_be_used_is_named():
    with pytest.raises(services.Unavailable, match="/proc/nowhere cannot be used"):
        services.attach(Path("/proc/nowhere"))


def test_the_words_of_a_server_that_does_not_start(tmp_path):
    (tmp_path / "postgres").mkdir()
    (tmp_path / "postgres" / "PG_VERSION").write_text("9\n")
    with pytest.raises(services.Unavailable, match="PostgreSQL ended while starting"):
        services.attach(tmp_path)
    assert processes(tmp_path) == []
