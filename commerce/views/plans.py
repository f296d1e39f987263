"""Plans at the desk: made, worded, put away."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.views import View
from django.views.generic import FormView

from commerce.forms import PlanForm, WordsForm, initial_of
from commerce.models import Plan
from commerce.selectors import plans as found
from commerce.services import plans
from kernel.clock import now
from kernel.doors import Desk
from kernel.errors import Refused
from kernel.tenancy import TenantRequest
from members.actors import Actor


def _find(request: TenantRequest, key: Any) -> Plan:
    plan = Plan.objects.of(request.community.id).filter(key=key).select_related("tier").first()
    if plan is None:
        raise Http404
    return plan


class Plans(Desk, FormView):
    permission = plans.MANAGE
    template_name = "commerce/desk/plans.html"
    form_class = PlanForm

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"community": self.request.community}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        rows = list(found.at_the_desk(self.request.community.id))
        return super().get_context_data(plans=[(plan, found.per(plan)) for plan in rows], **kwargs)

    def form_valid(self, form: PlanForm) -> HttpResponse:
        request = self.request
        try:
            plan = plans.create(
                community=request.community, at=now(), by=Actor.of_request(request), **form.fields_of_plan()
            )
        except Refused as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
            return self.form_invalid(form)
        messages.success(request, _("The plan “%(plan)s” is there.") % {"plan": plan.name})
        return redirect("commerce:desk_plans", request.community.slug)


class OnePlan(Desk, FormView):
    permission = plans.MANAGE
    template_name = "commerce/desk/plan.html"
    form_class = WordsForm

    @cached_property
    def plan(self) -> Plan:
        return _find(self.request, self.kwargs["plan_key"])

    def get_initial(self) -> dict[str, Any]:
        return initial_of(self.plan)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(plan=self.plan, per=found.per(self.plan), **kwargs)

    def form_valid(self, form: WordsForm) -> HttpResponse:
        try:
            plans.change(plan=self.plan, at=now(), by=Actor.of_request(self.request), **form.fields_of_plan())
        except Refused as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
            return self.form_invalid(form)
        messages.success(self.request, _("The changes are saved."))
        return redirect("commerce:desk_plans", self.request.community.slug)


class ArchivePlan(Desk, View):
    permission = plans.MANAGE
    http_method_names = ["post"]

    def post(self, request: TenantRequest, plan_key: Any) -> HttpResponse:
        plan = plans.archive(plan=_find(request, plan_key), at=now(), by=Actor.of_request(request))
        messages.success(request, _("The plan “%(plan)s” is put away.") % {"plan": plan.name})
        return redirect("commerce:desk_plans", request.community.slug)
