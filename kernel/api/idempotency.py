"""`Idempotency-Key`: a POST that is sent again has its effect once, and the same answer both times.

The effect and its answer are written in one transaction. Only answers of success are kept: a refusal changed
nothing, so it may be corrected and sent with the same key.

An act that asks somebody outside cannot run in a transaction, for nobody is waited for there. Its key is claimed and
committed first, then it acts, and its answer is kept afterwards; meanwhile a second request is told that it is being worked
on. Whoever dies in between leaves the claim and nobody who holds it: the same request with the same key goes on, and finds
by its own means what was begun (docs/adr/0027).
"""

import functools
import hashlib
import json
import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Protocol

from django.db import transaction
from django.utils.translation import gettext as _
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from kernel.api import parsers, problems
from kernel.api.problems import Conflict, Malformed, Unprocessable
from kernel.locks import none_open

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
    """A kept answer and the fingerprint of the request it answered; `body` is JSON. Of a key that was claimed and not
    answered yet the status is 0."""

    fingerprint: bytes
    status: int
    headers: dict[str, str]
    body: str


class Busy(Exception):
    """The same key is being worked on by another request."""


class Store(Protocol):
    """Where answers are kept. `find` and `keep` run inside the transaction of the effect."""

    def find(self, claim: Claim) -> Answer | None:
        """The kept answer, holding the key until the transaction ends. Raises `Busy`."""

    def keep(self, claim: Claim, answer: Answer) -> None:
        """Keep the answer, in the place of a claim where there is one."""

    def held(self, claim: Claim) -> AbstractContextManager[None]:
        """Hold the key without a transaction, to the end of the block or of the process. Raises `Busy`."""

    def claim(self, claim: Claim) -> Answer | None:
        """Write down that the key is used for this request. What was known of it before: an answer, or a claim."""

    def forget(self, claim: Claim) -> None:
        """Take the claim back: nothing came of it."""


_stores: list[Store] = []


def keep_in(store: Store) -> None:
    """Name the store; the app that has the table does so in `AppConfig.ready()`."""
    _stores[:] = [store]


_KEY = re.compile(rf"[!-~]{{1,{LONGEST}}}")
Handler = Callable[..., Response]


def idempotent(handler: Handler, *, outside: bool = False) -> Handler:
    """Give a view's `post` the key's promise; `outside` for one that asks somebody outside, and so in no transaction."""
    carry_out = _outside if outside else _inside

    @functools.wraps(handler)
    def post(view: Any, request: Request, *args: Any, **kwargs: Any) -> Response:
        def act() -> Response:
            return handler(view, request, *args, **kwargs)

        if HEADER not in request.headers:
            return act()
        try:
            return carry_out(_claim(view, request), act)
        except Busy:
            words = _("A request with this key is being worked on: ask again in a moment.")
            raise Conflict(words, code="in_progress", location="header", name=HEADER) from None

    post.idempotent = True  # type: ignore[attr-defined]
    return post


def _inside(claim: Claim, act: Callable[[], Response]) -> Response:
    """The act and the answer that is kept stand or fall together."""
    with transaction.atomic():
        kept = _stores[0].find(claim)
        if kept is not None and _same(kept, claim).status:
            return _again(kept)
        response = act()
        _stores[0].keep(claim, _answer(claim, response))
    return response


def _outside(claim: Claim, act: Callable[[], Response]) -> Response:
    """Claimed, acted, kept: three steps, and nobody is waited for in the first or the last."""
    none_open()
    store = _stores[0]
    with store.held(claim):
        with transaction.atomic(durable=True):
            known = store.claim(claim)
        if known is not None and _same(known, claim).status:
            return _again(known)
        try:
            response = act()
        except Exception as error:
            if problems.is_refusal(error):
                store.forget(claim)
            raise
        # What is still being worked on is no answer yet: the same key asks how it goes on.
        if response.status_code != HTTPStatus.ACCEPTED:
            with transaction.atomic(durable=True):
                store.keep(claim, _answer(claim, response))
    return response


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


def _same(kept: Answer, claim: Claim) -> Answer:
    """What is known of the key. Raises `Unprocessable` where it was of another request."""
    if kept.fingerprint != claim.fingerprint:
        words = _("This key was used for another request: take a new one.")
        raise Unprocessable(words, code="key_reused", location="header", name=HEADER)
    return kept


def _answer(claim: Claim, response: Response) -> Answer:
    headers = {name: response[name] for name in KEPT_HEADERS if name in response}
    body = JSONRenderer().render(response.data).decode()
    return Answer(claim.fingerprint, response.status_code, headers, body)


def _again(kept: Answer) -> Response:
    headers = kept.headers | {REPLAYED: "true"}
    return Response(json.loads(kept.body), status=kept.status, headers=headers)
