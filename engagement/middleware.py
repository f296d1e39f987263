"""Noticing that members come by."""

import logging
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from engagement.services import presence
from kernel import opened
from kernel.clock import now

log = logging.getLogger(__name__)


class PresenceMiddleware:
    """Note the visit of a member who has opened a page of their community; programs do not visit (`opened.by_person`).

    The page is what the person came for: should the visit not be noted, that is logged and the page is shown.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        membership = getattr(request, "membership", None)
        page = response.status_code == 200 and request.path.startswith("/c/")
        if page and opened.by_person(request) and membership is not None and membership.is_admitted:
            try:
                presence.note_visit(membership=membership, at=now())
            except Exception:
                log.exception("A visit was not noted.")
        return response
