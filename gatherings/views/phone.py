"""The door on a phone: its camera reads tickets, with a network and without one."""

import json
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.templatetags.static import static
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.cache import never_cache

from gatherings.clocks import when
from gatherings.phone_forms import SightingForm
from gatherings.phone_words import words
from gatherings.selectors import carried
from gatherings.selectors import door as listed
from gatherings.services import door, settling
from gatherings.views.door import AtTheDoor
from kernel import device
from kernel.clock import now
from kernel.tenancy import TenantRequest
from members.actors import Actor

#: What a phone keeps is forgotten so long after the gathering.
KEPT = timedelta(days=1)


@method_decorator(never_cache, name="dispatch")
class Phone(AtTheDoor, View):
    """The viewfinder, what it says of each ticket, and who was let in last. The only page that asks for the camera."""

    http_method_names = ["get", "head"]

    def get(self, request: TenantRequest, event_key: UUID) -> HttpResponse:
        event = self.event
        event.when = when(event, request.community.zone)
        context = {
            "community": request.community,
            "event": event,
            "counts": listed.counts(event),
            "words": words(),
            "decoder": static("vendor/qr/decode.js"),
        }
        return device.allow(render(request, "gatherings/phone.html", context), "camera")


@method_decorator(never_cache, name="dispatch")
class Carried(AtTheDoor, View):
    """The list that the phone carries along, by the page; who is asked for it first is written down."""

    http_method_names = ["get", "head"]

    def get(self, request: TenantRequest, event_key: UUID) -> HttpResponse:
        event, at, asked = self.event, now(), request.GET.get("after", "")
        after = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 19 else 0
        if not after:
            door.list_kept(event=event, at=at, by=Actor.of_request(request))
        return JsonResponse(
            carried.page(event, after=after)
            | {
                "counts": listed.counts(event),
                "stands": event.is_standing,
                "opens_in": round((door.opens_at(event) - at).total_seconds()),
                "forget_in": round((event.over_at + KEPT - at).total_seconds()),
                "me": request.membership.number,
                "token": get_token(request),
            }
        )


class Settle(AtTheDoor, View):
    """What the phone has seen, in the order in which it saw it, and what became of each."""

    http_method_names = ["post"]

    def post(self, request: TenantRequest, event_key: UUID) -> HttpResponse:
        seen = _sightings(request)
        if seen is None:
            return JsonResponse({"code": "malformed"}, status=400)
        told = settling.settle(event=self.event, seen=seen, at=now(), by=Actor.of_request(request))
        return JsonResponse({"settled": [one.__dict__ for one in told], "counts": listed.counts(self.event)})


class Worker(AtTheDoor, View):
    """The script that keeps this one page for when there is no network. Its address bounds what it may keep."""

    http_method_names = ["get", "head"]

    def get(self, request: TenantRequest, event_key: UUID) -> HttpResponse:
        script = f"importScripts({json.dumps(static('js/door-worker.js'))});\n"
        answer = HttpResponse(script, content_type="text/javascript; charset=utf-8")
        answer["Cache-Control"] = "no-cache"
        return answer


def _sightings(request: HttpRequest) -> list[settling.Sighting] | None:
    """What the body tells; None where it is not what our page sends."""
    try:
        rows: Any = json.loads(request.body)["seen"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    if not isinstance(rows, list) or len(rows) > settling.MOST:
        return None
    forms = [SightingForm(row) for row in rows if isinstance(row, dict)]
    if len(forms) != len(rows) or not all(form.is_valid() for form in forms):
        return None
    return [form.sighting() for form in forms]
