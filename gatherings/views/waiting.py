"""The waiting list of guests: joined with an address, seen and left by the link that was sent there; and an offer taken."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.views import View

from gatherings import limits
from gatherings.models import Event, Ticket, Waiting
from gatherings.party_forms import BuyForm
from gatherings.selectors import tickets as found
from gatherings.services import guest_waiting, taking, waitlist
from gatherings.services.parties import Guest
from gatherings.views.tickets import OfEvent, OfTicket
from kernel.clock import now
from kernel.errors import Refused
from kernel.tenancy import TenantRequest
from members.actors import Actor


class WaitAsGuest(OfEvent):
    """Who comes as a guest says where the offer goes."""

    def get(self, request: TenantRequest, event_key: UUID) -> HttpResponse:
        return self._page(None)

    def post(self, request: TenantRequest, event_key: UUID) -> HttpResponse:
        form = self._form(request.POST)
        chosen = self.chosen(request.POST.get("kind", "")) or self._only()
        if chosen is None or not form.is_valid():
            return self._page(form)
        if limits.is_over(request):
            messages.error(request, _("That was a lot of tickets. Try again in an hour."))
            return self._page(form)
        given = form.cleaned_data
        try:
            turn = guest_waiting.join(
                kind=chosen.kind,
                guest=Guest(given["name"], given["email"]),
                at=now(),
                by=Actor.of_request(request),
            )
        except Refused as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
            return self._page(form)
        limits.count(request)
        messages.success(request, _("You are on the waiting list. The link to your turn is in your mail."))
        return redirect("gatherings:turn", request.community.slug, turn.code)

    def _only(self) -> Any:
        return self.choices[0] if len(self.choices) == 1 else None

    def _form(self, data: Any = None) -> BuyForm:
        return BuyForm(data, event=self.event, guest=True, comes=False, priced=False)

    def _page(self, form: BuyForm | None) -> HttpResponse:
        event = self.event
        open_now = event.is_standing and event.starts_at > now() and event.has_waitlist
        full = [one for one in self.choices if one.is_full] if self.member is None and open_now else []
        wanted = self.request.POST.get("kind") or self.request.GET.get("kind", "")
        context = {
            "community": self.request.community,
            "event": event,
            "choices": full,
            "wanted": wanted,
            "form": form or self._form(),
        }
        with timezone.override(event.zone):
            return render(self.request, "gatherings/wait.html", context)


class Turn(View):
    """The door: whoever has the code of a turn has the turn. Never kept or indexed."""

    request: Any

    @cached_property
    def turn(self) -> Waiting:
        turn = found.turn_by_code(self.request.community.id, self.kwargs["turn_code"])
        if turn is None:
            raise Http404
        return turn

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponseBase:
        with timezone.override(self.turn.event.zone):
            response = super().dispatch(request, *args, **kwargs)
        response["Cache-Control"] = "no-store"
        response["X-Robots-Tag"] = "noindex"
        # The code is told to nobody; with no origin at all no form of this page would be taken.
        response["Referrer-Policy"] = "strict-origin"
        return response

    def get(self, request: TenantRequest, turn_code: str) -> HttpResponse:
        turn = self.turn
        waits = turn.state == Waiting.State.WAITING
        context = {
            "community": request.community,
            "turn": turn,
            "event": turn.event,
            "line": waitlist.place_in_line(turn) if waits else None,
            "is_live": turn.state in Waiting.LIVE,
        }
        return render(request, "gatherings/turn.html", context)

    def post(self, request: TenantRequest, turn_code: str) -> HttpResponse:
        waitlist.leave(turn=self.turn, at=now())
        messages.success(request, _("You wait no more."))
        return redirect("gatherings:turn", request.community.slug, self.turn.code)


class TakeOffer(OfTicket):
    """A guest takes the place that is offered to them: by the link of the offer, which nobody else has."""

    def get(self, request: TenantRequest, ticket_code: str) -> HttpResponse:
        return self._page(None) if self._is_offered else self.back()

    def post(self, request: TenantRequest, ticket_code: str) -> HttpResponse:
        ticket = self.ticket
        if not self._is_offered:
            return self.back()
        form = self._form(request.POST)
        if not form.is_valid():
            return self._page(form)
        try:
            taken = taking.take(
                kind=ticket.kind,
                who=ticket.membership,
                answers=form.answers,
                coupon=form.cleaned_data.get("coupon", ""),
                at=now(),
                by=Actor.of_request(request),
            )
        except Refused as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
            return self._page(form)
        return redirect(taken.pay_path) if taken.pay_path else self.back()

    @property
    def _is_offered(self) -> bool:
        """Members take theirs signed in."""
        ticket = self.ticket
        return found.is_offer(ticket) and not ticket.membership.is_admitted

    def _form(self, data: Any = None) -> BuyForm:
        ticket: Ticket = self.ticket
        return BuyForm(data, event=ticket.event, guest=False, comes=True, priced=bool(ticket.price))

    def _page(self, form: BuyForm | None) -> HttpResponse:
        event: Event = self.ticket.event
        context = {
            "community": self.request.community,
            "event": event,
            "ticket": self.ticket,
            "form": form or self._form(),
        }
        return render(self.request, "gatherings/take_offer.html", context)
