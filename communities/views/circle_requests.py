"""Closed circles: members ask to be let in, and whoever looks after circles answers."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.views import View
from django.views.generic import FormView

from communities.circle_forms import AnswerForm, AskForm
from communities.models import Circle, CircleRequest
from communities.selectors import circle_requests as found
from communities.selectors import circles
from communities.services import circle_requests
from kernel import access
from kernel.clock import now
from kernel.doors import Desk, MembersOnly
from kernel.errors import Refused
from kernel.tenancy import TenantRequest
from members.actors import Actor


class Ask(MembersOnly, FormView):
    """A few words to those who look after a circle. A secret one does not exist here; an open one asks nobody."""

    template_name = "communities/ask_circle.html"
    form_class = AskForm

    @cached_property
    def circle(self) -> Circle:
        rows = circles.counted(Circle.objects.of(self.request.community.id), self.request.membership)
        return access.find(rows, self.request, slug=self.kwargs["circle_slug"])

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Who need not ask, or has asked, finds at home what there is to do instead."""
        circle: Any = self.circle
        if not circle.takes_requests or circle.mine or circle.asked:
            return redirect("communities:home", self.request.community.slug)
        return super().get(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(circle=self.circle, community=self.request.community, **kwargs)

    def form_valid(self, form: AskForm) -> HttpResponse:
        try:
            circle_requests.ask(
                circle=self.circle, membership=self.request.membership, at=now(), **form.cleaned_data
            )
        except Refused as refusal:
            form.add_error(None, str(refusal))
            return self.form_invalid(form)
        messages.success(self.request, _("You have asked. You hear as soon as somebody has answered."))
        return redirect("communities:home", self.request.community.slug)


class Queue(Desk, View):
    permission = circle_requests.ADMIT

    def get(self, request: TenantRequest) -> HttpResponse:
        return _queue(request, request.GET.get("at", ""))


class Decide(Desk, View):
    """Let the member in or decline; what was written stays in its form where it cannot be done."""

    permission = circle_requests.ADMIT
    http_method_names = ["post"]

    def post(self, request: TenantRequest, request_key: UUID) -> HttpResponse:
        asked = found.one(request, request_key)
        if asked is None:
            raise Http404
        form = AnswerForm(request.POST, auto_id=_ids(asked))
        approve, name = request.POST.get("act") == "approve", asked.membership.display_name
        if not form.is_valid():
            return _queue(request, refused=(asked.pk, form))
        try:
            circle_requests.decide(
                request=asked,
                approve=approve,
                at=now(),
                by=Actor.of_request(request),
                **form.cleaned_data,
            )
        except Refused as refusal:
            if refusal.field != "reason":
                messages.error(request, str(refusal))
                return redirect("communities:circle_requests", request.community.slug)
            form.add_error("reason", str(refusal))
            return _queue(request, refused=(asked.pk, form))
        told = (
            _("%(name)s is in “%(circle)s” now.") if approve else _("%(name)s is told that it was declined.")
        )
        messages.success(request, told % {"name": name, "circle": asked.circle.name})
        return redirect("communities:circle_requests", request.community.slug)


def _queue(
    request: TenantRequest, cursor: str = "", refused: tuple[int, AnswerForm] | None = None
) -> HttpResponse:
    page = found.queue(request, cursor)
    again = dict([refused] if refused else [])
    rows = [(asked, again.get(asked.pk) or AnswerForm(auto_id=_ids(asked))) for asked in page.rows]
    return render(request, "communities/desk/circle_requests.html", {"page": page, "rows": rows})


def _ids(asked: CircleRequest) -> str:
    """The fields' ids on a page with a form for each."""
    return f"%s_{asked.pk}"
