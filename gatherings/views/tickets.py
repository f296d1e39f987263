"""Having a ticket, giving it back, waiting for one."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.views import View

from gatherings import access as rules
from gatherings.models import Event, Ticket
from gatherings.selectors import tickets as found
from gatherings.selectors.tickets import Choice
from gatherings.services import returns, seats, waitlist
from kernel import access, payable
from kernel.clock import now
from kernel.doors import MembersOnly
from kernel.errors import Refused
from kernel.tenancy import TenantRequest
from members.models import Membership
from members.roles import Status
from members.selectors.card import qr

PAGE = 50


class OfEvent(View):
    """For an event that whoever asks may see; to everyone else it does not exist."""

    request: Any

    @cached_property
    def event(self) -> Event:
        rows = Event.objects.of(self.request.community.id).select_related(
            "community", "circle", "minimum_tier"
        )
        return access.find(rows, self.request, key=self.kwargs["event_key"])

    @property
    def member(self) -> Membership | None:
        """Who asks, where they are let in; None for a guest."""
        viewer = self.request.membership
        return viewer if viewer is not None and viewer.is_admitted else None

    def to_event(self) -> HttpResponse:
        return redirect("gatherings:event", self.request.community.slug, self.event.key)

    @cached_property
    def choices(self) -> list[Choice]:
        return found.choices(self.event, self.member, now())

    def chosen(self, key: str) -> Choice | None:
        return next((one for one in self.choices if str(one.kind.key) == key), None)


class OfTicket(View):
    """The door: whoever has the code of a ticket has the ticket. Pages of it are never kept or indexed."""

    request: Any

    @cached_property
    def ticket(self) -> Ticket:
        ticket = found.by_code(self.request.community.id, self.kwargs["ticket_code"])
        if ticket is None:
            raise Http404
        return ticket

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponseBase:
        with timezone.override(self.ticket.event.zone):
            response = super().dispatch(request, *args, **kwargs)
        response["Cache-Control"] = "no-store"
        response["X-Robots-Tag"] = "noindex"
        # The code is told to nobody; with no origin at all no form of this page would be taken.
        response["Referrer-Policy"] = "strict-origin"
        return response

    def back(self) -> HttpResponse:
        return redirect("gatherings:ticket", self.request.community.slug, self.ticket.code)


class OneTicket(OfTicket):
    """The ticket, with what the door reads; its invoice; giving it back."""

    http_method_names = ["get", "head"]

    def get(self, request: TenantRequest, ticket_code: str) -> HttpResponse:
        ticket, at, till = self.ticket, now(), payable.till()
        event, others = ticket.event, found.taken_with(ticket)
        paper = till.paper(order=ticket.order, at=at) if ticket.order is not None and till else None
        context = {
            "community": request.community,
            "ticket": ticket,
            "event": event,
            "qr": qr(request.build_absolute_uri(request.path)) if ticket.state == Ticket.State.VALID else "",
            "paper": paper,
            "others": others,
            "places": 1 + len([one for one in others if one.is_live]),
            "brought": ticket.taken_by_id != ticket.membership_id,
            "is_offer": found.is_offer(ticket),
            "takes_as_guest": not ticket.membership.is_admitted,
            "is_before": event.starts_at > at,
            "is_paid_back": bool(ticket.price) and returns.is_refunded(event, at),
            "sees_event": access.sees(request.membership, event),
            "admits": rules.admits(request.membership, event) and access.sees(request.membership, event),
            "mine": request.membership is not None and ticket.membership_id == request.membership.pk,
            "can_bring": self._can_bring(at),
            "can_join": request.membership is None and ticket.membership.status == Status.GUEST,
        }
        return render(request, "gatherings/ticket.html", context)

    def _can_bring(self, at: datetime) -> bool:
        """Whether who has it may bring somebody along: members do so with their ticket in hand."""
        ticket, viewer = self.ticket, self.request.membership
        mine = viewer is not None and viewer.is_admitted and ticket.membership_id == viewer.pk
        open_now = ticket.state == Ticket.State.VALID and ticket.event.starts_at > at
        return mine and open_now and bool(found.for_guests(ticket.event, at))


class GiveBack(OfTicket):
    """Not coming after all: the place is free for others, and what was paid goes back where the event says so."""

    http_method_names = ["post"]

    def post(self, request: TenantRequest, ticket_code: str) -> HttpResponse:
        try:
            along = request.POST.get("along") == "1"
            ticket = seats.give_back(ticket=self.ticket, along=along, at=now())
        except Refused as refusal:
            messages.error(request, str(refusal))
            return self.back()
        told = _("Your places are free for others.") if along else _("Your place is free for others.")
        messages.success(request, told)
        if ticket.price and returns.is_refunded(self.ticket.event, now()):
            messages.success(request, _("What you paid is on its way back."))
        return self.back()


class Mine(MembersOnly, View):
    """One's own tickets, those of what comes first."""

    http_method_names = ["get", "head"]

    def get(self, request: TenantRequest) -> HttpResponse:
        page = Paginator(found.of_member(request.membership), PAGE).get_page(request.GET.get("page"))
        context = {"community": request.community, "page": page, "now": now()}
        return render(request, "gatherings/tickets.html", context)


class Wait(MembersOnly, OfEvent):
    """Join the waiting list, or leave it: for members."""

    http_method_names = ["post"]

    def post(self, request: TenantRequest, event_key: UUID) -> HttpResponse:
        try:
            if request.POST.get("act") == "leave":
                turn = found.turn_of(self.event, self.member)
                if turn is not None:
                    waitlist.leave(turn=turn, at=now())
                messages.success(request, _("You wait no more."))
            else:
                chosen = self.chosen(request.POST.get("kind", ""))
                if chosen is None or self.member is None:
                    raise Refused(_("Choose a ticket."), code="kind")
                turn = waitlist.join(kind=chosen.kind, member=self.member, at=now())
                told = _("You are number %(n)d on the waiting list.")
                messages.success(request, told % {"n": waitlist.place_in_line(turn)})
        except Refused as refusal:
            messages.error(request, str(refusal))
        return self.to_event()
