"""Two records of one person: what goes over to the one that is kept, and how it is put back. Each app says it of its own.

A contract test fails for every field that points at a membership and that nobody here speaks for. What is not moved
stays with the record it was written for and is read through it (docs/adr/0012-two-records-of-one-person.md).
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Model
from django.utils.functional import Promise

from kernel.registry import Registry

Words = str | Promise


@dataclass(frozen=True)
class Part:
    """Rows that go over. `fields` are those that point at the membership ("app.Model.field").

    `count(merged)` says how many there are. `move(merged, kept)` moves them and gives back, JSON-able, all that
    `restore(merged, kept, moved)` needs to put them where they were; what was changed or taken away since stays so.
    All take keys of memberships, and run in the caller's transaction, which holds both memberships.
    """

    key: str
    label: Words
    fields: frozenset[str]
    count: Callable[[int], int]
    move: Callable[[int, int], Any]
    restore: Callable[[int, int, Any], None]


parts: Registry[Part] = Registry("part of what is merged")
#: What keeps two records apart for now: of the keys of the one to be kept and of the other it says in words why, or None.
hindrances: Registry[Callable[[int, int], Words | None]] = Registry("hindrance to merging")
#: Fields that go on pointing at the merged record, by name, and why.
stays: dict[str, str] = {}


def add(part: Part) -> None:
    parts.add(part.key, part)


def stay(reason: str, *fields: str) -> None:
    """Say why fields go on pointing at the merged record. Raises `ValueError` for one that was said already."""
    for field in fields:
        if field in stays:
            raise ValueError(f"{field} is spoken for already.")
        stays[field] = reason


def rows(
    key: str, *, label: Words, model: type[Model], field: str, only: dict[str, Any] | None = None
) -> Part:
    """A part of rows that simply belong to the other one from now on; `only` narrows them."""
    there: Any = model._default_manager.filter(**(only or {}))

    def count(merged: int) -> int:
        return int(there.filter(**{field: merged}).count())

    def move(merged: int, kept: int) -> list[Any]:
        found = there.filter(**{field: merged}).order_by("pk").select_for_update()
        keys = list(found.values_list("pk", flat=True))
        model._default_manager.filter(pk__in=keys).update(**{field: kept})
        return keys

    def restore(merged: int, kept: int, moved: Any) -> None:
        model._default_manager.filter(pk__in=moved, **{field: kept}).update(**{field: merged})

    return Part(key, label, frozenset({f"{model._meta.label}.{field}"}), count, move, restore)


def once(
    key: str,
    *,
    label: Words,
    model: type[Model],
    field: str,
    same: Sequence[str],
    only: dict[str, Any] | None = None,
) -> Part:
    """A part of rows of which a member has one for each `same`: where the kept one has it already, the merged one's
    is taken away, and is there again, key and all, when it is put back. `only` narrows them."""
    every: Any = model._default_manager.filter(**(only or {}))

    def count(merged: int) -> int:
        return int(every.filter(**{field: merged}).count())

    def move(merged: int, kept: int) -> dict[str, list[Any]]:
        known = set(every.filter(**{field: kept}).values_list(*same))
        found = list(every.filter(**{field: merged}).order_by("pk").select_for_update())
        columns = _columns(model, same)
        double = {row.pk: row for row in found if tuple(getattr(row, name) for name in columns) in known}
        keys = [row.pk for row in found if row.pk not in double]
        every.filter(pk__in=list(double)).delete()
        every.filter(pk__in=keys).update(**{field: kept})
        return {"moved": keys, "taken": [_plain(row) for row in double.values()]}

    def restore(merged: int, kept: int, moved: Any) -> None:
        every.filter(pk__in=moved["moved"], **{field: kept}).update(**{field: merged})
        again = [model(**_read(model, values)) for values in moved["taken"]]
        model._default_manager.bulk_create(_possible(model, again), ignore_conflicts=True)

    return Part(key, label, frozenset({f"{model._meta.label}.{field}"}), count, move, restore)


def _columns(model: type[Model], names: Iterable[str]) -> list[str]:
    return [str(model._meta.get_field(name).attname) for name in names]  # type: ignore[union-attr]


def _plain(row: Model) -> dict[str, str | None]:
    fields = row._meta.concrete_fields
    return {
        field.attname: field.value_to_string(row) if getattr(row, field.attname) is not None else None
        for field in fields
    }


def _read(model: type[Model], values: dict[str, str | None]) -> dict[str, Any]:
    return {
        field.attname: None if values[field.attname] is None else field.to_python(values[field.attname])
        for field in model._meta.concrete_fields
    }


def _possible(model: type[Model], made: list[Model]) -> list[Model]:
    """Those whose other ends are still there."""
    for field in model._meta.concrete_fields:
        if field.is_relation and field.related_model is not None:
            wanted = {getattr(one, field.attname) for one in made} - {None}
            known = set(
                field.related_model._default_manager.filter(pk__in=wanted).values_list("pk", flat=True)
            )
            made = [one for one in made if getattr(one, field.attname) in known | {None}]
    return made
