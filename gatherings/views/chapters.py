"""Chapters: near whom one lives, for members; founded where enough live together, at the desk."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views import View

from gatherings.chapter_forms import ChapterForm
from gatherings.selectors import chapters as near
from gatherings.selectors import seen
from gatherings.services import chapters
from kernel import keyset
from kernel.clock import now
from kernel.doors import Desk, MembersOnly
from kernel.errors import Refused
from kernel.keyset import Order
from kernel.tenancy import TenantRequest
from members.actors import Actor

BY_CITY = Order("city", tie="id")


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
            "events": events,
            "has_home": near.home(request.membership) is not None,
        }
        return render(request, "gatherings/chapters.html", context)


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
