"""Files for the tests: sent, carried out, and what became of their rows."""

import io
from datetime import UTC, datetime

from django.core.files import File

from members.actors import Actor
from members.models import ImportRun
from members.selectors import imports as runs
from members.services import imports

AT = datetime(2026, 6, 1, 12, tzinfo=UTC)
SITE = Actor.site("tests")


def begin(
    community, text: str | bytes, *, kind: str = "members", by: Actor = SITE, at=AT, **options
) -> ImportRun:
    content = text.encode() if isinstance(text, str) else text
    return imports.begin(
        community=community,
        kind=kind,
        file=File(io.BytesIO(content), name="file.csv"),
        filename="file.csv",
        at=at,
        by=by,
        options=options,
        foreground=True,
    )


def send(community, text: str | bytes, **how) -> ImportRun:
    """The run, carried out; with `watch` called after every chunk."""
    watch = how.pop("watch", None)
    at = how.get("at", AT)
    run = begin(community, text, **how)
    return imports.carry_out(run_id=run.id, now=lambda: at, watch=watch)


def counts(run: ImportRun) -> tuple[int, int, int, int]:
    """created, updated, unchanged, rejected"""
    return run.created, run.updated, run.unchanged, run.rejected


def problems(run: ImportRun) -> list[tuple[int, str, str]]:
    return [(problem.line, problem.column, problem.code) for problem in runs.problems(run)]
