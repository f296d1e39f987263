"""Long lists in pages: `results`, and the addresses of the next and the previous page."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.core import signing
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.utils.urls import replace_query_param

from kernel import keyset
from kernel.api.fields import Text
from kernel.api.problems import BadParameters
from kernel.api.queries import Query

SIZE = 50
LARGEST = 200


class PageQuery(Query):
    """What every list takes."""

    cursor = Text(
        required=False, help_text="Where the page begins: taken from `next` or `previous`, never made up."
    )
    limit = serializers.IntegerField(
        required=False,
        default=SIZE,
        min_value=1,
        max_value=LARGEST,
        help_text="How many results a page holds.",
    )


@dataclass(frozen=True)
class ApiPage:
    rows: Sequence[Any]
    next: str | None
    previous: str | None

    def answer(self, results: Any) -> dict[str, Any]:
        return {"results": results, "next": self.next, "previous": self.previous}


class Marks:
    """The cursors of one list in one order, signed: what this list did not hand out answers 400."""

    def __init__(self, request: Request, order: object) -> None:
        self._here = request.build_absolute_uri()
        self._signer = signing.Signer(salt=f"api.page:{request.path}:{order}")

    def read(self, cursor: str) -> str:
        """The place that the cursor names, "" for none. Raises `BadParameters` for a made-up one."""
        try:
            return self._signer.unsign(cursor) if cursor else ""
        except signing.BadSignature:
            words = _("This is no cursor of this list in this order: take the one that a page gave.")
            raise BadParameters({"cursor": [serializers.ErrorDetail(words, code="invalid")]}) from None

    def address(self, place: str) -> str | None:
        """The address of the page at that place, None for no place."""
        return replace_query_param(self._here, "cursor", self._signer.sign(place)) if place else None


def page(
    request: Request,
    rows: QuerySet[Any],
    *,
    order: keyset.Order,
    limit: int,
    cursor: str = "",
    wide: Callable[[QuerySet[Any]], QuerySet[Any]] | None = None,
    within: keyset.Within | None = None,
) -> ApiPage:
    """One page of the rows, as `keyset.page` finds it. Raises `BadParameters` for a cursor that is not of this list."""
    marks = Marks(request, order)
    found = keyset.page(rows, order=order, size=limit, cursor=marks.read(cursor), wide=wide, within=within)
    return ApiPage(found.rows, next=marks.address(found.after), previous=marks.address(found.before))
