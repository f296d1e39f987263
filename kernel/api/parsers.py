"""Reading bodies strictly: what is no JSON, too deep, too long or said twice is refused with the reason."""

import hashlib
import json
from collections.abc import Mapping
from typing import IO, Any

from django.http.multipartparser import MultiPartParserError
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.parsers import BaseParser, MultiPartParser

from kernel.api.problems import Malformed, TooLarge

#: Where a parser leaves the SHA-256 of the bytes it read, for `idempotency`.
DIGEST = "body_digest"


class StrictJSONParser(BaseParser):
    """JSON (RFC 8259) in UTF-8: no NaN, no name twice in one object, numbers that a double can hold."""

    media_type = "application/json"

    def parse(
        self,
        stream: IO[bytes],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        return loads(read(stream, parser_context or {}))


class FileParser(MultiPartParser):
    """A form with a file, as browsers and `curl -F` send it."""

    def parse(
        self,
        stream: IO[bytes],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        try:
            return super().parse(stream, media_type, parser_context)
        except (MultiPartParserError, serializers.ValidationError, ValueError):
            raise Malformed(_("The form cannot be read."), code="malformed") from None


def read(stream: IO[bytes], context: Mapping[str, Any]) -> bytes:
    """The whole body, at most the view's `max_body` bytes; its digest is left on the request."""
    view, request = context.get("view"), context.get("request")
    limit = getattr(view, "max_body", 5 * 1024 * 1024)
    content = stream.read(limit + 1)
    if len(content) > limit:
        raise TooLarge(_("The body is larger than %(limit)d bytes.") % {"limit": limit}, code="too_large")
    if request is not None:
        setattr(request, DIGEST, hashlib.sha256(content).digest())
    return content


def loads(content: bytes) -> Any:
    """The value the bytes stand for. Raises `Malformed` with the place."""
    try:
        return json.loads(
            content.decode("utf-8"), parse_constant=_no_constant, parse_float=_float, object_pairs_hook=_once
        )
    except UnicodeDecodeError:
        raise Malformed(_("The body is not UTF-8."), code="malformed") from None
    except RecursionError:
        raise Malformed(_("The body is nested too deeply."), code="malformed") from None
    except json.JSONDecodeError as error:
        words = _("The body is not JSON: line %(line)d, column %(column)d.")
        raise Malformed(words % {"line": error.lineno, "column": error.colno}, code="malformed") from None
    except ValueError as error:
        raise Malformed(str(error), code="malformed") from None


def _no_constant(name: str) -> Any:
    raise ValueError(_("%(name)s is not JSON.") % {"name": name})


def _float(text: str) -> float:
    number = float(text)
    if number in (float("inf"), float("-inf")):
        raise ValueError(_("The number %(number)s is too large.") % {"number": text[:40]})
    return number


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError(_("A name stands twice in one object."))
    return found
