"""Taking a place, having a ticket, giving it back, waiting for one."""

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

from gatherings import limits
from gatherings.models import Event, Ticket
from gatherings.selectors import tickets as found
from gatherings.selectors.tickets import Choice
from gatherings.services import returns, seats, taking, waitlist
from gatherings.services.taking import Guest
from gatherings.ticket_forms import BuyForm
from kernel import access, payable
from kernel.clock import now
from kernel.doors import MembersOnly
from kernel.errors import Refused
from kernel.tenancy import TenantRequest
from members.actors import Actor
from members.models import Membership
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


class Buy(OfEvent):
    """Choose a kind of ticket, say who comes and what is asked, and pay where it costs: for members and guests."""

    def get(self, request: TenantRequest, event_key: UUID) -> HttpResponse:
        mine = found.live_of(self.event, self.member)
        if mine is not None and (mine.state == Ticket.State.VALID or mine.order is not None):
            return redirect("gatherings:ticket", request.community.slug, mine.code)
        wanted = mine.kind if mine is not None else None
        chosen = self.chosen(str(wanted.key) if wanted else request.GET.get("kind", ""))
        return self._page(chosen, None)

    def post(self, request: TenantRequest, event_key: UUID) -> HttpResponse:
        chosen = self.chosen(request.POST.get("kind", ""))
        if chosen is None:
            messages.error(request, _("Choose a ticket."))
            return self._page(None, None)
        form = self._form(chosen, request.POST)
        if not form.is_valid():
            return self._page(chosen, form)
        given, guest = form.cleaned_data, self.member is None
        if guest and limits.is_over(request):
            messages.error(request, _("That was a lot of tickets. Try again in an hour."))
            return self._page(chosen, form)
        try:
            taken = taking.take(
                kind=chosen.kind,
                who=self.member or Guest(given["name"], given["email"]),
                answers=form.answers,
                coupon=given.get("coupon", ""),
                at=now(),
                by=Actor.of_request(request),
            )
        except Refused as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
            return self._page(chosen, form)
        if guest:
            limits.count(request)
        if taken.pay_path:
            return redirect(taken.pay_path)
        messages.success(request, _("You have a place. See you there!"))
        return redirect("gatherings:ticket", request.community.slug, taken.ticket.code)

    def _form(self, chosen: Choice, data: Any = None) -> BuyForm:
        return BuyForm(data, event=self.event, guest=self.member is None, priced=bool(chosen.price))

    def _page(self, chosen: Choice | None, form: BuyForm | None) -> HttpResponse:
        if chosen is None and len(self.choices) == 1:
            chosen = self.choices[0]
        at = now()
        event = self.event
        context = {
            "community": self.request.community,
            "event": event,
            "is_open": event.is_standing and event.starts_at > at,
            "choices": self.choices,
            "chosen": chosen,
            "form": form or (self._form(chosen) if chosen else None),
            "member": self.member,
            "turn": found.turn_of(event, self.member),
            "refunded_until": returns.refunded_until(event),
            "minutes": 15,
        }
        with timezone.override(event.zone):
            return render(self.request, "gatherings/buy.html", context)


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
        response["Referrer-Policy"] = "no-referrer"
        return response

    def back(self) -> HttpResponse:
        return redirect("gatherings:ticket", self.request.community.slug, self.ticket.code)


class OneTicket(OfTicket):
    """The ticket, with what the door reads; its invoice; giving it back."""

    http_method_names = ["get", "head"]

    def get(self, request: TenantRequest, ticket_code: str) -> HttpResponse:
        ticket, at, till = self.ticket, now(), payable.till()
        event = ticket.event
        paper = till.paper(order=ticket.order, at=at) if ticket.order is not None and till else None
        context = {
            "community": request.community,
            "ticket": ticket,
            "event": event,
            "qr": qr(request.build_absolute_uri(request.path)) if ticket.state == Ticket.State.VALID else "",
            "paper": paper,
            "is_offer": ticket.state == Ticket.State.HELD and ticket.order is None,
            "is_before": event.starts_at > at,
            "is_paid_back": bool(ticket.price) and returns.is_refunded(event, at),
            "sees_event": access.sees(request.membership, event),
            "mine": request.membership is not None and ticket.membership_id == request.membership.pk,
        }
        return render(request, "gatherings/ticket.html", context)


class GiveBack(OfTicket):
    """Not coming after all: the place is free for others, and what was paid goes back where the event says so."""

    http_method_names = ["post"]

    def post(self, request: TenantRequest, ticket_code: str) -> HttpResponse:
        try:
            ticket = seats.give_back(ticket=self.ticket, at=now())
        except Refused as refusal:
            messages.error(request, str(refusal))
            return self.back()
        if ticket.price and returns.is_refunded(self.ticket.event, now()):
            messages.success(request, _("Your place is free for others. What you paid is on its way back."))
        else:
            messages.success(request, _("Your place is free for others."))
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
