"""What pages may ask of the reader's device: neither camera nor microphone, unless a view says that its page does."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

HEADER = "Permissions-Policy"
#: What no page may ask for by itself, whatever was slipped into it.
CLOSED = ("camera", "microphone", "display-capture")


class DevicePolicy:
    """Says so with every answer that does not say otherwise."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if HEADER not in response:
            response[HEADER] = _policy()
        return response


def allow(response: HttpResponse, *features: str) -> HttpResponse:
    """Let this page ask for these."""
    response[HEADER] = _policy(*features)
    return response


def _policy(*opened: str) -> str:
    return ", ".join(f"{name}={'(self)' if name in opened else '()'}" for name in CLOSED)
