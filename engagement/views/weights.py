"""What an act of each kind is worth in this community."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.generic import FormView

from communities.services import settings as community_settings
from engagement.forms import WeightsForm
from kernel.clock import now
from kernel.doors import Desk
from kernel.errors import Refused
from members.actors import Actor


class Weights(Desk, FormView):
    permission = "settings.change"
    template_name = "engagement/weights.html"
    form_class = WeightsForm

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"chosen": self.request.community.score_weights}

    def form_valid(self, form: WeightsForm) -> HttpResponse:
        community = self.request.community
        try:
            community_settings.update(
                community=community,
                at=now(),
                by=Actor.of_request(self.request),
                score_weights=form.chosen(),
            )
        except Refused as refusal:
            form.add_error(None, str(refusal))
            return self.form_invalid(form)
        messages.success(self.request, _("The weights are saved. Scores follow within a minute."))
        return redirect("engagement:weights", community.slug)
