"""Seeing a page as a plain member sees it."""

from copy import copy
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.template.response import SimpleTemplateResponse

from members.roles import Role


class SeenAsMember:
    """Before the door of a page that staff may look at as plain members do (`?as=member`): what is hidden is not there,
    and nothing can be acted upon. To read only: a form that is sent is theirs."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        own: Any = getattr(request, "membership", None)
        asked = request.method in ("GET", "HEAD") and request.GET.get("as") == "member"
        if not asked or own is None or not own.may("desk.enter"):
            return super().dispatch(request, *args, **kwargs)  # type: ignore[misc]
        plain = copy(own)
        plain.role = Role.MEMBER
        request.membership, request.seen_as_member = plain, True  # type: ignore[attr-defined]
        try:
            response: HttpResponseBase = super().dispatch(request, *args, **kwargs)  # type: ignore[misc]
            # Drawn now: whatever comes after the page asks who it really was.
            return response.render() if isinstance(response, SimpleTemplateResponse) else response
        finally:
            request.membership = own  # type: ignore[attr-defined]
