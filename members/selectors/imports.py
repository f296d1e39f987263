"""Imports as people read them: the runs of a community, their problems, and the report, row by row."""

from collections.abc import Iterator
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kernel import imports
from kernel.imports import Outcome
from members.models import ImportRun


class Problem(NamedTuple):
    """Why a row is rejected, in the language in force."""

    line: int
    column: str
    code: str
    words: str


def of(*, community_id: int) -> QuerySet[ImportRun]:
    """The community's runs, newest first."""
    return ImportRun.objects.of(community_id)


def one(*, community_id: int, run_id: UUID) -> ImportRun | None:
    return of(community_id=community_id).filter(pk=run_id).first()


def problems(run: ImportRun) -> list[Problem]:
    """The first rejected rows, as the run's page shows them; all of them are in its report."""
    return _problems(run, remarks=False)


def remarks(run: ImportRun) -> list[Problem]:
    """What was left out of rows that were taken: the first such remarks; all of them are in the report."""
    return _problems(run, remarks=True)


def _problems(run: ImportRun, *, remarks: bool) -> list[Problem]:
    return [
        Problem(
            problem["line"],
            problem["column"],
            problem["code"],
            imports.reason(problem["code"], problem["params"]),
        )
        for problem in run.problems
        if bool(problem.get("remark")) is remarks
    ]


#: Why a run was given up, by the key that is kept.
FAILURES = {
    "file_gone": gettext_lazy(
        "The file is not there any more. Send it once more: rows that are in already stay as they are."
    ),
    "attempts": gettext_lazy(
        "The import stopped several times and was given up. What was taken until then is in; send the file once more."
    ),
}


def failure(run: ImportRun) -> str:
    """Why the run as a whole has ended without its rows; "" when it has not."""
    return str(FAILURES.get(run.failure, run.failure))


def report(run: ImportRun, *, rejected_only: bool) -> tuple[list[str], Iterator[list[Any]]]:
    """The report's header and its rows, in the order of the file, read part by part.

    Rejected rows come with the cells as they stood in the file, so that they can be corrected there.
    """
    header = [_("line"), _("outcome"), _("column"), _("reason")]
    return [*header, *run.header], _rows(run, rejected_only)


def _rows(run: ImportRun, rejected_only: bool) -> Iterator[list[Any]]:
    for part in run.parts.order_by("offset").iterator(chunk_size=4):
        for line, outcome, *rest in part.verdicts():
            if rest and not (rejected_only and outcome != Outcome.REJECTED):
                column, code, params, cells = rest
                yield [line, outcome, column, imports.reason(code, params), *cells]
            elif not rejected_only:
                yield [line, outcome]
