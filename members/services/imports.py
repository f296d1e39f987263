"""Files that go in: taken over, carried out chunk by chunk, reported row by row.

A run is a row before it is a job: what a broker or a worker loses, `sweep` finds. Rows, counts, report and the
place in the file change in one transaction a chunk, so that a run that was cut off goes on exactly there, and
two workers on one run cannot both take a chunk. Runs of one kind in one community go one after the other.
"""

import json
import logging
import time
import zlib
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import islice
from typing import Any, BinaryIO, cast
from uuid import UUID

from django.core.files import File
from django.db import DataError, IntegrityError, transaction
from django.utils.translation import gettext as _

from kernel import imports, locks, tasks
from kernel.errors import Refused
from kernel.imports import ImportKind, Job, Load, Outcome, Rejected, Row, Verdict
from kernel.locks import locked
from kernel.tenancy import Community
from members.actors import Actor
from members.models import ImportPart, ImportRun, Membership
from members.services import audit, import_files, import_reports, powers
from members.services.import_files import MOST_KEPT, Source

log = logging.getLogger(__name__)

State = ImportRun.State
#: How many problems the run keeps to show at once; all of them are in its report.
SHOWN_PROBLEMS = 100
#: Remarks on rows that were taken, likewise.
SHOWN_REMARKS = 20
#: A run that has not moved for so long has lost its worker.
STALE = timedelta(minutes=2)
#: The order in which runs of a kind have their turn; "running" stands before "waiting".
TURNS = ("state", "created_at", "id")
#: Attempts without a single chunk done, after which a run is given up.
ATTEMPTS = 5


class _Overtaken(Exception):
    """Somebody else has carried this run on."""


def begin(
    *,
    community: Community,
    kind: str,
    file: "File[bytes]",
    filename: str,
    at: datetime,
    by: Actor,
    options: Mapping[str, Any] | None = None,
    foreground: bool = False,
) -> ImportRun:
    """Take a file over and have a worker import it; `foreground` leaves that to the caller.

    `options` may hold `keep_unknown` (unknown columns become custom fields). Raises `Refused`, having kept
    nothing, for an unknown kind, for who may not send such files, and for a file that is not CSV with the needed columns.
    """
    if kind not in imports.kinds:
        known = ", ".join(imports.kinds.keys())
        raise Refused(
            _("The kinds of import are: %(known)s.") % {"known": known}, code="unknown", field="kind"
        )
    import_kind = imports.kinds.get(kind)
    if import_kind.permission:
        powers.guard(by.membership, import_kind.permission)
    keep = bool((options or {}).get("keep_unknown")) and import_kind.keeps_unknown
    filename = filename.replace("\x00", "")[-200:]
    with import_files.as_csv(file, import_kind) as table:
        return _take_over(
            community, import_kind, table, filename, keep=keep, at=at, by=by, foreground=foreground
        )


def _take_over(
    community: Community,
    import_kind: ImportKind,
    file: "File[bytes]",
    filename: str,
    *,
    keep: bool,
    at: datetime,
    by: Actor,
    foreground: bool,
) -> ImportRun:
    source = Source(cast(BinaryIO, file), kind=import_kind, name=filename, keep_unknown=keep)
    unknown = source.unknown
    if keep and len(unknown) > MOST_KEPT:
        message = _("At most %(most)d unknown columns can be kept; the file has %(found)d.")
        words = {"most": MOST_KEPT, "found": len(unknown)}
        raise Refused(message % words, code="too_many", field="file")
    file.seek(0)
    run = ImportRun(
        community_id=community.id,
        kind=import_kind.key,
        options={"keep_unknown": keep, "may_give_roles": _may_give_roles(by)},
        filename=filename,
        size=source.size,
        header=source.header,
        ignored=[] if keep else unknown,
        offset=source.offset,
        line=source.line,
        by=by.user,
        by_words=by.words[:120],
        address=by.address,
        created_at=at,
        touched_at=at,
    )
    run.file.save(filename, file, save=False)
    try:
        with transaction.atomic():
            run.save()
            _audit(
                run,
                "import.begun",
                by=by,
                at=at,
                after={"kind": run.kind, "file": run.filename, "size": run.size},
            )
            if not foreground:
                _enqueue(run.id)
    except BaseException:
        run.file.delete(save=False)
        raise
    return run


def carry_out(
    *,
    run_id: UUID,
    now: Callable[[], datetime],
    budget: timedelta | None = None,
    watch: Callable[[ImportRun], None] | None = None,
) -> ImportRun:
    """Import from where the run stands, to the end or until `budget` is used up; the run as it is then.

    `watch` is called after every chunk. Doing a run that is over, or that another of its kind goes before,
    changes nothing.
    """
    until = now() + budget if budget is not None else None
    run = _start(run_id, at=now())
    if run.state != State.RUNNING:
        return run
    kind = imports.kinds.get(run.kind)
    try:
        with run.file.open("rb") as file:
            keep = bool(run.options.get("keep_unknown"))
            source = Source(
                cast(BinaryIO, file), kind=kind, name=run.filename, keep_unknown=keep, checked=True
            )
            load = kind.open(_job(run))
            load.survey(source.rows, resume_line=run.line)
            rows = source.rows(offset=run.offset, line=run.line)
            while chunk := list(islice(rows, kind.chunk)):
                run = _take(run, load, chunk, offset=source.offset, line=source.line, at=now())
                if watch:
                    watch(run)
                if until is not None and now() > until:
                    _enqueue(run.id)
                    return run
    except FileNotFoundError:
        return _give_up(run, "file_gone", at=now())
    except _Overtaken:
        return ImportRun.objects.get(pk=run_id)
    return _finish(run, at=now())


def carry_out_in_turn(
    *, run_id: UUID, now: Callable[[], datetime], watch: Callable[[ImportRun], None] | None = None
) -> ImportRun:
    """Import to the end, first those of the same kind that were sent before and not finished: they may have lost
    their process, and there may be no worker to go on with them."""
    while True:
        run = carry_out(run_id=run_id, now=now, watch=watch)
        if run.is_over:
            return run
        turn = _turn(run.community_id, run.kind)
        if turn is not None and turn.id != run.id:
            carry_out(run_id=turn.id, now=now)
        else:
            # A worker has it in hand as well; what it takes needs not be taken here.
            time.sleep(0.5)


def sweep(*, at: datetime, idle: timedelta = STALE) -> int:
    """Enqueue again what a broker or a worker has lost, as told by its not moving for `idle`; how many runs that were.

    A run that only is slow comes to no harm: whoever takes its next chunk first goes on with it.
    """
    first: dict[tuple[int, str], ImportRun] = {}
    for run in ImportRun.objects.unfinished().order_by(*TURNS):
        first.setdefault((run.community_id, run.kind), run)
    lost = [run.id for run in first.values() if run.touched_at < at - idle]
    ImportRun.objects.filter(pk__in=lost).update(touched_at=at)
    for run_id in lost:
        _enqueue(run_id)
    return len(lost)


def _may_give_roles(by: Actor) -> bool:
    """Staff may do by a file what they may do by hand; the site's commands and an owner's keys may do it all."""
    return by.membership is None or by.membership.may("members.change_role")


def _enqueue(run_id: UUID) -> None:
    tasks.send("members.run_import", run_id=str(run_id))


def _audit(run: ImportRun, action: str, *, by: Actor, at: datetime, after: dict[str, Any]) -> None:
    audit.record(
        action=action,
        object_kind="import",
        object_id=run.id,
        by=by,
        at=at,
        community_id=run.community_id,
        after=after,
    )


@transaction.atomic
def _start(run_id: UUID, *, at: datetime) -> ImportRun:
    run = ImportRun.objects.get(pk=run_id)
    # Two that were sent at once do not see one another wait.
    locks.advisory(name=f"members.import.{run.kind}", key=run.community_id)
    run = locked(ImportRun.objects.filter(pk=run_id)).get()
    if run.is_over or _turn(run.community_id, run.kind) != run:
        return run
    if run.attempts >= ATTEMPTS:
        return _give_up(run, "attempts", at=at)
    run.attempts += 1
    run.state = State.RUNNING
    run.started_at = run.started_at or at
    run.touched_at = at
    run.save(update_fields=["attempts", "state", "started_at", "touched_at"])
    return run


def _turn(community_id: int, kind: str) -> ImportRun | None:
    """Whose turn it is among the runs of this kind: who is under way, else who was sent first."""
    unfinished = ImportRun.objects.of(community_id).unfinished().filter(kind=kind)
    return unfinished.order_by(*TURNS).first()


def _job(run: ImportRun) -> Job:
    user = run.by
    membership = Membership.objects.of(run.community_id).filter(user=user).first() if user else None
    by = Actor(words=run.by_words, user=user, membership=membership, address=run.address)
    return Job(id=run.id, community=run.community, at=run.created_at, by=by, options=run.options)


def _take(
    run: ImportRun, load: Load, rows: Sequence[Row], *, offset: int, line: int, at: datetime
) -> ImportRun:
    with transaction.atomic():
        current = locked(ImportRun.objects.filter(pk=run.pk)).select_related("community").get()
        if current.offset != run.offset or current.is_over:
            raise _Overtaken
        verdicts = _verdicts(load, rows)
        counts = Counter(verdict.outcome for verdict in verdicts)
        for outcome in Outcome:
            setattr(current, outcome.value, getattr(current, outcome.value) + counts[outcome])
        current.rows += len(rows)
        current.problems += _shown(rows, verdicts, current.problems)
        ImportPart.objects.create(run=current, offset=run.offset, body=_part(rows, verdicts))
        current.offset, current.line, current.touched_at, current.attempts = offset, line, at, 0
        current.save()
    return current


def _shown(
    rows: Sequence[Row], verdicts: Sequence[Verdict], shown: Sequence[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """What there is to say of these rows, as far as there is room: first why some are rejected, then remarks."""
    said: list[dict[str, Any]] = []
    for remark, most in ((False, SHOWN_PROBLEMS), (True, SHOWN_REMARKS)):
        room = most - sum(bool(problem.get("remark")) is remark for problem in shown)
        spoken = (
            {"line": row.line, "column": verdict.column, "code": verdict.code, "params": dict(verdict.params)}
            for row, verdict in zip(rows, verdicts, strict=True)
            if verdict.code and (verdict.outcome is not Outcome.REJECTED) is remark
        )
        said += [problem | ({"remark": True} if remark else {}) for problem in islice(spoken, room)]
    return said


def _verdicts(load: Load, rows: Sequence[Row], *, again: bool = False) -> list[Verdict]:
    """Take the rows; where the database refuses them, find the one at fault, so that it stops no other.

    A single row is tried `again`: what it met may have been written in that very moment, and is seen now.
    """
    try:
        with transaction.atomic():
            return load.take(rows)
    except (DataError, IntegrityError, Refused, ValueError) as error:
        if len(rows) == 1 and not again:
            return _verdicts(load, rows, again=True)
        if len(rows) == 1:
            log.warning("A row at line %d was not stored: %s", rows[0].line, type(error).__name__)
            return [Verdict.of(Rejected("stored", value=type(error).__name__))]
    half = len(rows) // 2
    return _verdicts(load, rows[:half]) + _verdicts(load, rows[half:])


def _part(rows: Sequence[Row], verdicts: Sequence[Verdict]) -> bytes:
    """The chunk's share of the report, as `ImportPart` keeps it."""
    lines = []
    for row, verdict in zip(rows, verdicts, strict=True):
        if verdict.code:
            kept = [
                row.line,
                verdict.outcome,
                verdict.column,
                verdict.code,
                dict(verdict.params),
                [] if verdict.code in import_reports.UNKEPT else list(row.raw),
            ]
            lines.append(json.dumps(kept, ensure_ascii=False, separators=(",", ":")))
        else:
            lines.append(f'[{row.line},"{verdict.outcome}"]')
    return zlib.compress("\n".join(lines).encode(), 3)


@transaction.atomic
def _finish(run: ImportRun, *, at: datetime) -> ImportRun:
    run = locked(ImportRun.objects.filter(pk=run.pk)).select_related("community").get()
    if run.is_over:
        return run
    run.state, run.offset = State.DONE, run.size
    _close(run, at=at)
    _audit(
        run,
        "import.finished",
        by=_job(run).by,
        at=at,
        after={"kind": run.kind, "rows": run.rows} | run.counts,
    )
    return run


@transaction.atomic
def _give_up(run: ImportRun, failure: str, *, at: datetime) -> ImportRun:
    run = locked(ImportRun.objects.filter(pk=run.pk)).select_related("community").get()
    if run.is_over:
        # Another worker has ended it in this very moment, and dropped the file that is missed here.
        return run
    run.state, run.failure = State.FAILED, failure
    _close(run, at=at)
    _audit(run, "import.failed", by=_job(run).by, at=at, after={"reason": failure} | run.counts)
    return run


def _close(run: ImportRun, *, at: datetime) -> None:
    """Keep the report, drop the file, and let the next run of this kind begin."""
    file = run.file.name
    run.file, run.finished_at, run.touched_at = "", at, at
    run.save()
    if file:
        transaction.on_commit(lambda: ImportRun.file.field.storage.delete(file), robust=True)
    following = _turn(run.community_id, run.kind)
    if following is not None:
        _enqueue(following.id)
