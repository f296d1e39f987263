"""What a community has decided about its money: who stands on its invoices, their numbers, what is waited for, rewards."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.generic import FormView

from commerce.forms import MoneyForm
from commerce.services import money_settings
from kernel.clock import now
from kernel.doors import Desk
from kernel.errors import Refused
from members.actors import Actor


class Settings(Desk, FormView):
    permission = money_settings.MANAGE
    template_name = "commerce/desk/settings.html"
    form_class = MoneyForm

    def get_form_kwargs(self) -> dict[str, Any]:
        community = self.request.community
        given = {"settings": money_settings.of(community.id), "currency": community.currency}
        return super().get_form_kwargs() | given

    def form_valid(self, form: MoneyForm) -> HttpResponse:
        request = self.request
        try:
            money_settings.change(
                community=request.community,
                at=now(),
                by=Actor.of_request(request),
                **form.fields_of_settings(),
            )
        except Refused as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
            return self.form_invalid(form)
        messages.success(request, _("The changes are saved."))
        return redirect("commerce:settings", request.community.slug)
