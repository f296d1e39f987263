"""Seats of a group: for who pays for them, and for who comes by the code of one."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from commerce.models import Seat
from commerce.selectors import groups as found
from commerce.services import groups
from commerce.services.groups import LETS_IN
from commerce.views.entrance import Entrance
from commerce.views.own import Own
from kernel.clock import now
from kernel.errors import Refused
from members.actors import Actor
from members.models import Membership


class Seats(Own):
    """Who sits where, and the links of those that are free: for who pays for the group. To others it is not there."""

    @cached_property
    def seats(self) -> list[Seat]:
        mine = self.subscription
        if mine is None or not mine.plan.group:
            raise Http404
        return found.seats_of(mine)

    def get(self, request: Any) -> HttpResponse:
        seats, slug = self.seats, request.community.slug
        links = [
            settings.SITE_ADDRESS + reverse("commerce:take_seat", args=[slug, seat.code]) for seat in seats
        ]
        taken = sum(seat.membership_id is not None for seat in seats)
        context = {
            "community": request.community,
            "subscription": self.subscription,
            "seats": list(zip(seats, links, strict=True)),
            "taken": taken,
            "free": len(seats) - taken,
            "works": self.subscription is not None and self.subscription.status in LETS_IN,
        }
        return render(request, "commerce/own/seats.html", context)

    def post(self, request: Any) -> HttpResponse:
        seat = next((one for one in self.seats if str(one.key) == request.POST.get("seat", "")), None)
        if seat is None:
            raise Http404
        given: dict[str, Any] = {"seat": seat, "at": now(), "by": self.by}
        try:
            match request.POST.get("act", ""):
                case "free":
                    groups.leave(**given)
                    messages.success(request, _("The seat is free: it has a new link."))
                case "renew":
                    groups.renew(**given)
                    messages.success(request, _("The seat has a new link; the old one leads nowhere."))
                case "invite":
                    groups.invite(email=request.POST.get("email", ""), **given)
                    messages.success(request, _("The letter is on its way."))
                case _:
                    raise Http404
        except Refused as refusal:
            messages.error(request, str(refusal))
        return redirect("commerce:seats", request.community.slug)


class TakeSeat(Entrance):
    """Whoever holds the code of a seat may take it."""

    template_name = "commerce/seat.html"
    found: Seat

    def look(self) -> Seat | None:
        return found.by_code(self.kwargs["seat_code"], self.request.community.pk)

    def shown(self) -> dict[str, Any]:
        seat, membership = self.found, self.request.membership
        return {
            "seat": seat,
            "plan": seat.subscription.plan,
            "payer": seat.subscription.membership,
            "own": membership is not None and membership.pk == seat.subscription.membership_id,
            "sits": membership is not None and membership.pk == seat.membership_id,
            "taken": seat.membership_id is not None,
            "works": seat.subscription.status in LETS_IN,
        }

    def enter(self, said: dict[str, Any] | None) -> Membership:
        request, code = self.request, self.kwargs["seat_code"]
        given: dict[str, Any] = {"code": code, "at": now(), "by": Actor.of_request(request)}
        if said is None:
            seat = groups.take(membership=request.membership, **given)
        else:
            seat = groups.come(community=request.community, user=request.user, said=said, **given)
        assert seat.membership is not None
        return seat.membership

    def welcome(self, membership: Membership) -> str:
        return _("The seat is yours. Welcome!")
