"""Taking places: one's own, and those of the people one brings along."""

import re
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from gatherings import limits
from gatherings.models import Ticket
from gatherings.party_forms import Party
from gatherings.selectors import tickets as found
from gatherings.selectors.tickets import Choice
from gatherings.services import returns, taking
from gatherings.services.parties import Guest
from gatherings.services.taking import Taken
from gatherings.views.tickets import OfEvent
from kernel.clock import now
from kernel.errors import Refused
from kernel.tenancy import TenantRequest
from members.actors import Actor

DROP = re.compile(r"drop_([1-9])")


class Buy(OfEvent):
    """Choose a kind of ticket, say who comes and what is asked, and pay where it costs: for members and guests, and whom
    they bring along. Members who have their place come back (`?bring=1`) to bring somebody more."""

    def get(self, request: TenantRequest, event_key: UUID) -> HttpResponse:
        mine = self.mine
        if mine is not None and not self.brings and (mine.state == Ticket.State.VALID or mine.order):
            return redirect("gatherings:ticket", request.community.slug, mine.code)
        wanted = str(mine.kind.key) if mine is not None else request.GET.get("kind", "")
        return self._page(self._party(self.chosen(wanted)))

    def post(self, request: TenantRequest, event_key: UUID) -> HttpResponse:
        chosen = self.chosen(request.POST.get("kind", ""))
        if chosen is None and not self.brings:
            messages.error(request, _("Choose a ticket."))
            return self._page(None)
        act = request.POST.get("act", "")
        dropped = DROP.fullmatch(act)
        if act == "add" or dropped:
            drop = int(dropped[1]) if dropped else 0
            return self._page(self._party(chosen, request.POST, more=act == "add", drop=drop))
        party = self._party(chosen, request.POST, bound=True)
        if not party.is_valid():
            return self._page(party)
        guest = self.member is None
        if guest and limits.is_over(request):
            messages.error(request, _("That was a lot of tickets. Try again in an hour."))
            return self._page(party)
        try:
            taken = self._take(party)
        except Refused as refusal:
            party.refuse(refusal)
            return self._page(party)
        if guest:
            limits.count(request, taken.many)
        return self._on(taken)

    @cached_property
    def mine(self) -> Ticket | None:
        return found.live_of(self.event, self.member)

    @cached_property
    def brings(self) -> bool:
        """Whether they have their own place, and come for others."""
        mine, asked = self.mine, self.request.GET.get("bring") == "1"
        return asked and mine is not None and mine.state == Ticket.State.VALID and bool(self.for_guests)

    @cached_property
    def for_guests(self) -> list[Choice]:
        if self.member is None:
            return self.choices
        return found.for_guests(self.event, now())

    def _take(self, party: Party) -> Taken:
        given = party.own.cleaned_data
        return taking.take_all(
            places=party.places(),
            who=self.member or Guest(given["name"], given["email"]),
            coupon=given.get("coupon", ""),
            at=now(),
            by=Actor.of_request(self.request),
        )

    def _on(self, taken: Taken) -> HttpResponse:
        """To where it is paid, or to the ticket."""
        if taken.pay_path:
            return redirect(taken.pay_path)
        if taken.many == 1:
            messages.success(self.request, _("You have a place. See you there!"))
        else:
            words = _("All %(n)d places are yours. See you there!")
            messages.success(self.request, words % {"n": taken.many})
        return redirect("gatherings:ticket", self.request.community.slug, taken.ticket.code)

    def _party(
        self,
        chosen: Choice | None,
        data: Any = None,
        *,
        bound: bool = False,
        more: bool = False,
        drop: int = 0,
    ) -> Party:
        """The forms: empty, with what was written so far, or sent."""
        if chosen is None and len(self.choices) == 1:
            chosen = self.choices[0]
        many = data.get("many", "") if data is not None else ""
        there = int(many) if many.isascii() and many.isdigit() and len(many) < 3 else int(self.brings)
        return Party(
            data,
            event=self.event,
            chosen=None if self.brings else chosen,
            for_guests=self.for_guests,
            guest=self.member is None,
            many=there + more,
            bound=bound,
            drop=drop,
        )

    def _page(self, party: Party | None) -> HttpResponse:
        at, event = now(), self.event
        context = {
            "community": self.request.community,
            "event": event,
            "is_open": event.is_standing and event.starts_at > at,
            "choices": self.choices,
            "chosen": party.chosen if party else None,
            "party": party if party and party.heads else None,
            "brings": self.brings,
            "member": self.member,
            "turn": found.turn_of(event, self.member),
            "refunded_until": returns.refunded_until(event),
            "minutes": 15,
        }
        with timezone.override(event.zone):
            return render(self.request, "gatherings/buy.html", context)
