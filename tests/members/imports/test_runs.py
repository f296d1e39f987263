"""A run: refused at the door or a row, done chunk by chunk, gone on with where it was cut off, reported."""

from datetime import timedelta
from pathlib import Path

import pytest
from celery.signals import worker_ready
from django.core.management import CommandError, call_command
from django.db import IntegrityError
from django.utils import translation

from crowdecon import celery
from kernel import sheets
from kernel.clock import now
from kernel.errors import Refused
from members.imports import Members
from members.models import AuditEntry, ImportRun, Membership
from members.models.import_run import private_storage
from members.selectors import imports as runs
from members.services import imports
from members.services.member_import import MemberLoad
from members.tasks import sweep_imports
from tests import make
from tests.members.imports.files import AT, begin, counts, problems, send

pytestmark = pytest.mark.django_db

HEADER = "member,joined_at,name\n"
TEN = HEADER + "".join(f"u{n},2026-03-02,Name {n}\n" for n in range(10))


@pytest.fixture
def community():
    return make.community("lantern")


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch):
    monkeypatch.setattr(Members, "chunk", 3)


def kept_files() -> list[Path]:
    return sorted(path for path in Path(private_storage().location).rglob("*") if path.is_file())


def imported(community) -> list[str]:
    members = Membership.objects.of(community.id).exclude(external_id=None)
    return list(members.order_by("number").values_list("external_id", flat=True))


@pytest.mark.parametrize(
    ("text", "kind", "code"),
    [("", "members", "empty"), ("a;b\n", "members", "no_header"), (TEN, "recipes", "unknown")],
)
def test_what_is_no_file_of_the_kind_is_refused_and_nothing_kept(community, text, kind, code):
    before = kept_files()
    with pytest.raises(Refused) as refused:
        begin(community, text, kind=kind)
    assert refused.value.code == code
    assert not ImportRun.objects.exists()
    assert kept_files() == before


def test_a_run_is_done_chunk_by_chunk_and_its_file_dropped(community, django_capture_on_commit_callbacks):
    seen = []
    before = kept_files()
    with django_capture_on_commit_callbacks(execute=True):
        run = send(community, TEN, watch=lambda run: seen.append((run.rows, round(run.progress, 1))))
    assert seen == [(3, 0.4), (6, 0.6), (9, 0.9), (10, 1.0)]
    assert (run.state, run.rows, run.progress, run.file.name) == ("done", 10, 1.0, "")
    assert kept_files() == before
    audited = AuditEntry.objects.filter(action__startswith="import.").order_by("id")
    assert list(audited.values_list("action", "object_id")) == [
        ("import.begun", str(run.id)),
        ("import.finished", str(run.id)),
    ]
    assert audited[1].after == {"kind": "members", "rows": 10, "created": 10} | dict.fromkeys(
        ["updated", "unchanged", "rejected"], 0
    )


def test_a_header_alone_is_a_run_without_rows(community):
    run = send(community, HEADER)
    assert (run.state, run.rows, run.progress) == ("done", 0, 1.0)


class Cut(Exception):
    """Stands for a worker that is killed."""


def test_a_run_that_was_cut_off_goes_on_exactly_there(community):
    def cut(run):
        if run.rows == 6:
            raise Cut

    run = begin(community, TEN.replace("u8,", "u8;") + "u1,2026-03-02,Other\n")
    with pytest.raises(Cut):
        imports.carry_out(run_id=run.id, now=lambda: AT, watch=cut)
    run.refresh_from_db()
    assert (run.state, run.rows, imported(community)) == ("running", 6, [f"u{n}" for n in range(6)])
    run = imports.carry_out(run_id=run.id, now=lambda: AT)
    assert (run.state, counts(run)) == ("done", (9, 0, 1, 1))
    assert problems(run) == [(10, "", "cells")]
    header, rows = runs.report(run, rejected_only=False)
    assert [row[0] for row in rows] == list(range(2, 13))


def test_forward_inviters_survive_a_cut(community):
    def cut(run):
        raise Cut

    run = begin(
        community,
        "member,joined_at,invited_by\na,2026-03-02,d\nb,2026-03-02,\nc,2026-03-02,\nd,2026-03-02,\n",
    )
    with pytest.raises(Cut):
        imports.carry_out(run_id=run.id, now=lambda: AT, watch=cut)
    imports.carry_out(run_id=run.id, now=lambda: AT)
    assert Membership.objects.get(external_id="a").invited_by.external_id == "d"


def test_two_workers_on_one_run_take_each_chunk_once(community):
    run = begin(community, TEN)

    def other_worker(_run):
        imports.carry_out(run_id=run.id, now=lambda: AT)

    run = imports.carry_out(run_id=run.id, now=lambda: AT, watch=other_worker)
    assert (run.state, counts(run), len(imported(community))) == ("done", (10, 0, 0, 0), 10)


def test_doing_a_run_again_changes_nothing(community):
    run = send(community, TEN)
    again = imports.carry_out(run_id=run.id, now=lambda: AT + timedelta(days=1))
    assert (again.finished_at, again.counts) == (run.finished_at, run.counts)


def test_runs_of_one_kind_go_one_after_the_other(community):
    first, second = begin(community, TEN), begin(community, TEN, at=AT + timedelta(seconds=1))
    assert imports.carry_out(run_id=second.id, now=lambda: AT).state == "waiting"
    assert imports.carry_out(run_id=first.id, now=lambda: AT).state == "done"
    assert counts(imports.carry_out(run_id=second.id, now=lambda: AT)) == (0, 0, 10, 0)


def test_the_command_goes_on_with_what_lost_its_process(community, tmp_path, capsys):
    begin(community, TEN)
    path = tmp_path / "members.csv"
    path.write_text(TEN)
    call_command("import_csv", "--community", "lantern", "--kind", "members", "--json", str(path))
    assert capsys.readouterr().out == '{"created": 0, "updated": 0, "unchanged": 10, "rejected": 0}\n'
    assert set(ImportRun.objects.values_list("state", "created")) == {("done", 10), ("done", 0)}


def test_a_budget_ends_a_worker_s_turn_between_chunks(community):
    run = begin(community, TEN)
    clock = [AT, AT, AT, AT + timedelta(hours=1)]
    run = imports.carry_out(run_id=run.id, now=iter(clock).__next__, budget=timedelta(0))
    assert (run.state, run.rows) == ("running", 3)


def test_a_row_that_the_database_refuses_stops_no_other(community, monkeypatch):
    take = MemberLoad._create

    def refuse_one(self, entry, chunk):
        if entry.member == "u4":
            raise IntegrityError("somebody's words")
        take(self, entry, chunk)

    monkeypatch.setattr(MemberLoad, "_create", refuse_one)
    run = send(community, TEN)
    assert (counts(run), problems(run)) == ((9, 0, 0, 1), [(6, "", "stored")])
    assert imported(community) == [f"u{n}" for n in range(10) if n != 4]
    assert list(
        Membership.objects.of(community.id).order_by("number").values_list("number", flat=True)
    ) == list(range(1, 11))


def test_a_run_without_its_file_says_so(community):
    run = begin(community, TEN)
    run.file.storage.delete(run.file.name)
    run = imports.carry_out(run_id=run.id, now=lambda: AT)
    assert (run.state, run.failure) == ("failed", "file_gone")
    assert runs.failure(run).startswith("The file is not there any more.")


def test_a_run_that_stops_again_and_again_is_given_up(community, monkeypatch):
    def stop(*args, **kwargs):
        raise Cut

    monkeypatch.setattr(MemberLoad, "take", stop)
    run = begin(community, TEN)
    for _attempt in range(imports.ATTEMPTS):
        with pytest.raises(Cut):
            imports.carry_out(run_id=run.id, now=lambda: AT)
    assert imports.carry_out(run_id=run.id, now=lambda: AT).state == "failed"


def test_the_sweep_finds_what_was_lost_the_first_of_each_kind(community, monkeypatch):
    sent = []
    monkeypatch.setattr(imports, "_enqueue", sent.append)
    first = begin(community, TEN)
    begin(community, TEN, at=AT + timedelta(seconds=1))
    send(make.community(), TEN)
    assert imports.sweep(at=AT + timedelta(seconds=90)) == 0
    assert imports.sweep(at=AT + timedelta(minutes=3)) == 1
    assert imports.sweep(at=AT + timedelta(minutes=3)) == 0
    assert sent == [first.id]


def test_a_worker_that_begins_has_what_stands_still_taken_up_soon(community, monkeypatch):
    enqueued, asked = [], []
    monkeypatch.setattr(imports, "_enqueue", enqueued.append)
    monkeypatch.setattr(celery.app, "send_task", lambda name, **how: asked.append((name, how)))
    worker_ready.send(sender=None)
    ((name, how),) = asked
    assert (name, how["countdown"]) == (sweep_imports.name, 15)
    run = begin(community, TEN, at=now())
    sweep_imports(**how["kwargs"])
    assert enqueued == []
    ImportRun.objects.update(touched_at=now() - timedelta(seconds=16))
    sweep_imports(**how["kwargs"])
    sweep_imports(**how["kwargs"])
    assert enqueued == [run.id]


def test_the_report_tells_every_row_and_defuses_what_a_spreadsheet_would_run(community):
    run = send(community, HEADER + "a,2026-03-02,Ada\n=cmd(),never,\n")
    header, rows = runs.report(run, rejected_only=False)
    lines = list(sheets.lines(header, rows))
    assert lines == [
        "line,outcome,column,reason,member,joined_at,name\r\n",
        "2,created\r\n",
        "3,rejected,joined_at,“never” is no time; one such as 2026-03-02T14:30:00Z or a day such as 2026-03-02 "
        "is expected.,'=cmd(),never,\r\n",
    ]
    assert [row[0] for row in runs.report(run, rejected_only=True)[1]] == [3]


def test_the_report_can_be_corrected_and_sent_back(community):
    header = "member,joined_at,longitude,latitude,name\n"
    run = send(community, header + "a,never,-0.12,-33.5,=Ada\nb,2026-03-02,,,'quoted'\n")
    report = "".join(sheets.lines(*runs.report(run, rejected_only=True)))
    assert "'-0.12,'-33.5,'=Ada" in report
    assert counts(send(community, report.replace("never", "2026-03-02").replace("“2026-03-02”", ""))) == (
        1,
        0,
        0,
        0,
    )
    found = Membership.objects.get(external_id="a")
    assert (found.longitude, found.latitude, found.name) == (-0.12, -33.5, "=Ada")
    assert Membership.objects.get(external_id="b").name == "'quoted'"


def test_reasons_are_put_into_words_when_they_are_read(community):
    run = send(community, HEADER + "a,never,\n")
    with translation.override("en"):
        assert runs.problems(run)[0].words.startswith("“never” is no time")


def test_the_command_reports_and_ends_with_one_line_of_counts(community, tmp_path, capsys):
    path = tmp_path / "members.csv"
    path.write_bytes(b"\xef\xbb\xbf" + (TEN + "x,never,\n").encode())
    call_command("import_csv", "--community", "lantern", "--kind", "members", "--json", str(path))
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("line 12: joined_at: “never” is no time")
    assert lines[-1] == '{"created": 10, "updated": 0, "unchanged": 0, "rejected": 1}'


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (HEADER + "a,2026-03-02,A\n", "1 row: 1 created, 0 updated, 0 unchanged, 0 rejected"),
        (TEN, "10 rows: 10 created, 0 updated, 0 unchanged, 0 rejected"),
    ],
)
def test_the_command_ends_by_saying_how_many_rows_there_were(community, tmp_path, capsys, content, said):
    path = tmp_path / "members.csv"
    path.write_text(content)
    call_command("import_csv", "--community", "lantern", "--kind", "members", str(path))
    assert capsys.readouterr().out.splitlines()[-1] == said


@pytest.mark.parametrize(
    ("slug", "content"), [("nowhere", TEN), ("lantern", "name\nAda\n"), ("lantern", None)]
)
def test_the_command_says_what_was_wrong(community, tmp_path, slug, content):
    path = tmp_path / "members.csv"
    if content is not None:
        path.write_text(content)
    with pytest.raises(CommandError):
        call_command("import_csv", "--community", slug, "--kind", "members", str(path))
    assert not ImportRun.objects.exists()


def test_a_file_of_endless_columns_is_not_kept_column_by_column():
    community = make.community()
    names = ",".join(f"field{n}" for n in range(51))
    with pytest.raises(Refused) as refused:
        send(community, f"member,joined_at,{names}\n", keep_unknown=True)
    assert (refused.value.code, refused.value.field) == ("too_many", "file")
    assert ImportRun.objects.count() == 0


def test_a_worker_that_comes_too_late_for_the_file_does_not_undo_the_end(
    community, monkeypatch, django_capture_on_commit_callbacks
):
    run = begin(community, TEN)
    late = imports._start(run.id, at=AT)
    with django_capture_on_commit_callbacks(execute=True):
        imports.carry_out(run_id=run.id, now=lambda: AT)
    assert not private_storage().exists(run.file.name)
    monkeypatch.setattr(imports, "_start", lambda run_id, *, at: late)
    assert imports.carry_out(run_id=run.id, now=lambda: AT).state == "done"
    assert ImportRun.objects.get().state == "done"
    assert not AuditEntry.objects.filter(action="import.failed").exists()
