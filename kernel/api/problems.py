"""Every error as problem details (RFC 9457), with a reason per field.

A problem is `{type, title, status, detail, code, errors}`. `code` is a stable word for programs; `errors`
lists what was wrong and where: `{"pointer": "#/email"}` in the body, `{"parameter": "limit"}` in the
address, `{"header": "If-Match"}` among the headers.
"""

import logging
from collections.abc import Iterator, Mapping, Sequence
from http import HTTPStatus
from typing import Any

from django.core.exceptions import (
    BadRequest,
    PermissionDenied,
    RequestDataTooBig,
    SuspiciousOperation,
    TooManyFilesSent,
)
from django.http import Http404
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework import exceptions
from rest_framework.response import Response

from kernel.errors import Refused

logger = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"
#: Where the words of a code are explained: an anchor of the human pages.
TYPE = "/api/docs/#problem-{code}"

#: The code of a status, where no better one is known.
CODES = {
    400: "invalid",
    401: "not_authenticated",
    403: "permission_denied",
    404: "not_found",
    405: "method_not_allowed",
    409: "conflict",
    412: "precondition_failed",
    413: "too_large",
    415: "unsupported_media_type",
    422: "refused",
    429: "throttled",
    500: "server_error",
}


class Located(exceptions.APIException):
    """A problem that knows which part of the request it is about: `location` is pointer, parameter or header."""

    status_code = 400
    default_code = "invalid"

    def __init__(self, detail: object, *, code: str = "invalid", location: str = "", name: str = "") -> None:
        super().__init__(str(detail), code)
        self.code = code
        self.errors = [{location: name, "code": code, "detail": str(detail)}] if location else []


class BadParameters(exceptions.ValidationError):
    """Faults in the address, by parameter; shaped as DRF's validation errors are."""


class Malformed(Located):
    default_code = "malformed"


class PreconditionFailed(Located):
    status_code = 412


class TooLarge(Located):
    status_code = 413


class Conflict(Located):
    status_code = 409


class Unprocessable(Located):
    status_code = 422


def body(
    status: int, *, code: str = "", detail: str = "", errors: Sequence[Mapping[str, str]] = ()
) -> dict[str, Any]:
    """The problem's own JSON."""
    code = code or CODES.get(status, "error")
    return {
        "type": TYPE.format(code=CODES.get(status, "error")),
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": _sayable(detail) or str(_DETAILS.get(status, HTTPStatus(status).phrase)),
        "code": code,
        "errors": list(errors),
    }


_DETAILS = {
    413: gettext_lazy("The request is larger than this address takes."),
    500: "Something went wrong on our side. It has been logged; nothing was changed.",
}


def answer(exception: Exception, context: Mapping[str, Any]) -> Response | None:
    """DRF's `EXCEPTION_HANDLER`: the problem an exception stands for; None lets an unknown one through."""
    known = _translated(exception)
    if known is None:
        return None
    headers = {}
    if getattr(known, "auth_header", None):
        headers["WWW-Authenticate"] = known.auth_header  # type: ignore[attr-defined]
    if getattr(known, "wait", None):
        headers["Retry-After"] = str(int(known.wait))  # type: ignore[attr-defined]
    if isinstance(known, exceptions.ValidationError):
        location = "parameter" if isinstance(known, BadParameters) else "pointer"
        errors = list(_located(known.detail, location))
        content = body(400, detail=_("The request does not fit: see errors."), errors=errors)
    else:
        codes = known.get_codes()
        content = body(
            known.status_code,
            code=codes if isinstance(codes, str) else "",
            detail=str(known.detail),
            errors=getattr(known, "errors", ()),
        )
    return Response(content, status=content["status"], headers=headers, content_type=MEDIA_TYPE)


def is_refusal(exception: Exception) -> bool:
    """Whether it is a "no" to whoever asked, and no fault of ours."""
    return _translated(exception) is not None


def _translated(exception: Exception) -> exceptions.APIException | None:
    match exception:
        case exceptions.APIException():
            return exception
        case Refused():
            refusal = Unprocessable(
                exception.message,
                code=exception.code,
                location="pointer" if exception.field else "",
                name=f"#/{exception.field}",
            )
            return refusal
        case Http404():
            return exceptions.NotFound()
        case PermissionDenied():
            return exceptions.PermissionDenied()
        case RequestDataTooBig() | TooManyFilesSent():
            return TooLarge(_("The request is larger than this address takes."), code="too_large")
        case BadRequest() | SuspiciousOperation():
            return Malformed(_("The request cannot be read."), code="malformed")
    return None


def _located(detail: Any, location: str, path: tuple[str, ...] = ()) -> Iterator[dict[str, str]]:
    """DRF's tree of messages, flattened: one entry a message, with where it is."""
    if isinstance(detail, Mapping):
        for name, inner in detail.items():
            step = () if name == "non_field_errors" else (str(name),)
            yield from _located(inner, location, path + step)
    elif isinstance(detail, list | tuple):
        for index, inner in enumerate(detail):
            step = (str(index),) if isinstance(inner, Mapping) and inner else ()
            yield from _located(inner, location, path + step)
    else:
        where = (
            "#" + "".join(f"/{_escaped(part)}" for part in path) if location == "pointer" else ".".join(path)
        )
        yield {
            location: _sayable(where),
            "code": getattr(detail, "code", "invalid"),
            "detail": _sayable(str(detail)),
        }


def _sayable(text: str) -> str:
    """The text as an answer can hold it: what a message repeats of a request may have half a surrogate pair."""
    return text.encode(errors="replace").decode()


def _escaped(part: str) -> str:
    """One step of a JSON pointer (RFC 6901)."""
    return part.replace("~", "~0").replace("/", "~1")
