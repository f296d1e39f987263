"""Reading the address: every parameter is known, given once and fit, or the answer is 400 that names it."""

from typing import Any

from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.request import Request

from kernel.api.fields import Text
from kernel.api.problems import BadParameters
from kernel.api.serializers import Shape
from kernel.permissions import May


class Query(serializers.Serializer[Any]):
    """The parameters of an operation, as fields; the base of those that an operation declares."""


class SparseQuery(Query):
    """For operations whose answer can be narrowed."""

    fields = Text(  # type: ignore[assignment]
        required=False,
        help_text="Names of fields, parted by commas: only these are sent.",
    )


def read(request: Request, expected: Query) -> dict[str, Any]:
    """The parsed parameters; those not given are left out unless they have a default.

    Raises `BadParameters` for one that is not known, given twice, or does not fit.
    """
    given = request.query_params
    faults: dict[str, list[serializers.ErrorDetail]] = {}
    for name in given:
        if name not in expected.fields:
            words = _("There is no parameter of this name; there are %(known)s.")
            known = ", ".join(expected.fields) or "-"
            faults[name[:80]] = [serializers.ErrorDetail(words % {"known": known}, code="unknown_parameter")]
        elif len(given.getlist(name)) > 1:
            faults[name] = [serializers.ErrorDetail(_("It is given twice."), code="repeated")]
    if faults:
        raise BadParameters(faults)
    expected.initial_data = given.dict()
    if not expected.is_valid():
        raise BadParameters(expected.errors)
    return dict(expected.validated_data)


def chosen_fields(shape: serializers.Serializer[Any], text: str, may: May) -> list[str]:
    """The names of `fields=`, each once. Raises `BadParameters` for one that the shape lacks, or does not show to who may do
    so much."""
    names = [name.strip() for name in text.split(",")]
    withheld = shape.withheld(may) if isinstance(shape, Shape) else frozenset()
    fields = [str(name) for name in shape.fields if name not in withheld]
    unknown = [name for name in names if name not in fields]
    if unknown:
        words = _("%(unknown)s: there is no such field; there are %(known)s.")
        found = words % {"unknown": ", ".join(unknown)[:200], "known": ", ".join(fields)}
        raise BadParameters({"fields": [serializers.ErrorDetail(found, code="unknown_field")]})
    return list(dict.fromkeys(names))
