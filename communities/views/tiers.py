"""Settings of the tiers: made, changed, taken away."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.views import View
from django.views.generic import FormView

from communities.joining_forms import TierForm
from kernel.clock import now
from kernel.doors import Desk
from kernel.errors import Refused
from kernel.tenancy import TenantRequest
from members.actors import Actor
from members.models import Tier
from members.selectors import tiers as found
from members.services import tiers


def _find(request: TenantRequest, key: str) -> Tier:
    tier = found.of(request.community.id).filter(key=key).first()
    if tier is None:
        raise Http404
    return tier


class Tiers(Desk, FormView):
    permission = "tiers.manage"
    template_name = "communities/desk/tiers.html"
    form_class = TierForm

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(tiers=found.of(self.request.community.id), **kwargs)

    def form_valid(self, form: TierForm) -> HttpResponse:
        try:
            tier = tiers.create(
                community=self.request.community,
                at=now(),
                by=Actor.of_request(self.request),
                **form.cleaned_data,
            )
        except Refused as refusal:
            form.add_error(refusal.field or None, str(refusal))
            return self.form_invalid(form)
        messages.success(self.request, _("The tier “%(tier)s” is there.") % {"tier": tier.name})
        return redirect("communities:tiers", self.request.community.slug)


class OneTier(Desk, FormView):
    permission = "tiers.manage"
    template_name = "communities/desk/tier.html"
    form_class = TierForm

    @cached_property
    def tier(self) -> Tier:
        return _find(self.request, self.kwargs["tier_key"])

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"instance": self.tier}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        in_it = self.tier.memberships.exists()
        return super().get_context_data(tier=self.tier, in_use=in_it or self.tier.is_default, **kwargs)

    def form_valid(self, form: TierForm) -> HttpResponse:
        fields = dict(form.cleaned_data)
        if not fields.get("is_default"):
            fields.pop("is_default", None)
        try:
            tiers.update(tier=self.tier, at=now(), by=Actor.of_request(self.request), **fields)
        except Refused as refusal:
            form.add_error(refusal.field or None, str(refusal))
            return self.form_invalid(form)
        messages.success(self.request, _("The changes are saved."))
        return redirect("communities:tiers", self.request.community.slug)


class DeleteTier(Desk, View):
    permission = "tiers.manage"
    http_method_names = ["post"]

    def post(self, request: TenantRequest, tier_key: str) -> HttpResponse:
        tier = _find(request, tier_key)
        try:
            tiers.delete(tier=tier, at=now(), by=Actor.of_request(request))
        except Refused as refusal:
            messages.error(request, str(refusal))
            return redirect("communities:tier", request.community.slug, tier_key)
        messages.success(request, _("The tier “%(tier)s” is gone.") % {"tier": tier.name})
        return redirect("communities:tiers", request.community.slug)
