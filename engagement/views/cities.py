"""Where members live and gatherings are, on a map, from the figure `local`: what it does not tell, no map does."""

from collections.abc import Sequence
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views import View

from engagement.views.figures import Asked, again
from gatherings.services import chapters
from kernel import maps, words
from kernel.doors import Desk
from kernel.maps import Says, Spot
from kernel.mercator import Box
from kernel.tenancy import TenantRequest

SUGGESTED = "suggested"


class Cities(Desk, View):
    """Members by city, in bubbles, and where there could be a chapter; each number stands in the table too."""

    permission = "figures.view"

    def get(self, request: TenantRequest) -> HttpResponse:
        asked = Asked(request, "local")
        if request.htmx:
            return again(request, asked)
        context: dict[str, Any] = {
            "metric": asked.metric,
            "refused": asked.refused,
            "waiting": asked.waiting,
            "here": request.get_full_path(),
        }
        if asked.result is not None:
            data: Any = asked.result.data
            spots = _spots(data)
            context |= {
                "as_of": asked.result.as_of,
                "finding": asked.metric.finding(data),
                "table": asked.metric.table(data),
                "views": _drawn(request, spots),
                "suggested": data["suggested"],
                "may_found": request.membership.may(chapters.MANAGE),
            }
        return render(request, "engagement/cities.html", context)


def _spots(data: Any) -> list[Spot]:
    """A spot for each city that the figure tells by its name, and for each suggested one that it does not."""
    suggested = {one["city"] for one in data["suggested"]}
    told = [row for row in data["cities"] if row["city"] and row["latitude"] is not None]
    spots = [
        _spot(
            row,
            row["members"],
            SUGGESTED if row["city"] in suggested else "",
            row["actives"],
            row["gatherings"],
        )
        for row in told
    ]
    there = {row["city"] for row in told}
    return spots + [_spot(one, 0, SUGGESTED, 0, 0) for one in data["suggested"] if one["city"] not in there]


def _spot(row: dict[str, Any], members: int, mark: str, actives: int, gatherings: int) -> Spot:
    north, east = row["latitude"], row["longitude"]
    tells = {"actives": actives, "gatherings": gatherings}
    return Spot(north, east, members, row["city"], Box(north, east, north, east), tells=tells, mark=mark)


def _drawn(request: TenantRequest, spots: Sequence[Spot]) -> list[maps.View]:
    found = reverse("gatherings:found_chapter", args=[request.community.slug])
    may_found = request.membership.may(chapters.MANAGE)

    def says(spot: Spot) -> Says:
        name = spot.name
        if spot.others:
            more = ngettext(
                "%(name)s and %(n)s city near it", "%(name)s and %(n)s cities near it", spot.others
            )
            name = more % {"name": spot.name, "n": words.number(spot.others)}
        parts = [
            ngettext("%(n)s member", "%(n)s members", spot.count) % {"n": words.number(spot.count)},
            _("%(n)s active") % {"n": words.number(spot.tells["actives"])},
            ngettext("%(n)s gathering", "%(n)s gatherings", spot.tells["gatherings"])
            % {"n": words.number(spot.tells["gatherings"])},
        ]
        told = _("%(place)s: %(many)s") % {"place": name, "many": words.listed(parts)}
        if not spot.mark:
            return Says(told)
        if not spot.count:
            told = name
        told = _("%(told)s. There could be a chapter.") % {"told": told}
        return Says(told, found if may_found else "")

    return maps.views(spots, maps.windows([spot.box for spot in spots]), says) if spots else []
