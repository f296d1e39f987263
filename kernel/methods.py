"""What a method asks for and an address gives: a page's head alone, or a page that says that an address only takes forms."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render


class HeadWithoutBody:
    """To HEAD say what GET would have said, without its body: Django leaves that to the server, and gunicorn warns of each in
    the log that operators read. It stands first in the list: what is behind it tells the body's length."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if request.method == "HEAD":
            if isinstance(response, StreamingHttpResponse):
                response.streaming_content = iter(())
            elif isinstance(response, HttpResponse):
                response.content = b""
        return response


class MethodPage:
    """An address that only takes forms, opened as a page, after signing in again or from the browser's own history. Answer 405
    with a page that says what happened, in place of an empty one for which browsers show an error of their own. It stands
    last in the list, so that the page knows who is asking."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code != 405 or response.streaming or response.content:
            return response
        page = render(request, "405.html", status=405)
        page["Allow"] = response["Allow"]
        return page
