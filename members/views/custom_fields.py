"""Fields of the community's own, among the settings: listed in their order, made, changed, taken away."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.views import View
from django.views.generic import FormView

from kernel.clock import now
from kernel.doors import Desk
from kernel.errors import Refused
from kernel.tenancy import TenantRequest
from members.actors import Actor
from members.forms.custom_fields import CustomFieldForm
from members.models import CustomField
from members.services import custom_fields


def _find(request: TenantRequest, field_id: int) -> CustomField:
    found = CustomField.objects.of(request.community.id).filter(pk=field_id)
    field = found.first() if field_id < 2**63 else None
    if field is None:
        raise Http404
    return field


class Fields(Desk, View):
    permission = "members.fields"

    def get(self, request: TenantRequest) -> HttpResponse:
        fields = CustomField.objects.of(request.community.id)
        return render(request, "members/fields/index.html", {"fields": fields})

    def post(self, request: TenantRequest) -> HttpResponse:
        """One of them moves."""
        moved = request.POST.get("up") or request.POST.get("down") or ""
        if moved.isdecimal():
            field = _find(request, int(moved[:19]))
            custom_fields.move(field=field, up="up" in request.POST, at=now(), by=Actor.of_request(request))
        return redirect("members:fields", request.community.slug)


class New(Desk, FormView):
    permission = "members.fields"
    template_name = "members/fields/field.html"
    form_class = CustomFieldForm

    def save(self, fields: dict[str, Any], by: Actor) -> CustomField:
        return custom_fields.create(community=self.request.community, at=now(), by=by, **fields)

    def form_valid(self, form: CustomFieldForm) -> HttpResponse:
        try:
            field = self.save(form.cleaned_data, Actor.of_request(self.request))
        except Refused as refusal:
            form.add_error(refusal.field or None, str(refusal))
            return self.form_invalid(form)
        messages.success(self.request, _("“%(name)s” is saved.") % {"name": field})
        return redirect("members:fields", self.request.community.slug)


class OneField(New):
    @cached_property
    def field(self) -> CustomField:
        return _find(self.request, self.kwargs["field_id"])

    def get_initial(self) -> dict[str, Any]:
        given = {name: getattr(self.field, name) for name in custom_fields.FIELDS}
        return given | {"choices": "\n".join(self.field.choices)}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(field=self.field, **kwargs)

    def save(self, fields: dict[str, Any], by: Actor) -> CustomField:
        return custom_fields.update(field=self.field, at=now(), by=by, **fields)


class Delete(Desk, View):
    permission = "members.fields"
    http_method_names = ["post"]

    def post(self, request: TenantRequest, field_id: int) -> HttpResponse:
        field = _find(request, field_id)
        custom_fields.delete(field=field, at=now(), by=Actor.of_request(request))
        messages.success(request, _("“%(name)s” is deleted.") % {"name": field})
        return redirect("members:fields", request.community.slug)
