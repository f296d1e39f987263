"""Gatherings as people see and answer them: what comes, what was, one of them, yes, maybe and no."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views import View

from communities.models import Circle
from gatherings import access as rules
from gatherings import again
from gatherings.models import Attendance, Event, TicketKind
from gatherings.selectors import occurrences, rooms, seen
from gatherings.services import events, readers, seats
from kernel import access, markdown, opened, slots
from kernel.clock import now
from kernel.doors import MembersOnly
from kernel.errors import Refused
from kernel.tenancy import TenantRequest

#: The tabs of the list, each with the order in which it stands.
ORDERS = {"": seen.NEXT, "past": seen.LATEST, "mine": seen.LATEST}


class Events(View):
    """What comes, what was, and one's own: everybody sees what is theirs to see."""

    def get(self, request: TenantRequest) -> HttpResponse:
        community, viewer = request.community, request.membership
        inside = viewer is not None and viewer.is_admitted
        asked = request.GET.get("show", "")
        tab = asked if asked in ORDERS and (inside or asked != "mine") else ""
        rows, circle = seen.shown(request), circle_asked(request)
        if circle is not None:
            rows = rows.filter(circle=circle)
        rows = {
            "": lambda: seen.upcoming(rows, now()),
            "past": lambda: seen.past(rows, now()),
            "mine": lambda: seen.of_member(rows, viewer),
        }[tab]()
        page, days = seen.page(rows, request, order=ORDERS[tab], cursor=request.GET.get("at", ""))
        context = {
            "community": community,
            "inside": inside,
            "tab": tab,
            "circle": circle,
            "page": page,
            "days": days,
            "may_plan": inside and events.plans_somewhere(viewer, community),
        }
        return render(request, "gatherings/events.html", context)


def circle_asked(request: TenantRequest) -> Circle | None:
    """The circle that is asked for, as far as whoever asks may know of it."""
    slug = request.GET.get("circle", "").replace("\x00", "")
    if not slug:
        return None
    return access.find(Circle.objects.of(request.community.id), request, slug=slug)


class OfEvent:
    """For an event that whoever asks may see; to everyone else it does not exist."""

    request: Any
    kwargs: dict[str, Any]

    @cached_property
    def event(self) -> Any:
        event: Any = seen.shown(self.request).filter(key=self.kwargs["event_key"]).first()
        if event is None:
            raise Http404
        event.community = self.request.community
        return event

    def back(self, name: str = "event") -> HttpResponse:
        return redirect(f"gatherings:{name}", self.request.community.slug, self.event.key)


class OneEvent(OfEvent, View):
    """One gathering: when, where, by whom, who comes, and what one says to it."""

    def get(self, request: TenantRequest, event_key: UUID) -> HttpResponse:
        event, viewer, at = self.event, request.membership, now()
        if viewer is not None and viewer.is_admitted and opened.by_person(request):
            readers.note(event=event, member=viewer, at=at)
        seen.fill([event], request)
        have = event.mine
        people = seen.coming_seen(event, viewer)
        looks_after = rules.looks_after(viewer, event)
        context = {
            "community": request.community,
            "event": event,
            "inside": viewer is not None and viewer.is_admitted,
            "hosts": seen.hosts_of(event),
            "pictures": list(event.pictures.order_by("position", "id")),
            "description": markdown.render(event.description) if event.description else "",
            "kinds": rooms.kinds_for(event, viewer, at),
            "asks": event.questions.exists(),
            "people": people,
            "more_come": event.taken > len(people),
            "told_address": bool(event.online_url) and seen.is_told_address(event, viewer, have),
            "is_open": event.is_standing and event.starts_at > at,
            "is_over": event.over_at <= at,
            "looks_after": looks_after,
            "admits": rules.admits(viewer, event),
            "announces": looks_after and events.announces(viewer, request.community, event.circle),
            "decides": viewer is not None and viewer.may(rules.MANAGE),
            "again": again.of_series(event.series, event.zone) if event.series else "",
            "next_ones": occurrences.next_of(event, request, at),
            "parts": slots.render("event.main", request, event),
            "beside": slots.render("event.aside", request, event),
        }
        return render(request, "gatherings/event.html", context)


class Answer(OfEvent, MembersOnly, View):
    """Yes takes a place that costs nothing, maybe and no give it back."""

    http_method_names = ["post"]

    def post(self, request: TenantRequest, event_key: UUID) -> HttpResponse:
        event, said = self.event, request.POST.get("answer", "")
        if said == Attendance.Answer.YES and event.questions.exists():
            return self._asked(request)
        told = {"member": request.membership, "at": now()}
        try:
            if said == Attendance.Answer.YES:
                seats.take(kind=self._kind(event, request.POST.get("kind", "")), **told)
                messages.success(request, _("You have a place. See you there!"))
            elif said in (Attendance.Answer.MAYBE, Attendance.Answer.NO):
                seats.answer(event=event, answer=said, **told)
                messages.success(request, _("Thank you: the hosts know."))
            else:
                raise Refused(_("Say yes, maybe or no."), code="answer")
        except Refused as refusal:
            messages.error(request, str(refusal))
        return self.back()

    def _asked(self, request: TenantRequest) -> HttpResponse:
        """To the page on which the questions are answered."""
        chosen = urlencode({"kind": request.POST.get("kind", "")})
        address = reverse("gatherings:take", args=[request.community.slug, self.event.key])
        return redirect(f"{address}?{chosen}")

    @staticmethod
    def _kind(event: Event, key: str) -> TicketKind:
        """The kind that is chosen. Raises `Refused` for none."""
        try:
            return TicketKind.objects.get(event=event, key=UUID(key))
        except (ValueError, TicketKind.DoesNotExist):
            raise Refused(_("Choose how you come."), code="kind") from None
