"""By which targets and weights this community's well-being is judged."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.generic import FormView

from engagement.forms import GoalsForm
from engagement.selectors import standards
from engagement.services import standards as setting
from kernel.clock import now
from kernel.doors import Desk
from kernel.errors import Refused
from members.actors import Actor


class Goals(Desk, FormView):
    permission = "settings.change"
    template_name = "engagement/goals.html"
    form_class = GoalsForm

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"goals": standards.in_force(self.request.community)}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        community = self.request.community
        return super().get_context_data(versions=standards.every(community), **kwargs)

    def form_valid(self, form: GoalsForm) -> HttpResponse:
        community = self.request.community
        try:
            setting.change(
                community=community, goals=form.chosen(), at=now(), by=Actor.of_request(self.request)
            )
        except Refused as refusal:
            form.add_error(None, str(refusal))
            return self.form_invalid(form)
        messages.success(
            self.request, _("The targets are saved. They hold from today on; the past stays as it was.")
        )
        return redirect("engagement:health_goals", community.slug)
