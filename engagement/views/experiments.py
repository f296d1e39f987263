"""Experiments at the desk: all of them, one to be planned, and one as it stands."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.views import View
from django.views.generic import FormView

from engagement.experiment_forms import PlanForm
from engagement.models import Experiment
from engagement.selectors import experiment_rows
from engagement.selectors import experiments as seen
from engagement.selectors.trials import Trial, trials
from engagement.services import experiments
from kernel import sheets
from kernel.clock import now
from kernel.doors import Desk
from kernel.errors import Refused
from kernel.tenancy import TenantRequest
from members.actors import Actor

PAGE = 30


class Experiments(Desk, View):
    permission = "figures.view"
    http_method_names = ["get"]

    def get(self, request: TenantRequest) -> HttpResponse:
        rows = seen.rows(request.community).order_by("-planned_at", "-pk")
        page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
        at = now()
        context: dict[str, Any] = {
            "page": page,
            "experiments": [seen.listed(one, at=at) for one in page.object_list],
            "trials": list(trials),
            "may_plan": request.membership.may(experiments.MANAGE),
        }
        return render(request, "engagement/experiments/list.html", context)


class Plan(Desk, FormView):
    permission = experiments.MANAGE
    template_name = "engagement/experiments/plan.html"
    form_class = PlanForm

    @cached_property
    def trial(self) -> Trial:
        if self.kwargs["trial"] not in trials:
            raise Http404
        return trials.get(self.kwargs["trial"])

    def get_form_kwargs(self) -> dict[str, Any]:
        community = self.request.community
        return super().get_form_kwargs() | {
            "trial": self.trial,
            "standing": self.trial.in_force(community),
            "history": self.trial.history(community, at=now()),
        }

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(trial=self.trial, **kwargs)

    def form_valid(self, form: PlanForm) -> HttpResponse:
        try:
            planned = experiments.plan(
                community=self.request.community,
                trial=self.trial.key,
                at=now(),
                by=Actor.of_request(self.request),
                **form.planned(),
            )
        except Refused as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
            return self.form_invalid(form)
        return redirect("engagement:experiment", self.request.community.slug, planned.key)


class OneExperiment(Desk, View):
    permission = "figures.view"
    http_method_names = ["get"]

    def get(self, request: TenantRequest, experiment_key: UUID) -> HttpResponse:
        found = _find(request, experiment_key)
        context = {
            "shown": seen.shown(request.community, found, at=now()),
            "experiment": found,
            "may_plan": request.membership.may(experiments.MANAGE),
        }
        return render(request, "engagement/experiments/one.html", context)


class Csv(Desk, View):
    """Everybody who was assigned, once it has ended."""

    permission = "figures.view"
    http_method_names = ["get"]

    def get(self, request: TenantRequest, experiment_key: UUID) -> HttpResponseBase:
        found = _find(request, experiment_key)
        try:
            rows = experiment_rows.sheet(request.community, found)
        except Refused as refusal:
            messages.error(request, str(refusal))
            return redirect("engagement:experiment", request.community.slug, found.key)
        name = f"{request.community.slug}-experiment-{str(found.key)[:8]}.csv"
        return sheets.answer(experiment_rows.HEADER, rows, name=name)


class Decide(Desk, View):
    """Start, stop, or take the words of an arm for good."""

    permission = experiments.MANAGE
    http_method_names = ["post"]

    def post(self, request: TenantRequest, experiment_key: UUID) -> HttpResponse:
        found = _find(request, experiment_key)
        given: dict[str, Any] = {"experiment": found, "at": now(), "by": Actor.of_request(request)}
        act = request.POST.get("act", "")
        try:
            if act == "start":
                experiments.start(**given)
                messages.success(request, _("It runs. What comes of it stands here once it has ended."))
            elif act == "stop":
                experiments.stop(**given)
                messages.success(request, _("It is stopped: everybody reads what is in force."))
            elif act == "take":
                experiments.take(arm=request.POST.get("arm", ""), **given)
                messages.success(request, _("These words are in force for everybody now."))
        except Refused as refusal:
            messages.error(request, str(refusal))
        return redirect("engagement:experiment", request.community.slug, found.key)


def _find(request: TenantRequest, key: UUID) -> Experiment:
    found = seen.find(request.community, key)
    if found is None:
        raise Http404
    return found
