"""What reports of imports keep of people: cells of rejected rows, and values in the reasons. Emptied with their person."""

import json
import re
import zlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kernel.locks import locked
from members.models import ImportPart, ImportRun

#: Columns in which an id of another system stands for a member, in the spelling of the kinds there are.
OF_MEMBERS = frozenset(
    {"member", "id", "invited_by", "inviter", "accepted_by", "target", "host", "uuid", "leid", "euid"}
)
#: What is said of a row instead, and of rows whose cells are not kept to begin with.
EMPTIED = "emptied"
UNKEPT = frozenset({"erased", EMPTIED})


@dataclass(frozen=True)
class Traces:
    """What tells a person in a file: their own id, their name, and addresses in lower case."""

    own_id: str
    name: str
    addresses: Collection[str]

    def words(self) -> list[str]:
        return [word for word in (self.own_id, self.name, *self.addresses) if word]

    def are_in(self, cells: Sequence[str], places: Collection[int]) -> bool:
        """Whether a row tells of them; `places` are the cells that name members by their own ids."""
        for place, cell in enumerate(cells):
            text = cell.strip()
            if any(_holds(text.lower(), address) for address in self.addresses):
                return True
            if text and (text == self.name or (text == self.own_id and place in places)):
                return True
        return False


def hold(*, community_ids: Collection[int], user_id: int | None = None) -> None:
    """Hold the runs of these communities, and those that a person began, in one order: before the members, as a file
    that goes in takes them."""
    runs = ImportRun.objects.filter(community_id__in=community_ids)
    if user_id is not None:
        runs |= ImportRun.objects.filter(by_id=user_id)
    list(locked(runs.order_by("pk")).values_list("pk"))


def forget(*, community_id: int, traces: Traces) -> int:
    """Empty what the community's reports say of rows about this person; how many rows that were. That there was such
    a row, and what became of it, stays, so that counts add up."""
    emptied = 0
    for run in ImportRun.objects.of(community_id).order_by("pk"):
        lines: set[int] = set()
        for part in run.parts.iterator(chunk_size=16):
            lines |= _empty(part, _places(run.header), traces)
        if lines:
            run.problems = [_said(problem, lines) for problem in run.problems]
            run.save(update_fields=["problems"])
        emptied += len(lines)
    return emptied


def _places(header: Sequence[str]) -> set[int]:
    """Where a row names members by their own ids. An `id` beside such a column is the row's own."""
    names = [name.strip().lower() for name in header]
    known = OF_MEMBERS - {"id"} if {"member", "inviter"} & set(names) else OF_MEMBERS
    return {place for place, name in enumerate(names) if name in known}


def _empty(part: ImportPart, places: Collection[int], traces: Traces) -> set[int]:
    """The lines of the part's rows that were about the person, which are emptied."""
    text = zlib.decompress(part.body).decode().lower()
    # Most parts hold nothing of them, and need not be read row by row.
    if not any(_written(word) in text for word in traces.words()):
        return set()
    lines: set[int] = set()
    kept = list(_emptied(part.verdicts(), places, traces, lines))
    if lines:
        part.body = zlib.compress("\n".join(kept).encode(), 3)
        part.save(update_fields=["body"])
    return lines


def _emptied(
    verdicts: Iterator[list[Any]], places: Collection[int], traces: Traces, lines: set[int]
) -> Iterator[str]:
    for line, outcome, *rest in verdicts:
        if rest and traces.are_in(rest[3], places):
            lines.add(line)
            rest = [rest[0], EMPTIED, {}, []]
        yield json.dumps([line, outcome, *rest], ensure_ascii=False, separators=(",", ":"))


def _said(problem: Mapping[str, Any], lines: Collection[int]) -> Mapping[str, Any]:
    return {**problem, "code": EMPTIED, "params": {}} if problem["line"] in lines else problem


def _holds(text: str, address: str) -> bool:
    """Whether the address stands in the text as it is, and not as the end of another one."""
    return re.search(rf"(?<![\w.+-]){re.escape(address)}(?![\w-])", text) is not None


def _written(word: str) -> str:
    """The word as a part holds it, in lower case."""
    return json.dumps(word.lower(), ensure_ascii=False)[1:-1]
