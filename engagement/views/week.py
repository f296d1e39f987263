"""What is most worth doing this week: all acts with what followed, and one with its people."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.functional import cached_property
from django.views import View

from engagement.models import WeekAct
from engagement.selectors import week_acts as seen
from engagement.selectors.rules import rules
from engagement.services import week_acts
from engagement.services.introductions import INTRODUCE
from kernel.clock import now
from kernel.doors import Desk
from kernel.errors import Refused
from kernel.metrics import metrics
from kernel.tenancy import TenantRequest
from members.actors import Actor

PAGE = 30


class Acts(Desk, View):
    """Every act, the latest week first."""

    permission = "members.view"
    http_method_names = ["get"]

    def get(self, request: TenantRequest) -> HttpResponse:
        page = Paginator(seen.rows(request.community), PAGE).get_page(request.GET.get("page"))
        context: dict[str, Any] = {"page": page, "acts": [seen.told(act) for act in page.object_list]}
        return render(request, "engagement/week.html", context)


class OneAct(Desk, View):
    """One act: why, with whom, what was tried before, and what followed."""

    permission = "members.view"
    http_method_names = ["get", "post"]

    @cached_property
    def act(self) -> WeekAct:
        found = seen.find(self.request.community, self.kwargs["act_key"])
        if found is None:
            raise Http404
        return found

    def get(self, request: TenantRequest, act_key: UUID) -> HttpResponse:
        rule = rules.get(self.act.rule)
        context = {
            "told": seen.told(self.act),
            "act": self.act,
            "label": rule.act,
            "figure": metrics.get(self.act.figure) if self.act.figure in metrics else None,
            "people": seen.people(request.community, self.act, at=now()),
            "may_decide": request.membership.may(week_acts.DECIDE),
            "may_introduce": request.membership.may(INTRODUCE),
        }
        return render(request, "engagement/week_act.html", context)

    def post(self, request: TenantRequest, act_key: UUID) -> HttpResponse:
        try:
            week_acts.decide(
                act=self.act,
                state=request.POST.get("state", ""),
                at=now(),
                by=Actor.of_request(request),
            )
        except Refused as refusal:
            messages.error(request, str(refusal))
        if request.POST.get("from") == "today":
            return redirect("communities:today", request.community.slug)
        return redirect("engagement:week_act", request.community.slug, self.act.key)
