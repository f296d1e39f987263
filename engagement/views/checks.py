"""Having a figure counted again from the facts, on its page."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views import View

from engagement.selectors import checks as made
from engagement.selectors.figures import Question
from engagement.services import checks
from kernel.clock import now
from kernel.doors import Desk
from kernel.errors import Refused
from kernel.metrics import metrics
from kernel.tenancy import TenantRequest
from members.actors import Actor


class Check(Desk, View):
    """How far it is, for the page that looks again until it is done; and the button that begins it."""

    permission = "figures.view"

    def get(self, request: TenantRequest, key: str) -> HttpResponse:
        given = self._given(request, key)
        try:
            asked = Question.of(metrics.get(key), given).asked
        except Refused as refusal:
            raise Http404 from refusal
        return render(request, "engagement/_check.html", context_of(request, key, asked))

    def post(self, request: TenantRequest, key: str) -> HttpResponse:
        given = self._given(request, key)
        try:
            checks.ask(
                community=request.community, key=key, given=given, by=Actor.of_request(request), at=now()
            )
        except Refused as refusal:
            messages.error(request, str(refusal))
        return redirect(address(request, "engagement:figure", key) + "#check")

    def _given(self, request: TenantRequest, key: str) -> dict[str, str]:
        """The figure's parameters, as its page has them in its address."""
        if key not in metrics:
            raise Http404
        if not request.membership.may(metrics.get(key).permission):
            raise PermissionDenied
        return {name: str(value) for name, value in request.GET.items() if value}


def context_of(request: TenantRequest, key: str, asked: str) -> dict[str, object]:
    """What `engagement/_check.html` shows of the figure with these parameters."""
    found = made.of_figure(community_id=request.community.id, key=key, asked=asked)
    return {
        "check_at": address(request, "engagement:figure_check", key),
        "page_at": address(request, "engagement:figure", key),
        "last": found[0] if found else None,
        "earlier": found[1:],
        # What differs is told value by value to those alone who may see every value.
        "by_value": metrics.get(key).is_bare(request.membership.may),
    }


def address(request: TenantRequest, name: str, key: str) -> str:
    """The address of that name for the figure, with the parameters of this one."""
    query = request.GET.urlencode()
    return reverse(name, args=[request.community.slug, key]) + f"?{query}" * bool(query)
