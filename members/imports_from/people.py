"""Taking another tool's people: their rows translated into rows of a members file, and taken as those are.

Decided here:

- Who a row is about: the tool's own id says it; a row without one, or with one that nobody here has, is about whoever
  has its e-mail address, here by a file or further up in this one. So somebody who stands in two files of two tools,
  or twice in one with two ids, is one member. Rows of one member make one: the later one has the word, as in every
  members file.
- Found by address alone, a member keeps the day they joined on: the other file said when they joined that list.
- Labels are added to those a member has, since staff keep theirs here.
- Not wanting letters is not leaving. Who said so there gets none here, and whose address took none is not written
  to, from the moment the file says so for the first time. A file never switches letters on again: who does so here,
  by themselves, keeps them when the same file comes once more.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, ClassVar

from django.utils.crypto import salted_hmac

from kernel.imports import Job, Rejected, Row, Verdict
from members.models import Membership, Tier
from members.services import bounces, preferences
from members.services.member_chunk import Chunk
from members.services.member_import import MemberLoad
from members.services.member_rows import Entry


@dataclass(frozen=True)
class Person:
    """What a row says: `cells` as a members file would have them, `custom` what is kept besides.

    `own_id` is the tool's id, "" for none; `address` the e-mail address in small letters. `stopped` are the keys of
    `custom` that say that the person wants no letters, `dead` those that say that the address takes none; both hold
    since `since`. `remark` is the column and the reason why a part of the row was left out.
    """

    own_id: str
    address: str
    cells: dict[str, str]
    custom: dict[str, str] = field(default_factory=dict)
    since: datetime | None = None
    remark: Rejected | None = None


class Tool:
    """How one tool's rows read."""

    #: What it is called, for the log.
    name: ClassVar[str]
    #: Columns of a members file by what they are called there, for the reasons of rejected rows.
    columns: ClassVar[Mapping[str, str]] = {}
    #: Custom fields that say that the person wants no letters, and that the address takes none.
    stopped: ClassVar[frozenset[str]] = frozenset()
    dead: ClassVar[frozenset[str]] = frozenset()

    def __init__(self, *, tiers: Mapping[str, Tier], latest: datetime, keep: bool) -> None:
        self.tiers, self.latest, self.keep = tiers, latest, keep

    def key(self, row: Row) -> tuple[str, str]:
        """The tool's id and the e-mail address in small letters, "" where there is none."""
        raise NotImplementedError

    def person(self, row: Row) -> Person:
        """Raises `Rejected`, naming the tool's column."""
        raise NotImplementedError


class PeopleLoad(MemberLoad):
    def __init__(self, job: Job, tool: type[Tool]) -> None:
        super().__init__(job)
        self.tool = tool(
            tiers=self.reader.tiers, latest=self.reader.latest, keep=bool(job.options.get("keep_unknown"))
        )
        self._joined: dict[str, datetime] = {}
        self._by_address: dict[str, str] = {}
        self._stopped: list[tuple[Membership, datetime]] = []
        self._dead: dict[str, datetime] = {}
        self._since: dict[str, datetime] = {}

    def survey(self, rows: Callable[[], Iterator[Row]], *, resume_line: int) -> None:
        here = Membership.objects.records_of(self.community_id).exclude(external_id=None).order_by("pk")
        known = here.values_list("external_id", "email", "joined_at")
        for external_id, address, joined_at in known.iterator(chunk_size=5000):
            self._joined[str(external_id)] = joined_at
            if address:
                self._by_address.setdefault(address.lower(), str(external_id))
        for row in rows():
            own_id, address = ("", "") if row.problem else self.tool.key(row)
            if address:
                self._by_address.setdefault(address, own_id or self._of_address(address))
        super().survey(lambda: (self._translated(row)[0] for row in rows()), resume_line=resume_line)

    def take(self, rows: Sequence[Row]) -> list[Verdict]:
        # The same rows may be offered again after an attempt that was undone.
        self._stopped, self._dead, self._since = [], {}, {}
        translated = [self._translated(row) for row in rows]
        for row, person in translated:
            if person is not None and person.since is not None:
                self._since[row.cells["member"]] = person.since
        verdicts = super().take([row for row, _person in translated])
        return [
            self._spoken(verdict, person)
            for verdict, (_row, person) in zip(verdicts, translated, strict=True)
        ]

    def _spoken(self, verdict: Verdict, person: Person | None) -> Verdict:
        """The verdict in the tool's words, with a remark on what was left out."""
        if verdict.code:
            return verdict._replace(column=self.tool.columns.get(verdict.column, verdict.column))
        if person is not None and person.remark is not None:
            remark = person.remark
            return Verdict(verdict.outcome, remark.column, remark.code, remark.params)
        return verdict

    def _translated(self, row: Row) -> tuple[Row, Person | None]:
        if row.problem:
            return row, None
        try:
            person = self.tool.person(row)
        except Rejected as rejected:
            return row._replace(problem=rejected), None
        member = self._member(person)
        cells = {**person.cells, "email": person.address, "member": member}
        if member in self._joined and member not in (person.own_id, self._of_address(person.address)):
            cells["joined_at"] = self._joined[member].isoformat()
        return Row(row.line, cells, {**row.extra, **person.custom}, row.raw), person

    def _member(self, person: Person) -> str:
        own = person.own_id
        if own and own in self._joined:
            return own
        return self._by_address.get(person.address) or own or self._of_address(person.address)

    def _of_address(self, address: str) -> str:
        """The id of somebody who has none: one that does not show the address, as ids are shown."""
        return (
            "mail-" + salted_hmac("members.imports_from", f"{self.community_id}:{address}").hexdigest()[:20]
        )

    # --- letters ------------------------------------------------------------------------------------

    def _create(self, entry: Entry, chunk: Chunk) -> None:
        super()._create(entry, chunk)
        self._heed(chunk.new[entry.member], {})

    def _update(self, membership: Membership, entry: Entry, chunk: Chunk) -> bool:
        before = dict(membership.custom)
        tags = entry.values.get("tags")
        if tags is not None:
            both = list(dict.fromkeys([*membership.tags, *tags]))
            entry = replace(entry, values={**entry.values, "tags": both})
        changed = super()._update(membership, entry, chunk)
        self._heed(membership, before)
        return changed

    def _heed(self, membership: Membership, before: Mapping[str, Any]) -> None:
        """Note who is to get no letters, where the file says so and did not before."""
        new = {key for key, value in membership.custom.items() if before.get(key) != value}
        since = self._since.get(str(membership.external_id), self.job.at)
        if new & self.tool.stopped:
            self._stopped.append((membership, since))
        if new & self.tool.dead and membership.email:
            self._dead[membership.email] = since

    def _write(self, chunk: Chunk) -> None:
        super()._write(chunk)
        preferences.stop_letters(members=self._stopped)
        if self._dead:
            bounces.suppress_several(
                community_id=self.community_id,
                addresses=self._dead,
                detail=self.tool.name,
                by=self.job.by,
                at=self.job.at,
            )
