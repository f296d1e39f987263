"""What of two records becomes of the one that is kept, field by field: what it would be by itself, and as it is chosen.

Of what differs the kept record's value stays unless it has none. Tags and interests are those of both. Who invited
them is what the earlier of the two joinings says, because who invited whom is fixed at the first one.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kernel.errors import Refused
from members.models import Membership
from members.roles import Status

KEPT, MERGED = "kept", "merged"
#: What is chosen as one: its key, what it is called, and the fields it is made of.
FIELDS: Mapping[str, tuple[str | Promise, tuple[str, ...]]] = {
    "name": (gettext_lazy("Name"), ("name",)),
    "email": (gettext_lazy("E-mail address"), ("email",)),
    "city": (gettext_lazy("City"), ("city",)),
    "country": (gettext_lazy("Country"), ("country",)),
    "place": (gettext_lazy("Place on the map"), ("latitude", "longitude")),
    "introduction": (gettext_lazy("Introduction"), ("introduction",)),
    "inviter": (gettext_lazy("Invited by"), ("invited_by_id", "channel", "campaign")),
}
#: How the key of a field of the community's own begins.
CUSTOM = "custom:"
LISTS = ("tags", "interests")
_NOTHING: tuple[Any, ...] = (None, "", [], {})


@dataclass(frozen=True)
class Difference:
    """One field in which the two differ; `chosen` is whose value it is unless somebody decides otherwise."""

    key: str
    label: str
    kept: Any
    merged: Any
    chosen: str


def differences(kept: Membership, merged: Membership, *, names: Mapping[str, str]) -> list[Difference]:
    """What is to be chosen, in the order of the page; `names` are those of the community's own fields by key."""
    found = [
        Difference(key, str(label), _of(kept, fields), _of(merged, fields), _usual(key, kept, merged))
        for key, (label, fields) in FIELDS.items()
        if _values(kept, fields) != _values(merged, fields)
    ]
    for key in dict.fromkeys([*kept.custom, *merged.custom]):
        ours, theirs = kept.custom.get(key), merged.custom.get(key)
        if ours != theirs:
            chosen = MERGED if ours in _NOTHING else KEPT
            found.append(Difference(CUSTOM + key, names.get(key, key), ours, theirs, chosen))
    return found


def result(kept: Membership, merged: Membership, choices: Mapping[str, str]) -> dict[str, Any]:
    """What each field of the kept record is to be. Raises `Refused` (`unknown`) for a choice there is none of."""
    wanted = {one.key: one.chosen for one in differences(kept, merged, names={})}
    for key, whose in choices.items():
        known = key in FIELDS or key.startswith(CUSTOM)
        if not known or whose not in (KEPT, MERGED):
            raise Refused(
                _("There is no such choice: %(key)s.") % {"key": key[:80]}, code="unknown", field="choices"
            )
        if key in wanted:
            wanted[key] = whose
    values: dict[str, Any] = {}
    for key, (_label, fields) in FIELDS.items():
        source = merged if wanted.get(key) == MERGED else kept
        values |= {name: getattr(source, name) for name in fields}
    if values["invited_by_id"] in (kept.pk, merged.pk):
        # Nobody invites themselves: one of the two had brought the other.
        other = {
            one.invited_by_id: one for one in (kept, merged) if one.invited_by_id not in (kept.pk, merged.pk)
        }
        source_of = next((one for pk, one in other.items() if pk is not None), None)
        for name in FIELDS["inviter"][1]:
            values[name] = getattr(source_of, name) if source_of else None if name == "invited_by_id" else ""
    custom = dict(kept.custom)
    for key in merged.custom:
        if wanted.get(CUSTOM + key) == MERGED:
            custom[key] = merged.custom[key]
    for key in list(custom):
        if wanted.get(CUSTOM + key) == MERGED and key not in merged.custom:
            del custom[key]
    values["custom"] = custom
    for name in LISTS:
        values[name] = list(dict.fromkeys([*getattr(kept, name), *getattr(merged, name)]))
    values["answers"] = kept.answers or merged.answers
    values["joined_at"] = joined_at(kept, merged)
    return values


def joined_at(kept: Membership, merged: Membership) -> datetime:
    """The joining that counts, of a member of two records: the earlier one; of a guest's there was none."""
    return kept.joined_at if merged.status == Status.GUEST else min(kept.joined_at, merged.joined_at)


def written(value: Any) -> Any:
    """The value as JSON keeps it."""
    return value.isoformat() if isinstance(value, datetime) else value


def read(name: str, value: Any) -> Any:
    """What `written` wrote."""
    return datetime.fromisoformat(value) if name == "joined_at" else value


def put_back(name: str, now: Any, *, before: Any, after: Any) -> Any:
    """What a field is to be once a merge is undone that made `after` of `before`: as before, but for what was changed
    since."""
    if now == after:
        return before
    if name in LISTS:
        added = [one for one in after if one not in before]
        return [one for one in now if one not in added]
    if name == "custom":
        again = dict(now)
        for key in {*before, *after}:
            if before.get(key) != after.get(key) and now.get(key) == after.get(key):
                again.pop(key, None)
                if key in before:
                    again[key] = before[key]
        return again
    return now


def _usual(key: str, kept: Membership, merged: Membership) -> str:
    if key == "inviter":
        # A guest's record is nobody's joining.
        earlier = merged.joined_at < kept.joined_at and merged.status != Status.GUEST
        return MERGED if earlier else KEPT
    fields = FIELDS[key][1]
    return MERGED if all(value in _NOTHING for value in _values(kept, fields)) else KEPT


def _values(record: Membership, fields: tuple[str, ...]) -> list[Any]:
    return [getattr(record, name) for name in fields]


def _of(record: Membership, fields: tuple[str, ...]) -> Any:
    if fields[0] == "invited_by_id":
        return record.invited_by
    values = _values(record, fields)
    return values[0] if len(values) == 1 else None if values[0] is None else values
