"""Long lists in pages: `results`, and the addresses of the next and the previous page."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.core import signing
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.utils.urls import replace_query_param

from kernel import keyset
from kernel.api.problems import BadParameters
from kernel.api.queries import Query

SIZE = 50
LARGEST = 200


class PageQuery(Query):
    """What every list takes."""

    cursor = serializers.CharField(
        required=False, help_text="Where the page begins: taken from `next` or `previous`, never made up."
    )
    limit = serializers.IntegerField(
        required=False, default=SIZE, min_value=1, max_value=LARGEST, help_text="How many results a page holds."
    )


@dataclass(frozen=True)
class ApiPage:
    rows: Sequence[Any]
    next: str | None
    previous: str | None

    def answer(self, results: Sequence[Any]) -> dict[str, Any]:
        return {"results": results, "next": self.next, "previous": self.previous}


def page(
    request: Request, rows: QuerySet[Any], *, order: keyset.Order, limit: int, cursor: str = ""
) -> ApiPage:
    """One page of the rows. A cursor is signed for its order: any other answers 400.

    Raises `BadParameters` for a cursor that this list did not hand out.
    """
    signer = signing.Signer(salt=f"api.page:{request.path}:{order}")
    try:
        place = signer.unsign(cursor) if cursor else ""
    except signing.BadSignature:
        words = _("This is no cursor of this list in this order: take the one that a page gave.")
        raise BadParameters({"cursor": [serializers.ErrorDetail(words, code="invalid")]}) from None
    found = keyset.page(rows, order=order, size=limit, cursor=place)
    here = request.build_absolute_uri()

    def address(mark: str) -> str | None:
        return replace_query_param(here, "cursor", signer.sign(mark)) if mark else None

    return ApiPage(found.rows, next=address(found.after), previous=address(found.before))
