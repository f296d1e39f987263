"""Whose request it is, behind the site's own proxies: the audit log and every limit by address depend on it."""

from collections.abc import Callable
from contextlib import suppress
from ipaddress import ip_address

from django.conf import settings
from django.http import HttpRequest, HttpResponse


class ClientAddress:
    """Put the client's address into `REMOTE_ADDR`, once and before anything else reads it.

    `TRUSTED_PROXIES` proxies stand before us; each adds, at the right of `X-Forwarded-For`, whom it heard from.
    Counted that far from the right no header of a client can forge an address. Where the header is shorter than
    that, or holds none there, the address stays that of who connected to us.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        proxies = settings.TRUSTED_PROXIES
        heard = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")
        if 0 < proxies <= len(heard):
            with suppress(ValueError):
                request.META["REMOTE_ADDR"] = str(ip_address(heard[-proxies].strip()))
        return self.get_response(request)
