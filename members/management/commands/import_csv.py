"""The same import as the page and the API, in the foreground and without a worker."""

import json
import sys
from pathlib import Path
from typing import Any

from django.core.files import File
from django.core.management.base import BaseCommand, CommandError, CommandParser

from kernel import imports as kinds
from kernel.clock import now
from kernel.errors import Refused
from members.actors import Actor
from members.models import ImportRun
from members.selectors import imports as reports
from members.selectors import tenants
from members.services import imports


class Command(BaseCommand):
    help = "Import a file into a community; importing it twice changes nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--community", required=True, help="the community's address (slug)")
        parser.add_argument("--kind", required=True, choices=kinds.kinds.keys(), help="what the file brings")
        parser.add_argument(
            "--keep-unknown", action="store_true", help="keep unknown columns as custom fields"
        )
        parser.add_argument("--json", action="store_true", help="end with one line of JSON counts")
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        community = tenants.by_slug(options["community"])
        if community is None:
            raise CommandError(f"There is no community with the address {options['community']!r}.")
        path: Path = options["file"]
        try:
            with path.open("rb") as file:
                run = imports.begin(
                    community=community,
                    kind=options["kind"],
                    file=File(file, name=path.name),
                    filename=path.name,
                    at=now(),
                    by=Actor.site("import_csv"),
                    options={"keep_unknown": options["keep_unknown"]},
                    foreground=True,
                )
        except OSError as error:
            raise CommandError(f"{path}: {error.strerror}") from error
        except Refused as refusal:
            raise CommandError(str(refusal)) from refusal
        run = imports.carry_out_in_turn(run_id=run.id, now=now, watch=self._progress())
        self._report(run, as_json=options["json"])

    def _progress(self) -> Any:
        if not sys.stderr.isatty():
            return None

        def show(run: ImportRun) -> None:
            done = int(run.progress * 30)
            bar = "#" * done + "-" * (30 - done)
            self.stderr.write(f"\r[{bar}] {run.progress:4.0%} {run.rows:,}", ending="")

        return show

    def _report(self, run: ImportRun, *, as_json: bool) -> None:
        if sys.stderr.isatty():
            self.stderr.write("")
        if run.state == ImportRun.State.FAILED:
            raise CommandError(reports.failure(run))
        problems = reports.problems(run)
        for problem in problems:
            place = f"{problem.column}: " if problem.column else ""
            self.stdout.write(f"line {problem.line}: {place}{problem.words}")
        if run.rejected > len(problems):
            self.stdout.write(f"... and {_rows(run.rejected - len(problems), 'more rejected ')}.")
        for remark in reports.remarks(run):
            self.stdout.write(f"line {remark.line} (taken): {remark.column}: {remark.words}")
        if run.ignored:
            self.stdout.write(f"columns left out: {', '.join(run.ignored)} (--keep-unknown keeps them)")
        if as_json:
            self.stdout.write(json.dumps(run.counts))
        else:
            counts = ", ".join(f"{n:,} {name}" for name, n in run.counts.items())
            self.stdout.write(f"{_rows(run.rows)}: {counts}")


def _rows(n: int, which: str = "") -> str:
    return f"{n:,} {which}{'row' if n == 1 else 'rows'}"
