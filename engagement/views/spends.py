"""What channels cost, at the desk: entered, changed, removed and taken back."""

from abc import abstractmethod
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.views import View
from django.views.generic import FormView

from engagement.forms import SpendForm, initial_of_spend
from engagement.models import Spend
from engagement.selectors import spends as seen
from engagement.services import spends
from kernel.clock import local_day, now
from kernel.doors import Desk
from kernel.errors import Refused
from kernel.tenancy import TenantRequest
from members.actors import Actor

PAGE, REMOVED = 50, 10


class _Entering(Desk, FormView):
    """A form that enters a cost; what the service refuses is said at its field."""

    permission = spends.MANAGE
    form_class = SpendForm
    request: TenantRequest

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"ways": seen.ways(self.request.community.pk)}

    def form_valid(self, form: SpendForm) -> HttpResponse:
        try:
            self.enter(form.cost(), Actor.of_request(self.request))
        except Refused as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
            return self.form_invalid(form)
        messages.success(self.request, _("Saved. The figures of channels are counted anew with it."))
        return redirect("engagement:spends", self.request.community.slug)

    @abstractmethod
    def enter(self, cost: spends.Cost, by: Actor) -> None: ...


class Spends(_Entering):
    template_name = "engagement/growth/costs.html"

    def get_initial(self) -> dict[str, Any]:
        """This month, in the community's currency."""
        today = local_day(now(), self.request.community.zone)
        return {"first": today.replace(day=1), "last": today, "currency": self.request.community.currency}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        community = self.request.community
        page = Paginator(seen.rows(community), PAGE).get_page(self.request.GET.get("page"))
        removed = seen.rows(community, removed=True)[:REMOVED]
        return super().get_context_data(page=page, removed=removed, **kwargs)

    def enter(self, cost: spends.Cost, by: Actor) -> None:
        spends.add(community=self.request.community, cost=cost, at=now(), by=by)


class OneSpend(_Entering):
    """One cost, to be changed."""

    template_name = "engagement/growth/cost.html"

    @cached_property
    def spend(self) -> Spend:
        return _find(self.request, self.kwargs["spend_key"])

    def get_initial(self) -> dict[str, Any]:
        return initial_of_spend(self.spend)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(spend=self.spend, **kwargs)

    def enter(self, cost: spends.Cost, by: Actor) -> None:
        spends.change(spend=self.spend, cost=cost, at=now(), by=by)


class Remove(Desk, View):
    """Out of the figures; with `back` in them again."""

    permission = spends.MANAGE
    http_method_names = ["post"]

    def post(self, request: TenantRequest, spend_key: UUID) -> HttpResponse:
        spend, by = _find(request, spend_key), Actor.of_request(request)
        if request.POST.get("back"):
            spends.take_back(spend=spend, at=now(), by=by)
            messages.success(request, _("It counts again."))
        else:
            spends.remove(spend=spend, at=now(), by=by)
            messages.success(request, _("Removed. You can take it back below."))
        return redirect("engagement:spends", request.community.slug)


def _find(request: TenantRequest, key: UUID) -> Spend:
    spend = seen.find(request.community, key)
    if spend is None:
        raise Http404
    return spend
