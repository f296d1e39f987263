"""The log of who did what. Rows are only ever added; the database refuses the rest."""

from datetime import datetime
from typing import Any

from members.actors import Actor
from members.models import AuditEntry


def record(**fields: Any) -> AuditEntry:
    """Write one `entry` in the caller's transaction, so that an act and its record appear together."""
    written = entry(**fields)
    written.save()
    return written


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
    """An entry that is not written yet, for callers who write many at once.

    `before` and `after` hold only the fields that changed, JSON-able, and never a secret.
    """
    return AuditEntry(
        community_id=community_id,
        actor=by.user,
        actor_words=by.words[:120],
        action=action,
        object_kind=object_kind,
        object_id=str(object_id),
        before=before or {},
        after=after or {},
        address=by.address,
        at=at,
    )


def changed(before: dict[str, Any], after: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The two, reduced to the keys whose values differ."""
    keys = [key for key in after if before.get(key) != after[key]]
    return {key: before.get(key) for key in keys}, {key: after[key] for key in keys}
