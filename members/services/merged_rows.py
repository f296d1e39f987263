"""Members files and records that were merged: a row is about the record it names, whoever that stands for now.

Decided here, so that the same file changes nothing a second time:

- A row that names a merged record is compared with that record. What it says anew is written there, and goes on to who
  the record stands for wherever they have the value it replaces, or none; tags and interests are added. When they
  joined, their status, tier, role and inviter are those of who is kept.
- A row that names who was kept is compared with what they were before anything was merged into them, too: what the file
  says as it always did does not take back what was chosen.
- Whoever was brought by a merged record was brought by who it stands for, by whatever id the file calls them.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from members.models import Membership, Merge
from members.selectors import merged
from members.services import memberships
from members.services.member_chunk import Chunk, Known
from members.services.member_rows import Entry

LISTS = frozenset({"tags", "interests"})
_NOTHING: tuple[Any, ...] = (None, "", [])


class Merged:
    """What was merged in a community, by the ids that files use; empty where nothing was."""

    def __init__(self, community_id: int) -> None:
        #: By key of each merged record that of who it stands for.
        self.kept = merged.kept_by_key(community_id)
        #: By own id of merged records: who they stand for.
        self.known: dict[str, Known] = {}
        #: By own id of merged records: the id that who they stand for is called by.
        self.same_as: dict[str, str] = {}
        self._called: dict[int, str] = {}
        #: By key of who was kept: the inviter they had before.
        self.inviters: dict[int, int | None] = {}
        if self.kept:
            self._read()

    def _read(self) -> None:
        rows = Membership.objects.filter(pk__in={*self.kept, *self.kept.values()}).order_by("number")
        found = {row.pk: row for row in rows.only("pk", "number", "external_id")}
        together: dict[int, list[Membership]] = defaultdict(list)
        for record in found.values():
            if record.pk in self.kept:
                together[self.kept[record.pk]].append(record)
        for kept, records in together.items():
            called = next((one.external_id for one in (found[kept], *records) if one.external_id), None)
            if called is None:
                continue
            self._called[kept] = called
            for one in records:
                if one.external_id:
                    self.known[one.external_id] = Known(kept, found[kept].number)
                    self.same_as[one.external_id] = called
        for merge in Merge.objects.filter(kept__in=together).standing().order_by("-at", "-id"):
            if "invited_by_id" in merge.before:
                self.inviters[merge.kept_id] = merge.before["invited_by_id"]

    def inviter_of(self, pk: int, inviter: int | None, called: Callable[[int], str | None]) -> str | None:
        """By what id a file that says what it always said calls this member's inviter; None for nobody."""
        inviter = self.inviters.get(pk, inviter)
        if inviter is None:
            return None
        inviter = self.kept.get(inviter, inviter)
        return called(inviter) or self._called.get(inviter)

    def inviter(self, member: str, inviter: str) -> str | None:
        """Who a row's inviter is: None where the row is of a merged record, or where it names the member themselves."""
        if member in self.known:
            return None
        kept = self.same_as.get(inviter, inviter)
        return None if kept == self.same_as.get(member, member) and inviter != member else kept

    def of_ids(self, ids: Iterable[str]) -> list[int]:
        """The keys of those for whom the records with these ids stand."""
        return sorted({self.known[one].pk for one in ids if one in self.known})


def bases(kept: Iterable[Membership]) -> dict[int, Merge]:
    """Of those into whom something was merged: the first merge, which knows what they were by themselves."""
    rows = Merge.objects.filter(kept__in=[one.pk for one in kept]).standing().order_by("-at", "-id")
    return {merge.kept_id: merge for merge in rows}


def as_ever(entry: Entry, membership: Membership, base: Merge) -> Entry:
    """The row without what it says as it did before the merge; `joined_at` of a correction is the joining that counts,
    and the merge takes note of it."""
    values = dict(entry.values)
    before: Mapping[str, Any] = base.before
    for name in [name for name in values if name in before and values[name] == before[name]]:
        del values[name]
    if "custom" in values and "custom" in before:
        own = before["custom"]
        values["custom"] = {key: text for key, text in values["custom"].items() if own.get(key) != text}
    return replace(entry, values=values, joined_at=_joined_at(entry.joined_at, membership, base))


def _joined_at(said: datetime, membership: Membership, base: Merge) -> datetime:
    if said in (base.kept_joined_at, membership.joined_at):
        return membership.joined_at
    others = [one.joined_at for one in merged.records([membership])]
    base.kept_joined_at = said
    counts = min([said, *others])
    if "joined_at" in base.before:
        base.before["joined_at"], base.after["joined_at"] = said.isoformat(), counts.isoformat()
    base.save(update_fields=["kept_joined_at", "before", "after"])
    return counts


def carry(
    record: Membership, kept: Membership, entry: Entry, chunk: Chunk, *, profile: Iterable[str]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Bring a merged record to what its row says, and who it stands for to what of it concerns them: what of theirs was
    changed, before and after. What is to be saved is in the chunk."""
    values = entry.values
    new = {name: values[name] for name in profile if name in values and values[name] != getattr(record, name)}
    custom = {key: text for key, text in values.get("custom", {}).items() if record.custom.get(key) != text}
    before: dict[str, Any] = {}
    after: dict[str, Any] = {}
    for name, value in new.items():
        theirs = getattr(kept, name)
        wanted = _wanted(name, theirs, getattr(record, name), value)
        setattr(record, name, value)
        if wanted != theirs:
            before[name], after[name] = theirs, wanted
            setattr(kept, name, wanted)
    if custom:
        theirs, own = dict(kept.custom), dict(record.custom)
        taken = {key: text for key, text in custom.items() if theirs.get(key) in (own.get(key), None, "")}
        record.custom = own | custom
        if taken:
            before["custom"], after["custom"] = theirs, theirs | taken
            kept.custom = theirs | taken
    if new or custom:
        for one in (record, kept):
            memberships.index(one)
            chunk.renamed.append(one)
        chunk.changed[entry.member] = record
        chunk.changed[f"#{kept.number}"] = kept
    return before, after


def _wanted(name: str, theirs: Any, was: Any, value: Any) -> Any:
    if name in LISTS:
        return list(dict.fromkeys([*theirs, *(one for one in value if one not in was)]))
    return value if theirs == was or theirs in _NOTHING else theirs
