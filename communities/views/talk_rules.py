"""The settings of what may be written: words, links, and what newcomers may do."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.generic import FormView

from communities.moderation_forms import TalkRulesForm
from communities.services import talk_rules
from kernel.clock import now
from kernel.doors import Desk
from kernel.errors import Refused
from members.actors import Actor


class TalkRules(Desk, FormView):
    permission = "settings.change"
    template_name = "communities/moderation/talk_rules.html"
    form_class = TalkRulesForm

    def get_initial(self) -> dict[str, Any]:
        return TalkRulesForm.shown(talk_rules.of(self.request.community.pk))

    def form_valid(self, form: TalkRulesForm) -> HttpResponse:
        by = Actor.of_request(self.request)
        try:
            talk_rules.save(community=self.request.community, at=now(), by=by, **form.cleaned_data)
        except Refused as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
            return self.form_invalid(form)
        messages.success(self.request, _("Saved."))
        return redirect("communities:talk_rules", self.request.community.slug)
