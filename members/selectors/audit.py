"""The audit log as staff read it: narrowed, a page at a time, in words."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Q, QuerySet, TextField
from django.db.models.functions import Cast
from django.db.models.lookups import IContains
from django.utils.translation import gettext as _

from kernel import keyset, words
from kernel.clock import day_end, day_start
from kernel.keyset import Order
from kernel.tenancy import Community
from members import audit_values, audit_words
from members.audit_values import Known
from members.audit_words import Kind
from members.models import AuditEntry, Membership

PAGE_SIZE = 50
ORDER = Order("at", tie="id", descending=True)
#: Members of one name whose entries are looked for.
MOST_NAMED = 200
#: What `Wanted.actor` says for programs and the site itself.
PROGRAMS = "programs"


@dataclass(frozen=True)
class Wanted:
    """What of the log is asked for; all of it must hold. `actor` is a member's number or `PROGRAMS`, `member` a
    number or part of a name; `act` is an action, or a group of them with its dot ("member."); days are local."""

    actor: str = ""
    member: str = ""
    act: str = ""
    since: date | None = None
    until: date | None = None
    text: str = ""


@dataclass(frozen=True)
class Change:
    label: str
    before: str
    after: str


@dataclass(frozen=True)
class Line:
    """An entry in words. `actor` and `subject` are members where they are known to be; `emptied` tells that
    what was personal has been taken out."""

    at: datetime
    words: str
    actor: Membership | None
    actor_words: str
    address: str
    subject: Membership | None
    kind: str
    object: str
    reason: str
    changes: Sequence[Change]
    emptied: bool
    #: The merge that it tells of, by key.
    merge: str = ""


def matching(*, community: Community, wanted: Wanted) -> QuerySet[AuditEntry]:
    """The entries of the community that are asked for, with their values."""
    found = AuditEntry.objects.of(community.id).select_related("values")
    if wanted.actor == PROGRAMS:
        found = found.filter(actor=None)
    elif wanted.actor:
        found = found.filter(actor_id__in=_people(community, wanted.actor).values("user_id"))
    if wanted.member:
        numbers = _people(community, wanted.member).values_list("number", flat=True)[:MOST_NAMED]
        found = found.filter(object_kind="member", object_id__in=[str(number) for number in numbers])
    if wanted.act.endswith("."):
        found = found.filter(action__startswith=wanted.act)
    elif wanted.act:
        found = found.filter(action=wanted.act)
    if wanted.since:
        found = found.filter(at__gte=day_start(wanted.since, community.zone))
    if wanted.until:
        found = found.filter(at__lt=day_end(wanted.until, community.zone))
    return found.filter(_holds(wanted.text)) if wanted.text else found


def page(*, community: Community, wanted: Wanted, cursor: str = "") -> keyset.Page[AuditEntry]:
    """Newest first, in one query."""
    rows = matching(community=community, wanted=wanted)
    return keyset.page(rows, order=ORDER, size=PAGE_SIZE, cursor=cursor)


def lines(entries: Iterable[AuditEntry], *, community: Community) -> list[Line]:
    """The entries in the reader's words, in one query for everybody they name, and one for each sort of other things
    that they name by a key."""
    entries = list(entries)
    numbers = {number for entry in entries for number in _numbers(entry)}
    users = {entry.actor_id for entry in entries if entry.actor_id}
    people = list(
        Membership.objects.records_of(community.id).filter(Q(number__in=numbers) | Q(user_id__in=users))
    )
    by_number = {person.number: person for person in people}
    by_user = {person.user_id: person for person in people if person.user_id}
    known = Known(community, by_number)
    return [_line(entry, by_user, known) for entry in entries]


def sheet(entries: QuerySet[AuditEntry]) -> Iterator[list[Any]]:
    """The entries as rows of a file, read in portions; `HEADER` names the columns. `before` and `after` are the values
    as they are stored, keys and all, for programs; `words` alone is in the reader's language."""
    for entry in entries.order_by("-at", "-id").iterator(chunk_size=1000):
        yield [
            entry.at,
            entry.actor_words,
            entry.address,
            entry.action,
            audit_words.label_of(entry.action),
            entry.object_kind,
            entry.object_id,
            json.dumps(entry.before, ensure_ascii=False),
            json.dumps(entry.after, ensure_ascii=False),
        ]


HEADER = ("at", "actor", "address", "act", "words", "kind", "id", "before", "after")


def acts() -> list[tuple[str, list[tuple[str, str]]]]:
    """(kind, its acts as (key, words)), for choosing among them: each kind's first choice is all of it."""
    groups: dict[str, list[tuple[str, str]]] = {}
    keys = audit_words.actions.keys()
    for key in keys:
        groups.setdefault(key.partition(".")[0], []).append((key, audit_words.label_of(key)))
    return [
        (str(audit_words.kind_of(group).label), [(f"{group}.", _("All of these")), *found])
        for group, found in groups.items()
    ]


def staff(community: Community) -> QuerySet[Membership]:
    """Who may have acted: the staff there is, by name."""
    people = Membership.objects.of(community.id).staff().exclude(user=None)
    return people.order_by("sort_key", "number")


def _people(community: Community, text: str) -> QuerySet[Membership]:
    number = text.removeprefix("#")
    if number.isascii() and number.isdigit() and len(number) < 10:
        return Membership.objects.of(community.id).filter(number=int(number))
    return Membership.objects.of(community.id).search(text)


def _holds(text: str) -> Q:
    """Whether an entry says the text: in its own words, in who did it, in its values as JSON writes them."""
    keys = audit_words.actions.keys()
    said = [key for key in keys if text.lower() in audit_words.label_of(key).lower()]
    written = json.dumps(text, ensure_ascii=False)[1:-1]
    found = Q(action__in=said) | Q(values__actor_words__icontains=text)
    for name in ("before", "after"):
        found |= Q(IContains(Cast(f"values__{name}", TextField()), written))
    return found


def _numbers(entry: AuditEntry) -> Iterator[int]:
    if entry.object_kind == "member" and entry.object_id.isdigit():
        yield int(entry.object_id)
    kind = audit_words.kind_of(entry.object_kind)
    for values in (entry.before, entry.after):
        for key, value in values.items():
            if kind.way(key) is audit_values.member and isinstance(value, int):
                yield value


def _line(entry: AuditEntry, by_user: Mapping[int, Membership], known: Known) -> Line:
    kind = audit_words.kind_of(entry.object_kind)
    number = entry.object_id if entry.object_kind == "member" else ""
    called = entry.values.actor_words
    return Line(
        at=entry.at,
        words=audit_words.label_of(entry.action),
        actor=by_user.get(entry.actor_id) if entry.actor_id else None,
        actor_words=called if entry.actor_id else audit_words.site_called(called),
        address=entry.address or "",
        subject=known.people.get(int(number)) if number.isdigit() else None,
        kind=str(kind.label),
        object=f"#{number}" if number else kind.called(entry.object_id, known),
        reason=kind.say("reason", entry.after.get("reason"), known) if entry.after.get("reason") else "",
        changes=list(_changes(entry, kind, known)),
        emptied=entry.values.emptied_at is not None,
        merge=str(entry.after.get("merge", "")),
    )


def _changes(entry: AuditEntry, kind: Kind, known: Known) -> Iterator[Change]:
    """The fields that were written down, in words; those that say nothing to a reader are left out."""
    for key in {**entry.before, **entry.after}:
        if key == "reason":
            continue
        before, after = (
            kind.say(key, values[key], known) if key in values else ""
            for values in (entry.before, entry.after)
        )
        # Of what is new, what has no value says nothing.
        if before or after not in ("", words.NOTHING):
            yield Change(kind.name(key), before, after)
