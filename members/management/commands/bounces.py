"""Delivery reports from files: what a mailbox for bounces has taken in."""

import mailbox
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from kernel.clock import now
from members.services import bounces


class Command(BaseCommand):
    help = (
        "Read delivery reports (RFC 3464) from files: one mail a file, an mbox, a folder or Maildir, or - for standard input. "
        "Addresses that are none are written to no more. Reading a report twice changes nothing."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("files", nargs="+", metavar="FILE")

    def handle(self, *args: Any, **options: Any) -> None:
        became: Counter[str] = Counter()
        for name in options["files"]:
            for content in _mails(name):
                became[bounces.read(content, at=now())] += 1
        self.stdout.write(
            f"{became.total()} read: {became['suppressed']} addresses given up, {became['noted']} noted, "
            f"{became['unknown']} about no letter of ours, {became['none']} that are no reports"
        )


def _mails(name: str) -> Iterator[bytes]:
    if name == "-":
        yield sys.stdin.buffer.read()
        return
    path = Path(name)
    if not path.exists():
        raise CommandError(f"There is no file {name}.")
    if path.is_dir():
        # A Maildir keeps its mails in these two; any other folder holds one a file.
        folders = [path / "new", path / "cur"] if (path / "cur").is_dir() else [path]
        for file in sorted(file for folder in folders for file in folder.iterdir() if file.is_file()):
            yield file.read_bytes()
        return
    content = path.read_bytes()
    if content.startswith(b"From "):
        with closing(mailbox.mbox(path, create=False)) as box:
            for found in box:
                yield found.as_bytes()
    else:
        yield content
