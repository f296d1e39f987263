"""How a gathering comes again: said for the first time, and said anew from one of them on."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.generic import FormView

from gatherings import again
from gatherings.forms import AgainForm
from gatherings.selectors import occurrences
from gatherings.services import series
from gatherings.views.planning import LookedAfter
from kernel.clock import now
from kernel.errors import Refused
from members.actors import Actor


class Again(LookedAfter, FormView):
    template_name = "gatherings/again.html"
    form_class = AgainForm

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"of": self.event}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        event = self.event
        rule = again.of_series(event.series, event.zone) if event.series else ""
        return super().get_context_data(
            community=self.request.community,
            event=event,
            rule=rule,
            others=occurrences.next_of(event, self.request, now()),
            **kwargs,
        )

    def form_valid(self, form: AgainForm) -> HttpResponse:
        say = series.change_rule if self.event.series_id is not None else series.begin
        try:
            say(event=self.event, rule=form.cleaned_data["rule"], at=now(), by=Actor.of_request(self.request))
        except Refused as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
            return self.form_invalid(form)
        messages.success(self.request, _("Saved: they stand in the calendar."))
        return self.back()
