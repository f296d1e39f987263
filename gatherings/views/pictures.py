"""Pictures of a gathering: sent, described and put in order by who looks after it, shown to whoever sees it."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views import View

from communities.views.writing import sent
from gatherings.models import EventPicture
from gatherings.services import pictures
from gatherings.views import brought
from gatherings.views.events import OfEvent
from gatherings.views.planning import LookedAfter
from kernel.clock import now
from kernel.errors import Refused
from kernel.tenancy import TenantRequest
from members.actors import Actor

STEPS = {"earlier": -1, "later": 1}


class Pictures(LookedAfter, View):
    """All of them, with the words for those who do not see them, their order, and the form for more."""

    def get(self, request: TenantRequest, event_key: UUID) -> HttpResponse:
        found = list(self.event.pictures.order_by("position", "id"))
        context = {
            "community": request.community,
            "event": self.event,
            "pictures": found,
            "without_words": sum(not one.alt for one in found),
            "most": pictures.MOST,
        }
        return render(request, "gatherings/pictures.html", context)

    def post(self, request: TenantRequest, event_key: UUID) -> HttpResponse:
        act, _colon, which = request.POST.get("act", "").partition(":")
        given: Any = {"at": now(), "by": Actor.of_request(request)}
        later = request.POST.get("scope") == "following"
        try:
            if act == "add":
                brought.pictures_of(request, self.event, later=later)
            elif act == "describe":
                for one in self.event.pictures.all():
                    if (alt := request.POST.get(f"alt-{one.key}")) is not None:
                        pictures.describe(picture=one, alt=alt, **given)
                messages.success(request, _("Saved."))
            elif (one := self._one(which)) is not None and act in STEPS:
                pictures.move(picture=one, step=STEPS[act], **given)
            elif one is not None and act == "remove":
                pictures.remove(picture=one, later=later, **given)
        except Refused as refusal:
            messages.error(request, str(refusal))
        return self.back("pictures")

    def _one(self, key: str) -> EventPicture | None:
        try:
            return self.event.pictures.filter(key=UUID(key)).first()
        except ValueError:
            return None


class Picture(OfEvent, View):
    """A picture of a gathering, for whoever sees that."""

    http_method_names = ["get", "head"]
    small = False

    def get(self, request: TenantRequest, event_key: UUID, picture_key: UUID) -> HttpResponseBase:
        found = self.event.pictures.filter(key=picture_key).first()
        if found is None:
            raise Http404
        return sent(request, found, small=self.small)
