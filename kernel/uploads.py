"""Bodies that are too large are refused by what the request says of itself, before anything reads them; what a refusal
left unread is read before the answer goes."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.shortcuts import render
from django.urls import Resolver404, resolve

#: Around a file in a form there are borders and other fields.
AROUND = 64 * 1024
#: What a form without an import's file may bring.
ELSEWHERE = 32 * 1024 * 1024
#: The addresses that take files to import, on pages and in the API, by the name they have in their app.
LARGE = "imports"
#: What is still read of a body that nobody wanted. A longer one ends its connection (`crowdecon.serving`).
READ_OUT = ELSEWHERE


class UploadLimit:
    """Answer 413 where the announced length is beyond the limit. It stands last in the list: nothing before the
    view reads a body, and the page that says so knows who is asking."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        length = request.META.get("CONTENT_LENGTH") or "0"
        if length.isdecimal() and int(length) > ELSEWHERE and int(length) > self._limit(request):
            return render(request, "413.html", status=413)
        return self.get_response(request)

    @staticmethod
    def _limit(request: HttpRequest) -> int:
        try:
            large = resolve(request.path_info).url_name == LARGE
        except Resolver404:
            return ELSEWHERE
        # A form is taken to disk before its page asks who sends it; the API asks first.
        large = large and (request.user.is_authenticated or "Authorization" in request.headers)
        return int(settings.IMPORT_UPLOAD_MAX_BYTES) + AROUND if large else ELSEWHERE


class ReadOut:
    """Read what is left of a body, so that the next request on the connection begins where it is looked for, and
    the answer reaches who is still sending."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        length = request.META.get("CONTENT_LENGTH") or "0"
        if length.isdecimal() and 0 < int(length) <= READ_OUT:
            try:
                while request.read(64 * 1024):
                    pass
            except UnreadablePostError:
                pass  # Who sent it is gone.
        return response
