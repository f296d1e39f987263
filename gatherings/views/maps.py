"""Gatherings on a map: where people meet, and at each place which gatherings."""

from typing import Any
from zoneinfo import ZoneInfo

from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views import View

from gatherings.selectors import on_map, seen
from gatherings.services import events
from gatherings.views.events import circle_asked
from kernel import maps, words
from kernel.clock import local_day, now
from kernel.maps import Bubble, Says, Spot
from kernel.mercator import Box
from kernel.tenancy import TenantRequest

#: Kilometres within which a place is one: who points at it goes on to its gatherings, not closer.
ONE_PLACE = 0.2


class Map(View):
    """What is to come, or what was, where it takes place: for everybody, of what is theirs to see."""

    def get(self, request: TenantRequest) -> HttpResponse:
        community, viewer = request.community, request.membership
        inside = viewer is not None and viewer.is_admitted
        past, circle = request.GET.get("show") == "past", circle_asked(request)
        rows = seen.shown(request)
        if circle is not None:
            rows = rows.filter(circle=circle)
        rows = on_map.at_places(seen.past(rows, now()) if past else seen.upcoming(rows, now()))
        box = maps.box_of(request.GET.get("box", ""))
        found = on_map.found(rows, box)
        narrowed = on_map.inside(rows, box, found.cities) if box else rows
        drawn = maps.views(found.spots, found.windows, _says(request, box, past=past))
        order = seen.LATEST if past else seen.NEXT
        page, days = seen.page(narrowed, request, order=order, cursor=request.GET.get("at", ""))
        context = {
            "community": community,
            "inside": inside,
            "tab": "map",
            "past": past,
            "circle": circle,
            "views": drawn,
            "places": [_row(bubble, community.zone, past=past) for bubble in drawn[0].bubbles],
            "unplaced": found.unplaced,
            "box": box,
            "here": _here(found.spots, box),
            "wider": maps.rounded(maps.wider(box)) if box else "",
            "page": page,
            "days": days,
            "may_plan": inside and events.plans_somewhere(viewer, community),
        }
        return render(request, "gatherings/map.html", context)


def _row(bubble: Bubble, zone: ZoneInfo, *, past: bool) -> dict[str, Any]:
    """A place of the map as a row of the table behind it."""
    return {
        "name": called(bubble.spot),
        "count": bubble.spot.count,
        "day": _day(bubble.spot, zone, past=past),
        "href": bubble.says.href,
    }


def _day(spot: Spot, zone: ZoneInfo, *, past: bool) -> str:
    """The day of the next gathering of the spot, or of the last one that was."""
    first, last = spot.days or (None, None)
    return words.day(local_day(found, zone)) if (found := last if past else first) else words.NOTHING


def _here(spots: list[Spot], box: Box | None) -> str:
    """What the part of the map that is looked at is called."""
    within = [spot for spot in spots if box and maps.is_within(spot.box, box)]
    return called(maps.joined(within)) if within else ""


def called(spot: Spot) -> str:
    """A spot by its name, and how many others it has."""
    name = spot.name or _("A place")
    if not spot.others:
        return name
    told = ngettext("%(name)s and %(n)s place near it", "%(name)s and %(n)s places near it", spot.others)
    return told % {"name": name, "n": words.number(spot.others)}


def _says(request: TenantRequest, box: Box | None, *, past: bool) -> maps.Say:
    kept = QueryDict(mutable=True)
    for name in ("show", "circle"):
        if name in request.GET:
            kept[name] = request.GET[name]
    zone = request.community.zone

    def says(spot: Spot) -> Says:
        many = ngettext("%(n)s gathering", "%(n)s gatherings", spot.count) % {"n": words.number(spot.count)}
        told = _("%(place)s: %(many)s") % {"place": called(spot), "many": many}
        last = _("%(told)s, the last on %(day)s") if past else _("%(told)s, the next on %(day)s")
        told = last % {"told": told, "day": _day(spot, zone, past=past)}
        asked = kept.copy()
        asked["box"] = maps.rounded(spot.box)
        at_once = "#gatherings" if maps.across(spot.box) <= ONE_PLACE else ""
        current = box is not None and maps.is_within(spot.box, box)
        return Says(told, f"?{asked.urlencode(safe=',')}{at_once}", current)

    return says
