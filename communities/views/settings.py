"""The desk's settings: what the community is, its keys, and who may do what."""

from typing import Any

from django.contrib import messages
from django.forms import ModelForm
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views import View
from django.views.generic import FormView, TemplateView, UpdateView

from communities.forms import ApiKeyForm, SettingsForm
from communities.models import ApiKey, Community
from communities.services import api_keys
from communities.services import settings as community_settings
from kernel.clock import now
from kernel.doors import Desk
from kernel.errors import Refused
from kernel.permissions import permissions
from kernel.tenancy import TenantRequest
from members.actors import Actor
from members.doors import StepUp
from members.models import Membership
from members.roles import ADMITTED, Role


class General(Desk, UpdateView):
    permission = "settings.change"
    template_name = "communities/desk/settings.html"
    form_class = SettingsForm

    def get_object(self, queryset: Any = None) -> Community:
        """A copy of its own, so that a form that is refused leaves the page's community as it is."""
        return Community.objects.get(pk=self.request.community.pk)

    def form_valid(self, form: ModelForm) -> HttpResponse:
        try:
            community_settings.update(
                community=self.request.community,
                at=now(),
                by=Actor.of_request(self.request),
                **form.cleaned_data,
            )
        except Refused as refusal:
            form.add_error(refusal.field or None, str(refusal))
            return self.form_invalid(form)
        messages.success(self.request, _("The settings are saved."))
        return redirect("communities:settings", self.request.community.slug)


class Keys(Desk, StepUp, FormView):  # type: ignore[misc]  # StepUp.post may answer with a redirect
    permission = "api_keys.manage"
    template_name = "communities/desk/keys.html"
    form_class = ApiKeyForm

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        keys = ApiKey.objects.of(self.request.community.id).select_related("created_by")
        return super().get_context_data(keys=keys, **kwargs)

    def form_valid(self, form: ApiKeyForm) -> HttpResponse:
        try:
            key, secret = api_keys.mint(
                community=self.request.community,
                at=now(),
                by=Actor.of_request(self.request),
                **form.cleaned_data,
            )
        except Refused as refusal:
            form.add_error(refusal.field or None, str(refusal))
            return self.form_invalid(form)
        # Shown on this answer only: it is kept nowhere, so there is no page to come back to.
        context = self.get_context_data(form=ApiKeyForm(), made=key, secret=secret)
        response = self.render_to_response(context)
        response["Cache-Control"] = "no-store"
        return response


class EndKey(Desk, View):
    permission = "api_keys.manage"
    http_method_names = ["post"]

    def post(self, request: TenantRequest, key_id: Any) -> HttpResponse:
        key = get_object_or_404(ApiKey.objects.of(request.community.id), pk=key_id)
        api_keys.revoke(key=key, at=now(), by=Actor.of_request(request))
        messages.success(request, _("The key %(name)s has ended.") % {"name": key.name})
        return redirect("communities:keys", request.community.slug)


class Roles(Desk, TemplateView):
    """The staff, and the table of what each role may do."""

    template_name = "communities/desk/roles.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        community = self.request.community
        table = [
            (permission.label, [role in permission.roles for role in Role.values])
            for permission in permissions
        ]
        return super().get_context_data(
            roles=Role.choices,
            table=table,
            staff=Membership.objects.of(community.id)
            .staff()
            .filter(status__in=ADMITTED)
            .order_by("sort_key", "number"),
            **kwargs,
        )
