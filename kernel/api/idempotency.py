"""`Idempotency-Key`: a POST that is sent again has its effect once, and the same answer both times.

The effect and its answer are written in one transaction. Only answers of success are kept: a refusal changed
nothing, so it may be corrected and sent with the same key.
"""

import functools
import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from django.db import transaction
from django.utils.translation import gettext as _
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from kernel.api import parsers
from kernel.api.problems import Conflict, Malformed, Unprocessable

HEADER = "Idempotency-Key"
LONGEST = 255
REPLAYED = "Idempotency-Replayed"
#: Headers of an answer that belong to it and are kept with it.
KEPT_HEADERS = ("Location", "ETag")


@dataclass(frozen=True)
class Claim:
    """Who asks for what: unique by community, caller and key; `fingerprint` is of the whole request."""

    community_id: int
    caller: str
    key: str
    fingerprint: bytes


@dataclass(frozen=True)
class Answer:
    """A kept answer and the fingerprint of the request it answered; `body` is JSON."""

    fingerprint: bytes
    status: int
    headers: dict[str, str]
    body: str


class Busy(Exception):
    """The same key is being worked on by another request."""


class Store(Protocol):
    """Where answers are kept. Both run inside the transaction of the effect."""

    def find(self, claim: Claim) -> Answer | None:
        """The kept answer, holding the key until the transaction ends. Raises `Busy`."""

    def keep(self, claim: Claim, answer: Answer) -> None: ...


_stores: list[Store] = []


def keep_in(store: Store) -> None:
    """Name the store; the app that has the table does so in `AppConfig.ready()`."""
    _stores[:] = [store]


_KEY = re.compile(rf"[!-~]{{1,{LONGEST}}}")
Handler = Callable[..., Response]


def idempotent(handler: Handler) -> Handler:
    """Give a view's `post` the key's promise."""

    @functools.wraps(handler)
    def post(view: Any, request: Request, *args: Any, **kwargs: Any) -> Response:
        if HEADER not in request.headers:
            return handler(view, request, *args, **kwargs)
        claim = _claim(view, request)
        with transaction.atomic():
            kept = _find(claim)
            if kept is not None:
                return _again(claim, kept)
            response = handler(view, request, *args, **kwargs)
            _stores[0].keep(claim, _answer(claim, response))
        return response

    post.idempotent = True  # type: ignore[attr-defined]
    return post


def _claim(view: Any, request: Request) -> Claim:
    key = request.headers[HEADER]
    if not _KEY.fullmatch(key):
        words = _("A key of 1 to %(longest)d printable ASCII characters without blanks is expected.") % {
            "longest": LONGEST
        }
        raise Malformed(words, code="invalid", location="header", name=HEADER)
    return Claim(request.community.id, view.caller(request), key, _fingerprint(request))  # type: ignore[attr-defined]


def _fingerprint(request: Request) -> bytes:
    """SHA-256 of method, address and what was sent; files by their content."""
    data: Any = request.data
    digest = hashlib.sha256(f"{request.method} {request.get_full_path()}\n".encode())
    digest.update(getattr(request, parsers.DIGEST, b""))
    if request.FILES:
        for name in sorted(data):
            if name not in request.FILES:
                digest.update(json.dumps([name, data.getlist(name)]).encode())
        for name, file in sorted(request.FILES.items()):
            digest.update(json.dumps([name, file.name, file.size]).encode())
            for chunk in file.chunks():
                digest.update(chunk)
            file.seek(0)
    return digest.digest()


def _find(claim: Claim) -> Answer | None:
    try:
        kept = _stores[0].find(claim)
    except Busy:
        words = _("A request with this key is being worked on: ask again in a moment.")
        raise Conflict(words, code="in_progress", location="header", name=HEADER) from None
    if kept is not None and kept.fingerprint != claim.fingerprint:
        words = _("This key was used for another request: take a new one.")
        raise Unprocessable(words, code="key_reused", location="header", name=HEADER)
    return kept


def _answer(claim: Claim, response: Response) -> Answer:
    headers = {name: response[name] for name in KEPT_HEADERS if name in response}
    body = JSONRenderer().render(response.data).decode()
    return Answer(claim.fingerprint, response.status_code, headers, body)


def _again(claim: Claim, kept: Answer) -> Response:
    headers = kept.headers | {REPLAYED: "true"}
    return Response(json.loads(kept.body), status=kept.status, headers=headers)
