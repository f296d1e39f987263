"""Lists in the order of a field of the community's own, which lies with the others in one JSON object."""

from typing import Any

from django.db.models import IntegerField, TextField, Value
from django.db.models.expressions import Func
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Left, Lower, NullIf

from kernel import keyset
from members.models import CustomField
from members.selectors.custom_rules import custom_float

#: Texts that begin with so many equal characters stand in the order of their members' numbers.
COMPARED = 80

Kind = CustomField.Kind
#: Kinds that have an order; several choices at once and telephone numbers have none.
ORDERED = frozenset({Kind.TEXT, Kind.NUMBER, Kind.DAY, Kind.CHOICE, Kind.FLAG})


class _Place(Func):
    """Where a text stands in a list of texts, from 1; null where it does not."""

    function = "array_position"
    template = "%(function)s(ARRAY[%(choices)s]::text[], %(expressions)s)"
    output_field = IntegerField()

    def __init__(self, text: Any, choices: list[str]) -> None:
        super().__init__(text)
        self.choices = choices

    def as_sql(self, compiler: Any, connection: Any, *form: Any, **extra: Any) -> tuple[str, Any]:
        marks = ", ".join(["%s"] * len(self.choices))
        sql, params = super().as_sql(compiler, connection, *form, choices=marks, **extra)
        return sql, (*self.choices, *params)


def has_order(field: CustomField) -> bool:
    return field.kind in ORDERED


def order(field: CustomField, *, descending: bool) -> keyset.Order:
    """By the field's values: numbers as numbers, days by the calendar, choices as they are listed, texts without regard
    to capitals. Who has none, or one that came before the field had its kind, comes last."""
    return keyset.Order(
        f"custom_{field.pk}_{field.kind}",
        tie="number",
        descending=descending,
        nullable=True,
        by=_value(field),
    )


def _value(field: CustomField) -> Any:
    if field.kind == Kind.NUMBER:
        return custom_float(field.key)
    text = KeyTextTransform(field.key, "custom")
    if field.kind == Kind.CHOICE:
        return _Place(text, list(field.choices))
    return NullIf(Left(Lower(text), COMPARED), Value(""), output_field=TextField())
