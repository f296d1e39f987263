"""The desk's first page: what needs the operator, and how the community is."""

from typing import Any

from django.views.generic import TemplateView

from kernel import needs, slots
from kernel.clock import local_day, now
from kernel.doors import Desk


class Today(Desk, TemplateView):
    """Every part comes from the app that knows it; the heaviest need is the page's headline."""

    template_name = "communities/desk/today.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        request = self.request
        found = needs.of(request)
        return super().get_context_data(
            today=local_day(now(), request.community.zone),
            need=found[0] if found else None,
            others=[need for need in found[1:] if need.listed],
            worth=slots.render("today.worth", request, request.community),
            figures=slots.render("today.figures", request, request.community),
            main=slots.render("today.main", request, request.community),
            aside=slots.render("today.aside", request, request.community),
            **kwargs,
        )
