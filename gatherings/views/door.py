"""The door as a list: who has a place, who has come, letting people in and taking it back."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views import View

from gatherings import access as rules
from gatherings.clocks import when
from gatherings.forms import NumberForm
from gatherings.models import Event
from gatherings.selectors import door as listed
from gatherings.selectors import rooms
from gatherings.services import door, guests
from gatherings.views.events import OfEvent
from kernel import sheets
from kernel.clock import now
from kernel.doors import MembersOnly
from kernel.errors import Refused
from kernel.tenancy import TenantRequest
from members.actors import Actor
from members.models import Membership


class AtTheDoor(OfEvent, MembersOnly):
    """For its hosts, and staff who let people in."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        viewer = getattr(request, "membership", None)
        if viewer and viewer.is_admitted and not (self.looks_after or viewer.may(rules.ADMIT)):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    @cached_property
    def looks_after(self) -> bool:
        """Whether who asks may do more than let people in."""
        return rules.looks_after(self.request.membership, self.event)

    @property
    def asked(self) -> dict[str, str]:
        """What the list is narrowed by: in the address, or kept in the form of a row."""
        given = self.request.POST if self.request.method == "POST" else self.request.GET
        return {name: given.get(name, "").replace("\x00", "")[:120] for name in ("q", "part", "at")}


class People(AtTheDoor, View):
    """The list, by name and in parts. Each coming and taking back is one tap."""

    def get(self, request: TenantRequest, event_key: UUID) -> HttpResponse:
        event, asked = self.event, self.asked
        page = listed.page(event, request.membership, part=asked["part"], text=asked["q"], cursor=asked["at"])
        rooms.fill([event])
        event.when = when(event, request.community.zone)
        context = {
            "community": request.community,
            "event": event,
            "page": page,
            "asked": asked,
            "counts": listed.counts(event),
            "others": listed.others(event, request.membership, asked["q"]),
            "is_open": event.is_standing and now() >= event.starts_at - door.OPENS,
            "looks_after": self.looks_after,
        }
        part = bool(getattr(request, "htmx", False))
        return render(request, "gatherings/_people.html" if part else "gatherings/people.html", context)

    def post(self, request: TenantRequest, event_key: UUID) -> HttpResponse:
        act = request.POST.get("act")
        try:
            member = self._who(request)
            if act == "invite":
                self._invite(request, member)
            else:
                carry_out = door.undo if act == "undo" else door.check_in
                carry_out(event=self.event, member=member, at=now(), by=Actor.of_request(request))
        except Refused as refusal:
            messages.error(request, str(refusal))
        else:
            if getattr(request, "htmx", False):
                return self._row(request, member.number)
        kept = {name: value for name, value in self.asked.items() if value}
        address = reverse("gatherings:people", args=[request.community.slug, self.event.key])
        return redirect(f"{address}?{urlencode(kept)}" if kept else address)

    def _invite(self, request: TenantRequest, guest: Membership) -> None:
        """Ask who came as a guest to join."""
        guests.invite(
            event=self.event, guest=guest, inviter=request.membership, at=now(), by=Actor.of_request(request)
        )
        messages.success(request, _("%(name)s is asked to join.") % {"name": guest.display_name})

    @staticmethod
    def _who(request: TenantRequest) -> Membership:
        """Who stands at the door. Raises `Refused` for a number that nobody has."""
        form = NumberForm(request.POST)
        number = form.cleaned_data["number"] if form.is_valid() else 0
        member = Membership.objects.of(request.community.id).filter(number=number).first()
        if member is None:
            raise Refused(_("Nobody here has that number."), code="number")
        return member

    def _row(self, request: TenantRequest, number: int) -> HttpResponse:
        context = {
            "community": request.community,
            "event": self.event,
            "person": listed.one(self.event, number),
            "asked": self.asked,
            "counts": listed.counts(self.event),
            "is_open": True,
            "looks_after": self.looks_after,
        }
        return render(request, "gatherings/_person_and_counts.html", context)


class Sheet(AtTheDoor, View):
    """The whole list with the answers as CSV; the audit log keeps who took it along."""

    def get(self, request: TenantRequest, event_key: UUID) -> HttpResponseBase:
        return list_taken_along(request, self.event)


class Counts(AtTheDoor, View):
    """How many have come by now: asked again and again while the list is open."""

    def get(self, request: TenantRequest, event_key: UUID) -> HttpResponse:
        context = {"community": request.community, "event": self.event, "counts": listed.counts(self.event)}
        return render(request, "gatherings/_counts.html", context)


def list_taken_along(request: Any, event: Event) -> HttpResponseBase:
    """The list as a download for whoever asks, in the browser or by a program; that they took it along is kept."""
    door.list_taken(event=event, at=now(), by=Actor.of_request(request))
    name = f"{request.community.slug}-{event.starts_at.astimezone(event.zone):%Y-%m-%d}.csv"
    return sheets.answer(listed.sheet_header(event), listed.sheet_rows(event), name=name)
