"""Entity tags: what a resource looked like, so that an edit meets what its author saw (RFC 9110, 13.1)."""

import hashlib
import json
import re
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.utils.http import parse_etags
from django.utils.translation import gettext as _
from rest_framework.request import Request

from kernel.api.problems import Malformed, PreconditionFailed

#: What a conditional header may hold.
_ONE = r'(W/)?"[!#-~]*"'
FORM = rf"^(\*|{_ONE}( ?, ?{_ONE})*)$"


def of(representation: Any) -> str:
    """A strong tag of the whole representation, whichever of its fields are sent."""
    text = json.dumps(representation, cls=DjangoJSONEncoder, sort_keys=True, ensure_ascii=False)
    return f'"{hashlib.sha256(text.encode()).hexdigest()[:32]}"'


def unchanged(request: Request, tag: str) -> bool:
    """Whether `If-None-Match` says that the client has this already. Raises `Malformed`."""
    known = _given(request, "If-None-Match")
    return known == ["*"] or tag in [one.removeprefix("W/") for one in known]


def _given(request: Request, name: str) -> list[str]:
    """The tags of a conditional header; none when it is not there. Raises `Malformed`."""
    given = request.headers.get(name)
    if given is None:
        return []
    if not re.fullmatch(FORM, given):
        words = _("An entity tag in quotation marks is expected, several parted by commas, or *.")
        raise Malformed(words, code="invalid", location="header", name=name)
    return parse_etags(given)


def require(request: Request, tag: str) -> None:
    """Raise `PreconditionFailed` when `If-Match` is given and names none of what is there now; `Malformed`."""
    if "If-Match" not in request.headers:
        return
    known = _given(request, "If-Match")
    if known != ["*"] and tag not in known:
        raise PreconditionFailed(
            _("It has changed since you read it: read it again, and decide."),
            code="changed",
            location="header",
            name="If-Match",
        )
