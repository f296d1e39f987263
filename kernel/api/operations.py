"""What an operation is, said once: read by the view that carries it out and by the description of the API."""

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext
from rest_framework import serializers

from kernel.api import idempotency
from kernel.api.queries import Query
from kernel.api.serializers import Body

Handler = Callable[..., Any]
Answer = type[serializers.BaseSerializer[Any]] | None


@dataclass(frozen=True)
class Operation:
    """One method of one address.

    `name` is its id in the description; `answers` are shapes by status of success; `needs` is the permission
    that a person in the browser must hold ("" for every member); `query` and `body` are what it takes;
    `media` replaces the body's JSON by other media types (schema by type); `refuses` are statuses beyond
    those that every operation may answer; `tagged` tells that the answer has an entity tag; `title` is its summary in
    the language of who reads the pages for people, where the summary is not a message of the catalogue itself;
    `outside` tells that it asks somebody outside, a payment provider for one, and so runs in no transaction.
    """

    name: str
    summary: str
    answers: Mapping[int, Answer]
    needs: str = ""
    query: type[Query] = Query
    body: type[Body] | None = None
    media: Mapping[str, Any] = field(default_factory=dict)
    refuses: tuple[int, ...] = ()
    tagged: bool = False
    example: Any = None
    title: str | Promise = ""
    outside: bool = False

    def shape(self) -> serializers.Serializer[Any]:
        """The shape of one result of the first answer."""
        found: Any = next(iter(self.answers.values()))()  # type: ignore[misc]
        return found.fields["results"].child if "results" in found.fields else found


#: What each operation is called in the reader's language, by name.
_titles: dict[str, str | Promise] = {}


def title(name: str) -> str:
    """What the operation of that name does, in the language in force. Raises `KeyError`."""
    found = _titles[name]
    return gettext(found) if isinstance(found, str) else str(found)


def operation(
    name: str, summary: str, *, answers: Mapping[int, Answer], **options: Any
) -> Callable[[Handler], Handler]:
    """Declare a view's method as an operation; its docstring is the description. Every `post` is idempotent."""

    def declare(handler: Handler) -> Handler:
        declared = Operation(name, summary, answers, **options)
        act = handler
        if handler.__name__ == "post":
            act = idempotency.idempotent(handler, outside=declared.outside)

        @functools.wraps(handler)
        def carried_out(*args: Any, **kwargs: Any) -> Any:
            return act(*args, **kwargs)

        _titles[name] = declared.title or summary
        carried_out.operation = declared  # type: ignore[attr-defined]
        return carried_out

    return declare


def of(view: Any, method: str | None) -> Operation | None:
    """The operation of a view (or its class) for an HTTP method, None when it has none."""
    name = "get" if method in ("HEAD", None) else method.lower()
    return getattr(getattr(view, name, None), "operation", None)
