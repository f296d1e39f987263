"""The two sorts of shapes: what is sent to us (`Body`) and what we answer (`Shape`)."""

from collections.abc import Mapping
from typing import Any

from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from rest_framework import serializers

from kernel.permissions import May


class Body(serializers.Serializer[Any]):
    """What a request may hold: a name that is not a field is a mistake, not something to pass over."""

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        if isinstance(data, Mapping):
            unknown = [name for name in data if name not in self.fields]
            if unknown:
                words = _("There is no field of this name; there are %(known)s.")
                known = ", ".join(self.fields)
                errors = [serializers.ErrorDetail(words % {"known": known}, code="unknown_field")]
                raise serializers.ValidationError({str(name)[:80]: errors for name in unknown[:20]})
        found: dict[str, Any] = super().to_internal_value(data)
        return found


class Shape(serializers.Serializer[Any]):
    """What an answer holds. With `only`, the named fields and no others (`fields=` in the address).

    A field that asks for a permission is left out for who lacks it: the view in the context tells who may, and without one
    nobody may.
    """

    #: Whether the operations that answer with this shape take `fields=`, so that any field may be missing.
    sparse = False

    def __init__(self, *args: Any, only: list[str] | None = None, **options: Any) -> None:
        super().__init__(*args, **options)
        self.only = only

    def permissions(self) -> Mapping[str, str]:
        """The permission that each field asks for, of those that do."""
        return {}

    def withheld(self, may: May) -> frozenset[str]:
        """The fields that are not shown to who may do so much."""
        return frozenset(name for name, permission in self.permissions().items() if not may(permission))

    @cached_property
    def _left_out(self) -> frozenset[str]:
        view = self.context.get("view")
        return self.withheld(view.may if view is not None else lambda _permission: False)

    @property
    def _readable_fields(self) -> Any:
        chosen = super()._readable_fields
        if self._left_out:
            chosen = [field for field in chosen if field.field_name not in self._left_out]
        return chosen if self.only is None else [field for field in chosen if field.field_name in self.only]


class Problem(serializers.Serializer[Any]):
    """Problem details (RFC 9457): what went wrong, and where."""

    type = serializers.CharField(help_text="Where the kind of problem is explained, relative to this site.")
    title = serializers.CharField(help_text="The status in words.")
    status = serializers.IntegerField(help_text="The HTTP status, again.")
    detail = serializers.CharField(help_text="What went wrong, for the reader, in the language asked for.")
    code = serializers.CharField(help_text="A stable word for programs.")
    errors = serializers.ListField(  # type: ignore[assignment]
        child=serializers.DictField(child=serializers.CharField()),
        help_text="One entry a fault: `pointer` (body), `parameter` (address) or `header`; `code`; `detail`.",
    )


def page_of(shape: type[Shape], name: str) -> type[Shape]:
    """The shape of a page of such results."""
    return type(
        name,
        (Shape,),
        {
            "results": shape(many=True),
            "next": serializers.URLField(
                allow_null=True, help_text="Where the next page is; null on the last."
            ),
            "previous": serializers.URLField(
                allow_null=True, help_text="Where the page before is; null on the first."
            ),
        },
    )
