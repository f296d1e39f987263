"""Entity tags: what a resource looked like, so that an edit meets what its author saw (RFC 9110, 13.1)."""

import hashlib
import json
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.utils.http import parse_etags
from django.utils.translation import gettext as _
from rest_framework.request import Request

from kernel.api.problems import PreconditionFailed


def of(representation: Any) -> str:
    """A strong tag of the whole representation, whichever of its fields are sent."""
    text = json.dumps(representation, cls=DjangoJSONEncoder, sort_keys=True, ensure_ascii=False)
    return f'"{hashlib.sha256(text.encode()).hexdigest()[:32]}"'


def unchanged(request: Request, tag: str) -> bool:
    """Whether `If-None-Match` says that the client has this already."""
    known = parse_etags(request.headers.get("If-None-Match", ""))
    return known == ["*"] or tag in [one.removeprefix("W/") for one in known]


def require(request: Request, tag: str) -> None:
    """Raise `PreconditionFailed` when `If-Match` is given and names none of what is there now."""
    given = request.headers.get("If-Match")
    if given is None or given.strip() == "*" or tag in parse_etags(given):
        return
    raise PreconditionFailed(
        _("It has changed since you read it: read it again, and decide."),
        code="changed",
        location="header",
        name="If-Match",
    )
