"""Calendars: a month on a page, one event as a file, a person's own as an address for their programs."""

import hashlib
import re
from datetime import date
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.cache import get_conditional_response, patch_cache_control
from django.utils.http import quote_etag
from django.utils.translation import gettext as _
from django.views import View

from gatherings import calendars
from gatherings.calendars import Entry, Standing
from gatherings.models import CalendarFeed, Event
from gatherings.selectors import calendar, seen
from gatherings.services import events, feeds
from gatherings.views.events import OfEvent
from kernel.clock import local_day, now
from kernel.doors import SignedIn
from kernel.tenancy import TenantRequest
from members.views.me import person

_MONTH = re.compile(r"([0-9]{4})-([0-9]{2})")
#: Months that a page shows: what lies outside is nobody's plan.
_YEARS = range(1990, 2200)


class Month(View):
    """A community's month: for everybody, of what is theirs to see."""

    def get(self, request: TenantRequest) -> HttpResponse:
        community, viewer = request.community, request.membership
        today = local_day(now(), community.zone)
        first = _first(request.GET.get("month", "")) or today.replace(day=1)
        inside = viewer is not None and viewer.is_admitted
        context = {
            "community": community,
            "inside": inside,
            "tab": "month",
            "first": first,
            "today": today,
            "weeks": calendar.month(request, first),
            "before": _moved(first, -1),
            "after": _moved(first, 1),
            "may_plan": inside and events.plans_somewhere(viewer, community),
        }
        return render(request, "gatherings/month.html", context)


class File(OfEvent, View):
    """One event for a calendar program."""

    def get(self, request: TenantRequest, event_key: UUID) -> HttpResponse:
        event: Event = self.event
        if event.state not in (Event.State.PUBLISHED, Event.State.CANCELLED):
            raise Http404
        have = seen.mine([event], request.membership)[event.pk]
        told = seen.is_told_address(event, request.membership, have)
        entry = Entry(event, _page(request, event), event.online_url if told else "")
        written = calendars.write([entry], name=event.title)
        return _answer(written, f"{event.community.slug}-{event.starts_at:%Y-%m-%d}.ics")


class Feed(View):
    """A person's own calendar: whoever has the address reads it, and nothing else."""

    def get(self, request: HttpRequest, token: str) -> HttpResponse:
        feed = CalendarFeed.objects.select_related("user").filter(token=token, user__is_active=True).first()
        if feed is None:
            raise Http404
        entries = [
            Entry(
                one.event,
                _page(request, one.event),
                one.event.online_url if one.is_certain else "",
                Standing.CONFIRMED if one.is_certain else Standing.TENTATIVE,
            )
            for one in calendar.of_person(feed.user, now())
        ]
        with translation.override(feed.user.language or translation.get_language()):
            written = calendars.write(entries, name=_("My gatherings"), hourly=True)
        tag = quote_etag(hashlib.sha256(written).hexdigest()[:32])
        answer = _answer(written, "calendar.ics")
        answer["ETag"] = tag
        patch_cache_control(answer, private=True, max_age=300)
        return get_conditional_response(request, etag=tag, response=answer) or answer


class Own(SignedIn, View):
    """The address of one's own calendar: opened, changed, closed."""

    def get(self, request: HttpRequest) -> HttpResponse:
        feed = CalendarFeed.objects.filter(user=person(request)).first()
        address = request.build_absolute_uri(reverse("gatherings:feed", args=[feed.token])) if feed else ""
        at_once = re.sub(r"^https?:", "webcal:", address)
        return render(request, "gatherings/own_calendar.html", {"address": address, "at_once": at_once})

    def post(self, request: HttpRequest) -> HttpResponse:
        user, act = person(request), request.POST.get("act", "")
        if act == "open":
            feeds.open_own(user=user, at=now())
        elif act == "renew":
            feeds.renew(user=user, at=now())
            messages.success(request, _("The old address shows nothing any more."))
        elif act == "close":
            feeds.close(user=user)
            messages.success(request, _("Your calendar is closed: its address shows nothing any more."))
        return redirect("gatherings:own_calendar")


def _first(text: str) -> date | None:
    """The first day of "2026-11"; None for what is no month that is shown."""
    found = _MONTH.fullmatch(text)
    if found is None or int(found[1]) not in _YEARS or not 1 <= int(found[2]) <= 12:
        return None
    return date(int(found[1]), int(found[2]), 1)


def _moved(first: date, by: int) -> str:
    """The month before or after, as its address names it; "" where none is shown."""
    year, month = divmod(first.year * 12 + first.month - 1 + by, 12)
    return f"{year}-{month + 1:02d}" if year in _YEARS else ""


def _page(request: HttpRequest, event: Event) -> str:
    return request.build_absolute_uri(reverse("gatherings:event", args=[event.community.slug, event.key]))


def _answer(written: bytes, name: str) -> HttpResponse:
    headers: Any = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(written, content_type="text/calendar; charset=utf-8", headers=headers)
