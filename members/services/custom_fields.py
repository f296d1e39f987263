"""Fields of the community's own: made, changed, put in order, taken away; and what members have in them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from kernel.errors import Refused
from kernel.locks import advisory, locked
from kernel.tenancy import Community
from members import custom_values
from members.actors import Actor
from members.models import CustomField, Membership
from members.services import audit, powers

FIELDS = ("name", "hint", "kind", "choices", "asked", "required", "editable", "seen_by")
MOST = 40
MOST_CHOICES = 60
Kind = CustomField.Kind


@transaction.atomic
def create(
    *, community: Community, name: str, kind: str, at: datetime, by: Actor, key: str = "", **fields: Any
) -> CustomField:
    """A new field, the last of them. Its key is its name unless given, so that values which came by files under that
    name are its. Raises `Refused` for what does not fit, for a name that is taken, and for who may not."""
    powers.require(by, "members.fields")
    advisory(name="members.custom_fields", key=community.id)
    if fields.get("required"):
        fields.setdefault("asked", True)
    there = CustomField.objects.of(community.id)
    if there.count() >= MOST:
        raise Refused(
            _("A community has at most %(most)d fields of its own.") % {"most": MOST}, code="too_many"
        )
    last = there.last()
    field = CustomField(
        community_id=community.id,
        key=(key or name).strip(),
        name=name.strip(),
        kind=kind,
        position=last.position + 1 if last else 0,
        **fields,
    )
    _guard(field)
    _save(field)
    _record("custom_field.created", field, by=by, at=at, after={"key": field.key} | _values(field))
    return field


@transaction.atomic
def update(*, field: CustomField, at: datetime, by: Actor, **fields: Any) -> CustomField:
    """Change what is given of `FIELDS`. Values that do not fit a new kind stay and are shown as they are. Raises
    `Refused` as `create` does."""
    unknown = set(fields) - set(FIELDS)
    if unknown:
        raise ValueError(f"Not parts of a field: {', '.join(sorted(unknown))}")
    powers.require(by, "members.fields")
    if fields.get("required"):
        fields.setdefault("asked", True)
    field = locked(CustomField.objects.filter(pk=field.pk)).get()
    before, after = audit.changed(_values(field), fields)
    if not after:
        return field
    for name, value in after.items():
        setattr(field, name, value.strip() if name == "name" else value)
    _guard(field)
    _save(field)
    _record("custom_field.changed", field, by=by, at=at, before=before, after=after)
    return field


@transaction.atomic
def move(*, field: CustomField, up: bool, at: datetime, by: Actor) -> None:
    """Let it stand one place further to the front, or to the back. Raises `Refused` for who may not."""
    powers.require(by, "members.fields")
    advisory(name="members.custom_fields", key=field.community_id)
    row = list(locked(CustomField.objects.of(field.community_id)))
    keys = [one.pk for one in row]
    if field.pk not in keys:
        return
    place = keys.index(field.pk)
    row.insert(max(place - 1, 0) if up else place + 1, row.pop(place))
    for position, one in enumerate(row):
        one.position = position
    CustomField.objects.bulk_update(row, ["position"])
    _record("custom_field.changed", field, by=by, at=at, after={"order": [one.key for one in row]})


@transaction.atomic
def delete(*, field: CustomField, at: datetime, by: Actor) -> None:
    """Take the field away; what members have in it stays with them as something unknown. Raises `Refused` for who may
    not."""
    powers.require(by, "members.fields")
    found = locked(CustomField.objects.filter(pk=field.pk)).first()
    if found is None:
        return
    _record("custom_field.deleted", found, by=by, at=at, before={"key": found.key} | _values(found))
    found.delete()


def answers(*, community_id: int, given: Mapping[str, Any]) -> list[tuple[CustomField, Any]]:
    """What a newcomer says in the fields that are asked on joining, as it is kept; what is given of others (by key) is
    passed over. Raises `Refused` (field `custom_<id>`) for what is needed and missing, and for what does not fit."""
    found = []
    for field in CustomField.objects.of(community_id).asked():
        name = f"custom_{field.pk}"
        try:
            value = custom_values.fitting(field, given.get(field.key))
        except ValueError as error:
            raise Refused(str(error), code="custom", field=name) from None
        if value is None and field.required:
            raise Refused(_("An answer is needed here."), code="required", field=name)
        if value is not None:
            found.append((field, value))
    return found


def own(*, membership: Membership, given: Mapping[str, Any]) -> dict[str, Any]:
    """The member's custom values with what they change themselves; None takes a value away.

    Raises `Refused` (`custom`) for a field that there is not or that is not theirs to change, for a value that does
    not fit, and for taking away what is needed.
    """
    editable = {
        field.key: field for field in CustomField.objects.of(membership.community_id).filter(editable=True)
    }
    values = dict(membership.custom)
    for key, value in given.items():
        field = editable.get(key)
        if field is None:
            told = _("“%(name)s” is nothing that members change themselves.") % {"name": key}
            raise Refused(told, code="unknown", field="custom")
        if values.get(key) == value:
            continue
        try:
            fits = custom_values.fitting(field, value)
        except ValueError as error:
            raise Refused(f"{field.name}: {error}", code="custom", field="custom") from None
        if fits is None and field.required and key in values:
            told = _("%(name)s: this is needed; change it, but do not leave it empty.") % {"name": field.name}
            raise Refused(told, code="required", field="custom")
        if fits is None:
            values.pop(key, None)
        else:
            values[key] = fits
    return values


def checked(*, community_id: int, given: Mapping[str, Any], before: Mapping[str, Any]) -> dict[str, Any]:
    """The custom values with those of known fields as they are kept; what was there before stays as it was, and unknown
    keys stay as they are. Raises `Refused` for a value that does not fit."""
    known = {field.key: field for field in CustomField.objects.of(community_id)}
    values: dict[str, Any] = {}
    for key, value in given.items():
        if key not in known or (key in before and before[key] == value):
            values[key] = value
            continue
        try:
            fits = custom_values.fitting(known[key], value)
        except ValueError as error:
            words = f"{known[key].name}: {error}"
            raise Refused(words, code="custom", field="custom") from None
        if fits is not None:
            values[key] = fits
    return values


def _guard(field: CustomField) -> None:
    if not 1 <= len(field.name) <= 80 or not 1 <= len(field.key) <= 80:
        raise Refused(_("Give it a name of 1 to 80 characters."), code="required", field="name")
    if field.kind not in Kind.values:
        raise Refused(_("Choose what it holds."), code="unknown", field="kind")
    if field.seen_by not in CustomField.Seen.values:
        raise Refused(_("Choose who sees it."), code="unknown", field="seen_by")
    field.choices = _choices(field)
    if field.required and not field.asked:
        raise Refused(_("What is needed on joining is asked there."), code="not_asked", field="asked")
    if (field.asked or field.editable) and field.seen_by == CustomField.Seen.STAFF:
        words = _("What members are asked, or change themselves, is seen by the member at least.")
        raise Refused(words, code="seen", field="seen_by")


def _choices(field: CustomField) -> list[str]:
    if field.kind not in (Kind.CHOICE, Kind.SEVERAL):
        return []
    choices: Sequence[str] = list(dict.fromkeys(one.strip() for one in field.choices if one.strip()))
    if not 1 <= len(choices) <= MOST_CHOICES or any(len(one) > 80 for one in choices):
        words = _("Give 1 to %(most)d choices of at most 80 characters, one a line.")
        raise Refused(words % {"most": MOST_CHOICES}, code="choices", field="choices")
    return list(choices)


def _values(field: CustomField) -> dict[str, Any]:
    return {name: getattr(field, name) for name in FIELDS}


def _save(field: CustomField) -> None:
    try:
        with transaction.atomic():
            field.save()
    except IntegrityError:
        raise Refused(_("There is a field of this name already."), code="taken", field="name") from None


def _record(action: str, field: CustomField, *, by: Actor, at: datetime, **values: dict[str, Any]) -> None:
    audit.record(
        action=action,
        object_kind="custom_field",
        object_id=field.pk,
        by=by,
        at=at,
        community_id=field.community_id,
        **values,
    )
