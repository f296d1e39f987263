"""Whom one could name in a circle, while one writes."""

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views import View

from communities import access as rules
from communities.models import Circle
from communities.selectors import mentions
from kernel import access
from kernel.doors import MembersOnly
from kernel.tenancy import TenantRequest


class Suggest(MembersOnly, View):
    """A list of members who read the circle and whom the viewer may see, by what is written of their names (`q`)."""

    def get(self, request: TenantRequest, circle_slug: str, **kwargs: Any) -> HttpResponse:
        rows = Circle.objects.of(request.community.id).select_related("minimum_tier")
        circle = access.find(rows, request, slug=circle_slug)
        if not rules.reads(request.membership, circle):
            raise Http404
        text = request.GET.get("q", "").replace("\x00", "").strip()[:60]
        found = mentions.suggested(circle, request.membership, text)
        return render(request, "communities/talk/_people.html", {"people": found})
