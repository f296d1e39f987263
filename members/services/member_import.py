"""Taking a members file: memberships made and changed in bulk, through the same history as by hand.

Every row ends in one of four ways and importing a file twice changes nothing. What the file says holds from
the instants it names: an imported status and role from joining on, `left_at` from then on. A status whose
beginning the file does not tell (a change of a member who is here already) holds from the import on. A cell
left empty says nothing: what is stored stays.

An import never touches a `User`: a person claims their membership later, with a confirmed address.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Any

from django.db.models import Q

from kernel.cells import AHEAD
from kernel.imports import CREATED, UNCHANGED, UPDATED, Job, Load, Outcome, Rejected, Row, Verdict
from kernel.locks import locked
from members.models import AuditEntry, Membership, MembershipChange, Tier
from members.roles import GONE, NOT_JOINED, Role, Status
from members.selectors import merged
from members.services import audit, erasures, finding, member_writes, memberships, merged_rows, numbers
from members.services.member_chunk import Chunk, Known
from members.services.member_rows import Entry, Reader
from members.services.member_survey import Stored, Survey
from members.services.member_writes import PROFILE

Kind = MembershipChange.Kind


class MemberLoad(Load):
    def __init__(self, job: Job) -> None:
        self.job = job
        self.community_id = job.community.id
        tiers = list(Tier.objects.of(self.community_id))
        self.default_tier = next((tier for tier in tiers if tier.is_default), None)
        self.reader = Reader(
            zone=job.community.zone,
            latest=job.at + AHEAD,
            tiers=tiers,
            may_give_roles=bool(job.options.get("may_give_roles")),
            community_id=self.community_id,
        )
        self.reader.erased = erasures.known(community_id=self.community_id)
        self.known: dict[str, Known] = {}
        self.outcomes: dict[str, Outcome] = {}
        #: By inviter who is not here yet: the members waiting for them.
        self.waiting: dict[str, list[str]] = defaultdict(list)
        self.survey_of: Survey
        self.merged = merged_rows.Merged(self.community_id)
        self.reader.inviter_named = self.merged.inviter

    def survey(self, rows: Callable[[], Iterator[Row]], *, resume_line: int) -> None:
        members = Membership.objects.records_of(self.community_id).exclude(external_id=None)
        stored: dict[str, Stored] = {}
        facts: Any = members.values_list("external_id", "pk", "number", "joined_at", "invited_by_id")
        ids: dict[int, str] = {}
        inviters: dict[str, tuple[int, int]] = {}
        for external_id, pk, number, joined_at, inviter in facts.iterator(chunk_size=5000):
            assert external_id is not None
            self.known[external_id] = self.merged.known.get(external_id) or Known(pk, number)
            stored[external_id] = Stored(joined_at, None)
            ids[pk] = external_id
            if inviter is not None or pk in self.merged.inviters:
                inviters[external_id] = (pk, inviter)
        for external_id, (pk, inviter) in inviters.items():
            called = self.merged.inviter_of(pk, inviter, ids.get)
            stored[external_id] = stored[external_id]._replace(inviter=called)
        self.survey_of = Survey(reader=self.reader, stored=stored)
        self.survey_of.read(rows)
        for member, inviter in self.survey_of.edges.items():
            passed = self.survey_of.first_line[member] < resume_line
            if passed and member in self.known and inviter not in self.known:
                self.waiting[inviter].append(member)

    def take(self, rows: Sequence[Row]) -> list[Verdict]:
        erasures.heed(self)
        entries = [self._entry(row) for row in rows]
        chunk = Chunk()
        ids = {entry.member for entry in entries if isinstance(entry, Entry)}
        ids |= {member for inviter in ids for member in self.waiting.get(inviter, ())}
        self._hold(ids, chunk)
        verdicts = []
        outcomes: dict[str, Outcome] = {}
        for row, entry in zip(rows, entries, strict=True):
            verdict = (
                Verdict.of(entry) if isinstance(entry, Rejected) else self._take(row, entry, chunk, outcomes)
            )
            verdicts.append(verdict)
        self._write(chunk)
        # Only now is it certain that the chunk stands.
        self.outcomes |= outcomes
        return verdicts

    def _hold(self, ids: set[str], chunk: Chunk) -> None:
        """The members that the rows are about, and for whom they stand, as they are until the rows are written."""
        kept = merged.kept_of_ids(community_id=self.community_id, ids=ids)
        wanted = Q(external_id__in=ids) | Q(pk__in=set(kept.values()))
        rows = locked(Membership.objects.records_of(self.community_id).filter(wanted).order_by("pk"))
        found = {membership.pk: membership for membership in rows.select_related("tier", "invited_by")}
        chunk.stored = {one.external_id: one for one in found.values() if one.external_id in ids}
        chunk.kept = {member: found[pk] for member, pk in kept.items()}
        chunk.bases = merged_rows.bases(chunk.stored.values())

    # --- one row ------------------------------------------------------------------------------------

    def _entry(self, row: Row) -> Entry | Rejected:
        refused = self.survey_of.refused.get(row.line)
        if refused is not None:
            return refused
        try:
            entry = self.reader.entry(row)
        except Rejected as rejected:
            return rejected
        return self.survey_of.merged.get(entry.member, entry)

    def _take(self, row: Row, entry: Entry, chunk: Chunk, outcomes: dict[str, Outcome]) -> Verdict:
        member = entry.member
        earlier = outcomes.get(member) or self.outcomes.get(member)
        if earlier is not None:
            # A further row of a member whose rows were taken together: it counts by what it adds.
            adds = row.line in self.survey_of.adding and earlier in (Outcome.CREATED, Outcome.UPDATED)
            verdict = UPDATED if adds else UNCHANGED
        elif member in chunk.stored:
            try:
                verdict = UPDATED if self._update(chunk.stored[member], entry, chunk) else UNCHANGED
            except Rejected as rejected:
                return Verdict.of(rejected)
            outcomes[member] = verdict.outcome
        else:
            self._create(entry, chunk)
            verdict = CREATED
            outcomes[member] = Outcome.CREATED
        loop = self.survey_of.loops.get(row.line)
        return Verdict.of(loop) if loop else verdict

    def _create(self, entry: Entry, chunk: Chunk) -> None:
        values = entry.values
        left_at = values.get("left_at")
        status = values.get("status") or (Status.LEFT.value if left_at else Status.ACTIVE.value)
        membership = Membership(
            community_id=self.community_id,
            external_id=entry.member,
            joined_at=entry.joined_at,
            left_at=left_at,
            status=status,
            role=values.get("role", Role.MEMBER.value),
            tier=values.get("tier", self.default_tier),
            custom=values.get("custom", {}),
            **{name: values[name] for name in PROFILE if name in values},
        )
        memberships.index(membership)
        chunk.new[entry.member] = membership
        inviter = self.survey_of.edges.get(entry.member)
        if inviter:
            chunk.inviters[entry.member] = inviter
        self._begin_history(membership, chunk, status=Status.ACTIVE.value if left_at else status)
        if left_at:
            self._note(chunk, membership, Kind.STATUS, Status.ACTIVE.value, status, left_at)

    def _begin_history(self, membership: Membership, chunk: Chunk, *, status: str) -> None:
        self._note(chunk, membership, Kind.STATUS, "", status, membership.joined_at)
        self._note(chunk, membership, Kind.ROLE, "", membership.role, membership.joined_at)

    def _note(
        self, chunk: Chunk, membership: Membership, kind: str, before: str, after: str, at: datetime
    ) -> None:
        by = self.job.by.membership
        chunk.changes.append(
            MembershipChange(
                membership=membership, kind=kind, before=before, after=after, reason="", by=by, at=at
            )
        )

    def _update(self, membership: Membership, entry: Entry, chunk: Chunk) -> bool:
        """Bring a stored member to what the row says; whether anything changed."""
        if entry.member in chunk.kept:
            return self._carry(membership, entry, chunk)
        base = chunk.bases.get(membership.pk)
        thought = base.kept_joined_at if base else membership.joined_at
        if base is not None:
            entry = merged_rows.as_ever(entry, membership, base)
        values = entry.values
        self._guard(membership, values)
        before: dict[str, Any] = {}
        after: dict[str, Any] = {}

        def put(name: str, value: Any, *, old: Any = None, new: Any = None) -> None:
            before[name] = getattr(membership, name) if old is None else old
            after[name] = value if new is None else new
            setattr(membership, name, value)

        for name in PROFILE:
            if name in values and values[name] != getattr(membership, name):
                put(name, values[name])
        custom = {**membership.custom, **values.get("custom", {})}
        if custom != membership.custom:
            put("custom", custom)
        tier = values.get("tier")
        if tier is not None and tier.pk != membership.tier_id:
            old = membership.tier.key if membership.tier else ""
            self._note(chunk, membership, Kind.TIER, old, tier.key, self.job.at)
            put("tier", tier, old=old, new=tier.key)
        right = base.kept_joined_at if base else entry.joined_at
        if right != thought:
            put("joined_at", entry.joined_at, old=thought.isoformat(), new=right.isoformat())
            self._rejoin(membership, right, chunk)
        role = values.get("role")
        if role is not None and role != membership.role:
            self._note(chunk, membership, Kind.ROLE, membership.role, role, self.job.at)
            put("role", role)
        self._bring_status(membership, values, chunk, put)
        inviter = self.survey_of.edges.get(entry.member)
        if inviter is not None:
            chunk.inviters[entry.member] = inviter
            after["invited_by"] = inviter
        if not after:
            return False
        if finding.FOUND_BY & set(after):
            memberships.index(membership)
            chunk.renamed.append(membership)
        chunk.changed[entry.member] = membership
        chunk.audits.append(self._audit(membership, before, after))
        return True

    def _carry(self, record: Membership, entry: Entry, chunk: Chunk) -> bool:
        """What a row says of a merged record goes there, and on to who it stands for; whether anything changed."""
        kept = chunk.kept[entry.member]
        before, after = merged_rows.carry(record, kept, entry, chunk, profile=PROFILE)
        if after:
            chunk.audits.append(self._audit(kept, before, after))
        return entry.member in chunk.changed

    def _guard(self, membership: Membership, values: Any) -> None:
        """Refuse what a file may not do to a member who signs in."""
        if membership.user_id is None or membership.role == Role.MEMBER:
            return
        ends = values.get("left_at") not in (None, membership.left_at)
        ends = ends or values.get("status", membership.status) != membership.status
        if ends or values.get("role", membership.role) != membership.role:
            column = "role" if values.get("role", membership.role) != membership.role else "status"
            raise Rejected("staff_claimed", column=column, role=membership.role)

    def _rejoin(self, membership: Membership, at: datetime, chunk: Chunk) -> None:
        """The member joined at another instant than was thought: the same beginnings hold from then on."""
        firsts: dict[str, str] = {}
        for change in membership.changes.filter(before="", kind__in=[Kind.STATUS, Kind.ROLE]).order_by(
            "-at", "-id"
        ):
            firsts[change.kind] = change.after
        for kind, value in firsts.items():
            self._note(chunk, membership, kind, "", value, at)
        if firsts.get(Kind.STATUS) not in NOT_JOINED:
            chunk.corrected.append((membership, f"joined:{membership.number}", at))

    def _bring_status(self, membership: Membership, values: Any, chunk: Chunk, put: Any) -> None:
        left_at, at = values.get("left_at"), self.job.at
        status = values.get("status") or (Status.LEFT.value if left_at else membership.status)
        if left_at and membership.status in GONE:
            status = values.get("status") or membership.status
        if left_at and left_at == membership.left_at and status == membership.status:
            return
        if left_at:
            self._end(membership, status, left_at, chunk, put)
        elif status != membership.status:
            old = membership.status
            self._note(chunk, membership, Kind.STATUS, old, status, at)
            put("status", status)
            if old in NOT_JOINED and status not in NOT_JOINED:
                chunk.facts.append((membership, "joined", membership.joined_at))
            if status in GONE and old not in GONE:
                put("left_at", at, old="", new=at.isoformat())
                chunk.facts.append((membership, "left", at))
            elif old in GONE and status not in GONE:
                put("left_at", None, old=membership.left_at.isoformat() if membership.left_at else "", new="")
                chunk.facts.append((membership, "resumed", at))

    def _end(self, membership: Membership, status: str, left_at: datetime, chunk: Chunk, put: Any) -> None:
        """The membership was over from `left_at` on, whatever was known until now."""
        old_left, old_status = membership.left_at, membership.status
        if old_status in GONE and old_left is not None and old_left < left_at:
            # It was thought to be over earlier: it went on from there.
            self._note(chunk, membership, Kind.STATUS, old_status, Status.ACTIVE.value, old_left)
        before = Status.ACTIVE.value if old_status in GONE else old_status
        self._note(chunk, membership, Kind.STATUS, before, status, left_at)
        put("status", status)
        put("left_at", left_at, old=old_left.isoformat() if old_left else "", new=left_at.isoformat())
        if old_left is not None and old_left != left_at:
            chunk.corrected.append((membership, f"left:{membership.number}:{old_left.isoformat()}", left_at))
        else:
            chunk.facts.append((membership, "left", left_at))

    def _audit(self, membership: Membership, before: dict[str, Any], after: dict[str, Any]) -> AuditEntry:
        return audit.entry(
            action="member.changed",
            object_kind="member",
            object_id=membership.number,
            by=self.job.by,
            at=self.job.at,
            community_id=self.community_id,
            before=before,
            after=after | {"import": str(self.job.id)},
        )

    # --- the chunk's rows ---------------------------------------------------------------------------

    def _write(self, chunk: Chunk) -> None:
        new = chunk.new
        self._uproot(chunk)
        waiting = self._set_known_inviters(chunk)
        if new:
            taken = numbers.take(community_id=self.community_id, count=len(new))
            for membership, number in zip(new.values(), taken, strict=True):
                membership.number = number
            Membership.objects.bulk_create(new.values(), batch_size=1000)
        arrived = {member: Known(membership.pk, membership.number) for member, membership in new.items()}
        still_waiting = self._set_new_inviters(chunk, waiting, arrived)
        member_writes.save(chunk)
        audit.write(chunk.audits)
        member_writes.publish(chunk, still_waiting, community_id=self.community_id, at=self.job.at)
        self.known |= arrived
        for inviter, members in still_waiting.items():
            self.waiting[inviter].extend(members)
        for inviter in arrived:
            self.waiting.pop(inviter, None)

    @staticmethod
    def _uproot(chunk: Chunk) -> None:
        """Who gets another inviter has none in between: on the way from one forest to another there is no loop."""
        stored = (chunk.stored[member] for member in chunk.inviters if member in chunk.stored)
        moved = [membership.pk for membership in stored if membership.invited_by_id]
        if moved:
            Membership.objects.filter(pk__in=moved).update(invited_by=None)

    def _set_known_inviters(self, chunk: Chunk) -> dict[str, list[str]]:
        """Give members the inviters who are here; the others, by inviter."""
        waiting: dict[str, list[str]] = defaultdict(list)
        for member, inviter in chunk.inviters.items():
            if inviter in self.known:
                self._invite(chunk, member, inviter, self.known[inviter])
            else:
                waiting[inviter].append(member)
        return waiting

    def _set_new_inviters(
        self, chunk: Chunk, waiting: dict[str, list[str]], arrived: dict[str, Known]
    ) -> dict[str, list[str]]:
        """Give members the inviters who came with this chunk; those who wait for a later one, by inviter."""
        joined = []
        for inviter in [inviter for inviter in arrived if inviter in waiting or inviter in self.waiting]:
            for member in dict.fromkeys([*self.waiting.get(inviter, ()), *waiting.pop(inviter, ())]):
                self._invite(chunk, member, inviter, arrived[inviter])
                joined.append(chunk.new.get(member) or chunk.stored[member])
                if member not in chunk.new:
                    membership = chunk.stored[member]
                    chunk.facts.append((membership, "joined", membership.joined_at))
        Membership.objects.bulk_update(joined, ["invited_by"], batch_size=1000)
        return waiting

    def _invite(self, chunk: Chunk, member: str, inviter: str, known: Known) -> None:
        if member in chunk.new:
            chunk.new[member].invited_by_id = known.pk
        else:
            membership = chunk.stored[member]
            if member in chunk.changed or self.outcomes.get(member) is Outcome.UPDATED:
                old = membership.invited_by.external_id if membership.invited_by else ""
                self._note(chunk, membership, Kind.INVITER, old or "", inviter, self.job.at)
                chunk.facts.append((membership, "inviter_changed", self.job.at))
            membership.invited_by_id = known.pk
        chunk.inviter_numbers[member] = known.number
