"""Activities from elsewhere, row by row: from a file and from programs, checked and written in bulk.

A row is identified by its id, or, without one, by all its values (`services.identity`), so that the same row
comes in once, however it is written; visits are one a member and local day. Whether the actor was staff is
looked up: the role at that instant, and for acts before joining the role on joining.
"""

import re
from bisect import bisect_right
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from communities.models import Circle, Community
from communities.services import circles
from engagement.services import facts, presence
from engagement.services.identity import Row as Fact
from engagement.services.presence import VISITED
from kernel import cells, clock, imports
from kernel.activity import VERBS
from kernel.imports import CREATED, UNCHANGED, Column, Rejected, Row, Verdict
from members.actors import Actor
from members.models import Membership, MembershipChange, NumberSequence
from members.roles import STAFF_ROLES, Role

COLUMNS = (
    Column(
        "member", _("The id of the member who acted, or #12 for the one with that number here"), needed=True
    ),
    Column("verb", _("What they did: posted, commented, attended, ..."), needed=True),
    Column("occurred_at", _("When"), needed=True),
    Column("target", _("The id of the member it was aimed at")),
    Column("object", _("What it was about, as kind:id")),
    Column("circle", _("Name of a circle; one that is not here yet is opened")),
    Column("value", _("A number that belongs to it")),
    Column("id", _("The activity's own id; without it the whole row is its identity")),
)

#: These are told by a members file, which knows what else they change.
OF_MEMBERS = frozenset({"joined", "left", "inviter_changed"})
IMPORTABLE = tuple(verb for verb in VERBS if verb not in OF_MEMBERS)

imports.reasons.update(
    {
        "of_members": _("“%(value)s” comes with a members file, not as an activity."),
        "object": _("“%(value)s” is no object; one such as question:39 is expected."),
    }
)

#: Members who joined here have no id of another system: `#12` is the one with that number.
_NUMBER = re.compile(r"#[1-9][0-9]{0,8}")
_OBJECT_KIND = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,39}")


class Intake:
    """Takes rows of one community. `only` limits the members it knows to those ids, for a few rows."""

    def __init__(
        self,
        *,
        community: Community,
        at: datetime,
        by: Actor,
        only: Collection[str] | None = None,
        batch: Any = None,
    ) -> None:
        self.community = community
        self.zone = community.zone
        self.at = at
        self.by = by
        self.batch = batch
        self.latest = at + cells.AHEAD
        # Of merged records too: what names one is theirs, or the same file would bring the same acts once more.
        members = Membership.objects.records_of(community.id).exclude(external_id=None)
        changes = MembershipChange.objects.filter(membership__community_id=community.id, kind="role")
        if only is not None:
            by_number = [int(text[1:]) for text in only if _NUMBER.fullmatch(text)]
            members = members.filter(external_id__in=only)
            changes = changes.filter(
                Q(membership__external_id__in=only) | Q(membership__number__in=by_number)
            )
        taken = (
            NumberSequence.objects.filter(community=community).values_list("next_number", flat=True).first()
        )
        self.highest = (taken or 1) - 1
        pairs = members.values_list("external_id", "number").iterator(chunk_size=5000)
        self.numbers: dict[str, int] = dict(pairs)  # type: ignore[arg-type]
        self.roles = _roles(changes)
        self.circles = self._known_circles()

    def take(self, rows: Sequence[Row]) -> list[Verdict]:
        """Write what is new, in the caller's transaction; a verdict for each row, in their order."""
        opened = self._open_circles(rows)
        known_circles = self.circles | opened if opened else self.circles
        verdicts: list[Verdict] = []
        found: list[Fact] = []
        places: list[int] = []
        for place, row in enumerate(rows):
            try:
                found.append(self._fact(row, known_circles))
                places.append(place)
                verdicts.append(CREATED)
            except Rejected as rejected:
                verdicts.append(Verdict.of(rejected))
        loaded = facts.load(community_id=self.community.id, rows=found, at=self.at, batch=self.batch)
        for duplicate in loaded.duplicates:
            verdicts[places[duplicate]] = UNCHANGED
        return verdicts

    def _fact(self, row: Row, known_circles: Mapping[str, int | None]) -> Fact:
        if row.problem:
            raise row.problem
        get = row.cells.get
        member, verb, time = get("member"), get("verb"), get("occurred_at")
        if not (member and verb and time):
            missing = "member" if not member else "verb" if not verb else "occurred_at"
            raise Rejected("needed", column=missing)
        number = self._number(member, column="member")
        if verb not in VERBS or verb in OF_MEMBERS:
            verb = _verb(verb)
        at = cells.instant(time, zone=self.zone, latest=self.latest, column="occurred_at")
        target, kind, object_id, circle_id, value, name = None, "", "", None, None, ""
        if text := get("target"):
            target = self._number(text, column="target")
        if text := get("object"):
            kind, object_id = _object(text)
        if text := get("value"):
            value = cells.decimal(text, column="value")
        if text := get("id"):
            # A name space of their own: an id of a file is never the name of something that happened here.
            name = "id:" + cells.short(text, most=120, column="id")
        if verb == VISITED:
            # Once a member and day, whatever the file calls it, and the same one that a page read here makes.
            name = presence.name(number=number, day=clock.local_day(at, self.zone))
        if text := get("circle"):
            circle_id = known_circles[cells.short(text, most=80, column="circle").casefold()]
        return Fact(
            number, verb, at, target, kind, object_id, circle_id, value, self._was_staff(number, at), name
        )

    def _number(self, text: str, *, column: str) -> int:
        """The number of the member named by their own id, or as #12 by the number they have here."""
        number = self.numbers.get(text)
        if number is None and _NUMBER.fullmatch(text) and int(text[1:]) <= self.highest:
            number = int(text[1:])
        if number is None:
            raise Rejected("unknown_member", column=column, value=cells.shown(text))
        return number

    def _was_staff(self, number: int, at: datetime) -> bool:
        history = self.roles.get(number)
        if history is None:
            return False
        instants, staff = history
        return staff[max(bisect_right(instants, at) - 1, 0)]

    def _known_circles(self) -> dict[str, int]:
        """Circles by name and by address; where one's name is another's address, the address has it."""
        rows = list(Circle.objects.of(self.community.id).order_by("-id").values_list("pk", "name", "slug"))
        return {name.casefold(): pk for pk, name, _slug in rows} | {slug: pk for pk, _name, slug in rows}

    def _open_circles(self, rows: Sequence[Row]) -> dict[str, int]:
        """Open the circles that rows, right in everything else, name and that are not here yet.

        They are not kept in mind: the caller's transaction may still be undone. The next rows read them again.
        """
        anything: Mapping[str, int | None] = _Any()
        opened: dict[str, int] = {}
        named = {name.casefold() for row in rows if (name := row.cells.get("circle"))}
        if named <= self.circles.keys():
            return opened
        self.circles = self._known_circles()
        for row in rows:
            name = row.cells.get("circle", "")
            key = name.casefold()
            if not name or key in self.circles or key in opened:
                continue
            try:
                self._fact(row, anything)
            except Rejected:
                continue
            opened[key] = circles.open_named(community=self.community, name=name, at=self.at, by=self.by).pk
        return opened


class _Any(dict[str, int | None]):
    """Stands for every circle while it is asked whether the rest of a row is right."""

    def __missing__(self, key: str) -> None:
        return None


@transaction.atomic
def take(*, community: Community, rows: Sequence[Row], at: datetime, by: Actor) -> list[Verdict]:
    """Take some rows at once; a verdict for each, in their order."""
    named = {row.cells[name] for row in rows for name in ("member", "target") if row.cells.get(name)}
    return Intake(community=community, at=at, by=by, only=named).take(rows)


def _verb(text: str) -> str:
    verb = text.lower()
    if verb in OF_MEMBERS:
        raise Rejected("of_members", column="verb", value=verb)
    if verb not in VERBS:
        raise Rejected("choice", column="verb", value=cells.shown(text), known=", ".join(IMPORTABLE))
    return verb


def _object(text: str) -> tuple[str, str]:
    kind, colon, object_id = text.partition(":")
    if not colon or not object_id or not _OBJECT_KIND.fullmatch(kind):
        raise Rejected("object", column="object", value=cells.shown(text))
    return kind, cells.short(object_id, most=120, column="object")


def _roles(changes: Any) -> dict[int, tuple[list[datetime], list[bool]]]:
    """Of everybody who ever was staff: the instants their role changed at, and whether it was staff from then on."""
    # Staff are few and read first: a plan made of both questions at once compares every change with every other.
    staff = set(changes.filter(after__in=STAFF_ROLES).values_list("membership", flat=True))
    rows = MembershipChange.objects.filter(membership__in=staff, kind="role").exclude(after="")
    rows = rows.order_by("at", "id")
    found: dict[int, tuple[list[datetime], list[bool]]] = {}
    for number, at, role in rows.values_list("membership__number", "at", "after"):
        instants, is_staff = found.setdefault(number, ([], []))
        instants.append(at)
        is_staff.append(role != Role.MEMBER)
    return found
