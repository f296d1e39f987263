"""Chapters: near whom one lives, for members; founded where enough live together, at the desk."""

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views import View

from gatherings.chapter_forms import ChapterForm
from gatherings.selectors import chapter_figures, seen
from gatherings.selectors import chapters as near
from gatherings.services import chapters
from kernel import actives, keyset, maps, words
from kernel.clock import now
from kernel.doors import Desk, MembersOnly
from kernel.errors import Refused
from kernel.keyset import Order
from kernel.maps import Says, Spot
from kernel.mercator import Box
from kernel.tenancy import TenantRequest
from members.actors import Actor

BY_CITY = Order("city", tie="id")
#: So many chapters stand on the map at the most.
ON_MAP = 500


class Chapters(MembersOnly, View):
    """The community's chapters and the gatherings near the reader; how far away is worked out here, and told to nobody."""

    def get(self, request: TenantRequest) -> HttpResponse:
        at = now()
        rows = near.shown(request).select_related("circle")
        page = keyset.page(rows, order=BY_CITY, size=near.PAGE, cursor=request.GET.get("at", ""))
        near.fill(page.rows, request, at)
        events = near.near_events(request, at)
        seen.fill(events, request)
        context = {
            "community": request.community,
            "page": page,
            "views": _drawn(request, list(rows[:ON_MAP])),
            "events": events,
            "has_home": near.home(request.membership) is not None,
            "founds": request.membership.may(chapters.MANAGE),
        }
        return render(request, "gatherings/chapters.html", context)


class OneChapter(MembersOnly, View):
    """A chapter with its figures, its hosts, what it holds next, and where it is."""

    def get(self, request: TenantRequest, circle_slug: str) -> HttpResponse:
        at, slug = now(), circle_slug.replace("\x00", "")
        row = get_object_or_404(near.shown(request).select_related("circle"), circle__slug=slug)
        chapter = chapter_figures.of_one(row, request, at)
        events = list(seen.upcoming(seen.shown(request).filter(circle=chapter.circle), at)[: near.LIKELY])
        seen.fill(events, request)
        context = {
            "community": request.community,
            "chapter": chapter,
            "events": events,
            "views": _drawn(request, [chapter]),
            "least": near.whereabouts.K,
            "days": actives.DAYS,
        }
        return render(request, "gatherings/chapter.html", context)


def _drawn(request: TenantRequest, rows: Sequence[Any]) -> list[maps.View]:
    """The chapters on a map, each leading to its own page."""

    def says(spot: Spot) -> Says:
        told = spot.name
        if spot.others:
            more = ngettext("%(name)s and %(n)s other", "%(name)s and %(n)s others", spot.others)
            told = more % {"name": spot.name, "n": words.number(spot.others)}
        slug = slugs.get((spot.name, spot.others))
        address = reverse("gatherings:chapter", args=[request.community.slug, slug]) if slug else "#all"
        return Says(told, address)

    slugs = {(row.circle.name, 0): row.circle.slug for row in rows}
    spots = [
        Spot(row.latitude, row.longitude, 1, row.circle.name, Box(row.latitude, row.longitude, row.latitude, row.longitude))
        for row in rows
    ]  # fmt: skip
    return maps.views(spots, maps.windows([spot.box for spot in spots]), says) if spots else []


class Found(Desk, View):
    """The chapters there are, where there could be one, and the form that founds it."""

    permission = chapters.MANAGE

    def get(self, request: TenantRequest) -> HttpResponse:
        return self._page(request, ChapterForm(viewer=request.membership))

    def post(self, request: TenantRequest) -> HttpResponse:
        by = Actor.of_request(request)
        if "end" in request.POST:
            slug = request.POST["end"].replace("\x00", "")
            chapter = get_object_or_404(near.shown(request), circle__slug=slug)
            chapters.end(chapter=chapter, at=now(), by=by)
            messages.success(
                request, _("“%(circle)s” is a circle like others again.") % {"circle": chapter.circle}
            )
            return redirect("gatherings:found_chapter", request.community.slug)
        form = ChapterForm(request.POST, viewer=request.membership)
        if not form.is_valid():
            return self._page(request, form)
        try:
            chapter = chapters.found(community=request.community, at=now(), by=by, **form.cleaned_data)
        except Refused as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
            return self._page(request, form)
        messages.success(request, _("The chapter “%(chapter)s” is founded.") % {"chapter": chapter.circle})
        return redirect("communities:circle_room", request.community.slug, chapter.circle.slug)

    def _page(self, request: TenantRequest, form: ChapterForm) -> HttpResponse:
        rows = near.shown(request).select_related("circle")
        page = keyset.page(rows, order=BY_CITY, size=near.PAGE, cursor=request.GET.get("at", ""))
        near.fill(page.rows, request, now())
        suggested = near.suggestions(request.community, now())
        context = {"page": page, "suggested": suggested, "form": form, "least": near.whereabouts.K}
        return render(request, "gatherings/desk/chapters.html", context)
