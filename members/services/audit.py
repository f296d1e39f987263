"""The log of who did what. Rows are only ever added; the database refuses the rest.

What is personal in an entry stands in a row of its own (`AuditValues`), which can be emptied and not changed.
"""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet

from members import audit_words
from members.actors import Actor
from members.audit_words import actions as actions
from members.models import AuditEntry, AuditValues

#: Values emptied in one statement.
CHUNK = 1000


@transaction.atomic
def record(**fields: Any) -> AuditEntry:
    """Write one `entry` in the caller's transaction, so that an act and its record appear together."""
    written = entry(**fields)
    written.save()
    written.values.entry = written
    written.values.save(force_insert=True)
    return written


@transaction.atomic
def write(entries: Collection[AuditEntry]) -> None:
    """Write many entries that were made by `entry`."""
    made = AuditEntry.objects.bulk_create(entries, batch_size=1000)
    for one in made:
        one.values.entry = one
    AuditValues.objects.bulk_create([one.values for one in made], batch_size=1000)


def entry(
    *,
    action: str,
    object_kind: str,
    object_id: object = "",
    by: Actor,
    at: datetime,
    community_id: int | None,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> AuditEntry:
    """An entry that is not written yet, for callers who `write` many at once.

    `before` and `after` hold only the fields that changed, JSON-able, and never a secret. `object_id` stays for
    ever: a number or key, and nobody's name or address, for which `ValueError` is raised.
    """
    if "@" in str(object_id):
        raise ValueError("An address does not belong where it can never be emptied.")
    made = AuditEntry(
        community_id=community_id,
        actor=by.user,
        action=action,
        object_kind=object_kind,
        object_id=str(object_id),
        at=at,
    )
    made.values = AuditValues(
        entry=made, actor_words=by.words[:120], address=by.address, before=before or {}, after=after or {}
    )
    return made


def changed(before: dict[str, Any], after: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The two, reduced to the keys whose values differ."""
    keys = [key for key in after if before.get(key) != after[key]]
    return {key: before.get(key) for key in keys}, {key: after[key] for key in keys}


def empty(values: QuerySet[AuditValues], *, at: datetime) -> int:
    """Take what is personal out of these: names, addresses, values. How many rows that were.

    What is left of the values are fields that say nothing about anybody (`audit_words.Kind.kept`): that a status
    was changed, and to which.
    """
    emptied = 0
    full = Q(emptied_at=None) | ~Q(actor_words="") | Q(address__isnull=False)
    while rows := list(values.filter(full).select_related("entry").order_by("entry_id")[:CHUNK]):
        for row in rows:
            row.actor_words, row.address = "", None
        _empty(rows, at=at)
        emptied += len(rows)
    return emptied


def forget_member(*, community_id: int, number: int, at: datetime) -> int:
    """Take a member's values out of the entries about them; who made the entries stays. How many rows."""
    about = AuditValues.objects.filter(
        entry__community_id=community_id, entry__object_kind="member", entry__object_id=str(number)
    )
    emptied = 0
    while rows := list(about.filter(emptied_at=None).select_related("entry").order_by("entry_id")[:CHUNK]):
        _empty(rows, at=at)
        emptied += len(rows)
    return emptied


def forget_actor(*, user_id: int, community_id: int | None = None) -> int:
    """Take a person's name and network addresses out of what they did, here or everywhere; how many rows."""
    theirs = AuditValues.objects.filter(entry__actor_id=user_id)
    if community_id is not None:
        theirs = theirs.filter(entry__community_id=community_id)
    return theirs.exclude(actor_words="", address=None).update(actor_words="", address=None)


@transaction.atomic
def _empty(rows: Iterable[AuditValues], *, at: datetime) -> None:
    rows = list(rows)
    for row in rows:
        kind = audit_words.kind_of(row.entry.object_kind)
        row.emptied_at = row.emptied_at or at
        row.before = {key: value for key, value in row.before.items() if kind.keeps(key)}
        row.after = {key: value for key, value in row.after.items() if kind.keeps(key)}
    AuditValues.objects.bulk_update(rows, ["actor_words", "address", "emptied_at", "before", "after"])
