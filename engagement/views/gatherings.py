"""The figures of one gathering, for its hosts and for who reads figures; and those that were held, in a table at the desk."""

from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views import View

from engagement import gathering_words
from engagement.services import gatherings
from engagement.services.gatherings import Figures, Held
from gatherings import access as rules
from gatherings.access import MANAGE
from gatherings.clocks import when
from gatherings.models import Event
from gatherings.selectors import seen
from gatherings.services import door
from gatherings.views.events import OfEvent
from kernel import sheets, words
from kernel.clock import now
from kernel.doors import Desk, MembersOnly
from kernel.tenancy import TenantRequest
from members.actors import Actor
from members.models import Membership

PAGE = 50


def reads(viewer: Membership | None, event: Event) -> bool:
    """Whether the figures of an event that the viewer sees are for them: its hosts, and staff who read figures."""
    return viewer is not None and (viewer.may("figures.view") or rules.hosts(viewer, event))


class _OfFigures(OfEvent, MembersOnly):
    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        viewer = getattr(request, "membership", None)
        if viewer and viewer.is_admitted and not reads(viewer, self.event):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def file_name(self, what: str) -> str:
        event = self.event
        return f"{event.community.slug}-{event.starts_at.astimezone(event.zone):%Y-%m-%d}-{what}.csv"


class OneGathering(_OfFigures, View):
    """All figures of one gathering on a page."""

    def get(self, request: TenantRequest, event_key: UUID) -> HttpResponse:
        event, viewer = self.event, request.membership
        figures = gatherings.of(event=event, at=now())
        sees_money = viewer.may("money.view")
        event.when = when(event, request.community.zone)
        context = {
            "community": request.community,
            "event": event,
            "figures": figures,
            "tiles": _tiles(figures),
            "sees_money": sees_money,
            "sees_people": rules.admits(viewer, event),
            "table": gathering_words.table(figures, with_money=sees_money),
            "definitions": gathering_words.DEFINITIONS,
            "version": gatherings.VERSION,
            "points": _points(figures),
            "why": {name: gathering_words.reason(figures, name) for name in figures.reasons},
        }
        return render(request, "engagement/gathering.html", context)


def _tiles(figures: Figures) -> list[dict[str, Any]]:
    """What is told at a glance; the first of all is who came, once somebody has."""

    def tile(key: str, value: Any, name: str, format: str = "number") -> dict[str, Any]:
        why = gathering_words.reason(figures, name)
        return {"definition": titles[key], "value": value, "why": why, "format": format, "counted": f"#{key}"}

    titles = {one.key: one.title for one in gathering_words.DEFINITIONS}
    after = figures.afterwards
    return [
        tile("came", figures.came, "came"),
        tile("first_timers", figures.first_timers, "first_timers"),
        tile("ties_begun", figures.ties_begun, "ties_begun"),
        tile("afterwards", after["came"]["share"] if after else None, "afterwards", "share"),
        tile("reach", figures.reached, ""),
        tile("places", figures.taken, ""),
    ]


class Csv(_OfFigures, View):
    """The rows of the page as CSV."""

    http_method_names = ["get"]

    def get(self, request: TenantRequest, event_key: UUID) -> HttpResponseBase:
        figures = gatherings.of(event=self.event, at=now())
        table = gathering_words.table(figures, with_money=request.membership.may("money.view"))
        return sheets.answer(table.header, table.rows, name=self.file_name("figures"))


class People(_OfFigures, View):
    """The people behind them, for who stands at its door; the audit log keeps who took the list along."""

    http_method_names = ["get"]

    def get(self, request: TenantRequest, event_key: UUID) -> HttpResponseBase:
        if not rules.admits(request.membership, self.event):
            raise PermissionDenied
        at = now()
        door.list_taken(event=self.event, at=at, by=Actor.of_request(request))
        rows = gatherings.people(event=self.event, at=at)
        return sheets.answer(gatherings.PEOPLE, rows, name=self.file_name("people"))


def _points(figures: Figures) -> dict[str, str]:
    """The difference and its interval in points of a hundred."""
    like = figures.afterwards["matched"] if figures.afterwards else {}
    known = {name: like.get(name) for name in ("difference", "low", "high")}
    return {name: words.signed(None if one is None else round(one * 100, 1)) for name, one in known.items()}


# --- the desk's table ------------------------------------------------------------------------------

#: The columns: how each is asked for, what it is called, whether it holds numbers.
COLUMNS: tuple[tuple[str, str | Promise, bool], ...] = (
    ("title", _("Gathering"), False),
    ("day", _("When"), False),
    ("yes", _("Said yes"), True),
    ("came", _("Came"), True),
    ("show_rate", _("Show rate"), True),
    ("first_timers", _("First-timers"), True),
)


class HeldGatherings(Desk, View):
    """Gatherings that were held, with what is known of who came, sorted as one likes."""

    permission = MANAGE

    def get(self, request: TenantRequest) -> HttpResponse:
        at = now()
        known = gatherings.held(community=request.community, at=at)
        asked_for = request.GET.get("q", "").replace("\x00", "")[:120]
        rows = seen.past(seen.shown(request), at).filter(pk__in=list(known))
        if asked_for:
            rows = rows.filter(title__icontains=asked_for)
        keys = list(rows.order_by("-starts_at", "-id").values_list("pk", "title"))
        asked = request.GET.get("sort", "")
        sort = asked if asked.removeprefix("-") in [key for key, _label, _number in COLUMNS] else "-day"
        page = Paginator(_sorted(keys, known, sort), PAGE).get_page(request.GET.get("page"))
        found = seen.shown(request).in_bulk(list(page.object_list))
        listed: list[tuple[Any, Held]] = [(found[pk], known[pk]) for pk in page.object_list if pk in found]
        for event, _held in listed:
            event.when = when(event, request.community.zone)
        heads = [_head(key, label, number, sort) for key, label, number in COLUMNS]
        context = {"page": page, "rows": listed, "heads": heads, "q": asked_for}
        part = bool(getattr(request, "htmx", False))
        name = "engagement/desk/_gatherings.html" if part else "engagement/desk/gatherings.html"
        return render(request, name, context)


def _sorted(keys: list[tuple[int, str]], known: dict[int, Held], sort: str) -> list[int]:
    """The keys of events, which come with the latest first, in the order that is asked for; what is not known comes last."""
    by, down = sort.removeprefix("-"), sort.startswith("-")
    if by == "day":
        return [pk for pk, _title in (keys if down else reversed(keys))]
    if by == "title":
        return [pk for pk, _title in sorted(keys, key=lambda one: one[1].casefold(), reverse=down)]
    told = [pk for pk, _title in keys if getattr(known[pk], by) is not None]
    told.sort(key=lambda pk: getattr(known[pk], by), reverse=down)
    return told + [pk for pk, _title in keys if getattr(known[pk], by) is None]


def _head(key: str, label: str | Promise, number: bool, sort: str) -> dict[str, Any]:
    """A column's head: how it is sorted now, and what a click on it sorts by: text from A, days and numbers from the top."""
    by, down = sort.removeprefix("-"), sort.startswith("-")
    first = key if key == "title" else f"-{key}"
    other_way = key if down else f"-{key}"
    return {
        "label": label,
        "number": number,
        "sorted": "" if by != key else "descending" if down else "ascending",
        "next": other_way if by == key else first,
    }
