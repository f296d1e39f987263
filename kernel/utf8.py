"""Texts of requests are UTF-8 without NUL, whatever a request says of itself."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse


class Utf8Middleware:
    """Read forms and addresses as UTF-8 whatever `charset` is claimed, and leave out cookies that hold a NUL.

    With a charset of their choice (`unicode_escape`, say) forms could bring halves of surrogate pairs, and
    quoted cookies bring NUL: neither is a text that a database takes. It stands before whoever reads either.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.encoding is not None:
            request.encoding = "utf-8"
        for name in [name for name, value in request.COOKIES.items() if "\x00" in value]:
            del request.COOKIES[name]
        return self.get_response(request)
