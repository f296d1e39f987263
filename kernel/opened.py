"""Whether a person has opened a page, or a program asked for it on its own."""

from django.http import HttpRequest


def by_person(request: HttpRequest) -> bool:
    """Not a page that is left open and asks by itself for what is new, nor a browser that fetches what might be
    opened next."""
    headers = request.headers
    ahead = headers.get("Sec-Purpose", "") + headers.get("Purpose", "") + headers.get("X-Moz", "")
    return request.method == "GET" and "HX-Request" not in headers and "prefetch" not in ahead.lower()
