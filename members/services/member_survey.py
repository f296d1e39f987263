"""Reading a members file once before any row is taken: who is in it, who invited whom, and which edges cannot be.

Inviters may stand further down, so whether a row can be taken depends on the whole file. Decided here:

- A row whose inviter is neither in the file nor in the community is rejected; so is one whose inviter is in
  the file only with rows that are rejected themselves, and so on down the tree.
- Where inviters form a loop, the edge of the member who joined earliest (equal instants: smallest id) is
  refused, of those edges that are not in the community already: its row counts as rejected, and the member is
  taken as a root, since the others hang on it. See docs/adr/0006-loops-of-inviters.md.
- Several rows of one member make one: the later ones have the word (`Entry.over`).
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from typing import NamedTuple

from django.utils.translation import gettext_lazy as _

from kernel import imports
from kernel.imports import Rejected, Row
from members.services.member_rows import Entry, Reader

imports.reasons.update(
    {
        "unknown_inviter": _("There is no member “%(value)s”, neither here nor in the file."),
        "inviter_rejected": _("The row of the inviter “%(value)s” is rejected; correct that one first."),
        "loop": _(
            "The inviter “%(value)s” would close a loop of inviters; the member is taken without an inviter."
        ),
    }
)


class Stored(NamedTuple):
    """What the survey needs to know of a member who is here already."""

    joined_at: datetime
    inviter: str | None


class _Claim(NamedTuple):
    line: int
    member: str
    inviter: str


class Survey:
    """What is decided about a file. `refused` by line; `edges` by member: the inviter each is to have."""

    def __init__(self, *, reader: Reader, stored: Mapping[str, Stored]) -> None:
        self.reader = reader
        self.stored = stored
        self.refused: dict[int, Rejected] = {}
        self.loops: dict[int, Rejected] = {}
        self.edges: dict[str, str] = {}
        #: The first line on which each member stands.
        self.first_line: dict[str, int] = {}
        #: For members with several rows: what they say together, and which lines add something.
        self.merged: dict[str, Entry] = {}
        self.adding: set[int] = set()
        self._joined_at: dict[str, datetime] = {}
        self._count: dict[str, int] = {}

    def read(self, rows: Callable[[], Iterator[Row]]) -> None:
        claims = self._collect(rows())
        self._refuse_unknown(claims)
        doubled = {member for member, count in self._count.items() if count > 1}
        if doubled:
            self._merge(rows(), doubled)
        self._refuse_loops([claim for claim in claims if claim.line not in self.refused])

    def _collect(self, rows: Iterable[Row]) -> list[_Claim]:
        claims = []
        for row in rows:
            try:
                entry = self.reader.entry(row)
            except Rejected:
                continue
            self.first_line.setdefault(entry.member, row.line)
            self._count[entry.member] = self._count.get(entry.member, 0) + 1
            self._joined_at[entry.member] = entry.joined_at
            if entry.inviter:
                claims.append(_Claim(row.line, entry.member, entry.inviter))
        return claims

    def _refuse_unknown(self, claims: list[_Claim]) -> None:
        """Reject rows whose inviter does not exist, and then those that hang on them."""
        by_inviter = defaultdict(list)
        for claim in claims:
            by_inviter[claim.inviter].append(claim)
        lost = [
            inviter for inviter in by_inviter if inviter not in self._count and inviter not in self.stored
        ]
        while lost:
            inviter = lost.pop()
            code = "inviter_rejected" if inviter in self._count else "unknown_inviter"
            for line, member, _inviter in by_inviter[inviter]:
                self.refused[line] = Rejected(code, column="invited_by", value=inviter)
                self._count[member] -= 1
                if not self._count[member] and member not in self.stored:
                    lost.append(member)

    def _merge(self, rows: Iterable[Row], doubled: set[str]) -> None:
        for row in rows:
            if row.cells.get("member") not in doubled or row.line in self.refused:
                continue
            try:
                entry = self.reader.entry(row)
            except Rejected:
                continue
            before = self.merged.get(entry.member)
            try:
                merged = entry.over(before) if before else entry
            except Rejected as rejected:
                self.refused[row.line] = rejected
                continue
            if before is not None and merged != before:
                self.adding.add(row.line)
            self.merged[entry.member] = merged
            self._joined_at[entry.member] = merged.joined_at

    def _refuse_loops(self, claims: list[_Claim]) -> None:
        lines: dict[tuple[str, str], list[int]] = defaultdict(list)
        for line, member, inviter in claims:
            self.edges[member] = inviter
            lines[member, inviter].append(line)
        for member in [member for member, inviter in self.edges.items() if self._keeps(member, inviter)]:
            del self.edges[member]
        while loops := self._loops():
            for loop in loops:
                member = min((member for member in loop if member in self.edges), key=self._standing)
                inviter = self.edges.pop(member)
                for line in lines[member, inviter]:
                    self.loops[line] = Rejected("loop", column="invited_by", value=inviter)

    def _keeps(self, member: str, inviter: str) -> bool:
        return member in self.stored and self.stored[member].inviter == inviter

    def _standing(self, member: str) -> tuple[datetime, str]:
        return self._joined_at[member], member

    def _inviter(self, member: str) -> str | None:
        if member in self.edges:
            return self.edges[member]
        stored = self.stored.get(member)
        return stored.inviter if stored else None

    def _loops(self) -> list[list[str]]:
        """The loops that the new edges are part of; every member points at one inviter at most."""
        loops: list[list[str]] = []
        seen: set[str] = set()
        for start in self.edges:
            path: dict[str, int] = {}
            member: str | None = start
            while member is not None and member not in seen and member not in path:
                path[member] = len(path)
                member = self._inviter(member)
            if member is not None and member in path:
                loops.append(list(path)[path[member] :])
            seen.update(path)
        return loops
