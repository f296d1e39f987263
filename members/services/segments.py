"""Segments: rules with a name, read anew each time they are used."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from kernel.errors import Refused
from kernel.locks import advisory, locked
from kernel.tenancy import Community
from members import rules as language
from members.actors import Actor
from members.models import Segment
from members.rules import Catalogue
from members.services import audit, powers

MOST = 100


@transaction.atomic
def create(
    *,
    community: Community,
    name: str,
    rules: Mapping[str, Any],
    catalogue: Catalogue,
    at: datetime,
    by: Actor,
) -> Segment:
    """Save rules under a name. Raises `Refused` for rules that are not understood or ask for nothing, for a name
    that is taken, and for who may not change members."""
    powers.require(by, "members.change")
    fits = _checked(rules, catalogue)
    advisory(name="members.segments", key=community.id)
    if Segment.objects.of(community.id).count() >= MOST:
        raise Refused(_("A community has at most %(most)d segments.") % {"most": MOST}, code="too_many")
    segment = Segment(
        community_id=community.id,
        name=_named(name),
        rules=fits,
        made_by=by.membership,
        made_at=at,
        changed_at=at,
    )
    _save(segment, None)
    _record("segment.created", segment, by=by, at=at, after={"name": segment.name, "rules": fits})
    return segment


@transaction.atomic
def update(
    *,
    segment: Segment,
    at: datetime,
    by: Actor,
    catalogue: Catalogue,
    name: str | None = None,
    rules: Mapping[str, Any] | None = None,
) -> Segment:
    """Give it another name, other rules, or both. Raises `Refused` as `create` does."""
    powers.require(by, "members.change")
    segment = locked(Segment.objects.filter(pk=segment.pk)).get()
    wanted: dict[str, Any] = {}
    if name is not None:
        wanted["name"] = _named(name)
    if rules is not None:
        wanted["rules"] = _checked(rules, catalogue)
    before, after = audit.changed({key: getattr(segment, key) for key in wanted}, wanted)
    if not after:
        return segment
    for key, value in after.items():
        setattr(segment, key, value)
    segment.changed_at = at
    _save(segment, [*after, "changed_at"])
    _record("segment.changed", segment, by=by, at=at, before=before, after=after)
    return segment


@transaction.atomic
def delete(*, segment: Segment, at: datetime, by: Actor) -> None:
    """Take the name away; its members stay as they are. Raises `Refused` for who may not change members."""
    powers.require(by, "members.change")
    found = locked(Segment.objects.filter(pk=segment.pk)).first()
    if found is None:
        return
    before = {"name": found.name, "rules": found.rules}
    _record("segment.deleted", found, by=by, at=at, before=before)
    found.delete()


def _checked(rules: Mapping[str, Any], catalogue: Catalogue) -> dict[str, Any]:
    fits = language.checked(rules, catalogue)
    if not language.conditions(fits):
        raise Refused(_("A segment has at least one condition."), code="required", field="rules")
    return fits


def _named(name: str) -> str:
    name = name.strip()
    if not name or len(name) > 80:
        raise Refused(_("Give it a name of 1 to 80 characters."), code="required", field="name")
    return name


def _save(segment: Segment, fields: list[str] | None) -> None:
    try:
        with transaction.atomic():
            segment.save(update_fields=fields)
    except IntegrityError:
        words = _("There is a segment of this name already.")
        raise Refused(words, code="taken", field="name") from None


def _record(action: str, segment: Segment, *, by: Actor, at: datetime, **values: dict[str, Any]) -> None:
    audit.record(
        action=action,
        object_kind="segment",
        object_id=segment.pk,
        by=by,
        at=at,
        community_id=segment.community_id,
        **values,
    )
