"""What a community keeps of people: told to everyone who may see it, decided at the desk, tried before it is done."""

from typing import Any

from django.contrib import messages
from django.forms import ModelForm
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views import View
from django.views.generic import FormView

from kernel import markdown, sheets
from kernel.clock import local_day, now
from kernel.doors import Desk
from kernel.errors import Refused
from kernel.tenancy import TenantRequest
from members.actors import Actor
from members.forms.privacy import PrivacyForm
from members.models import Purpose
from members.selectors import retention as kept
from members.services import audit, person_export, retention


class Privacy(View):
    """For everyone who may see the community's face."""

    http_method_names = ["get"]

    def get(self, request: TenantRequest) -> HttpResponse:
        policy = kept.policy(request.community.id)
        context = {
            "policy": policy,
            "purposes": Purpose.labels,
            "words": markdown.render(policy.words) if policy.words else "",
            "days": person_export.KEPT.days,
            "letters": kept.days_of_letters(policy),
        }
        return render(request, "members/privacy.html", context)


class Keeping(Desk, FormView):
    """How long what is kept, and what a clean-up would remove if it were now."""

    permission = "settings.change"
    template_name = "members/privacy/settings.html"
    form_class = PrivacyForm

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"instance": kept.policy(self.request.community.id)}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        # What is in force, not what a form that was refused would bring about.
        due = kept.due(kept.policy(self.request.community.id), at=now())
        counts = due.counts
        return super().get_context_data(
            counts=counts,
            total=sum(counts.values()),
            members=due.members[: kept.SHOWN],
            applicants=due.applicants[: kept.SHOWN],
            shown=kept.SHOWN,
            **kwargs,
        )

    def form_valid(self, form: ModelForm) -> HttpResponse:
        try:
            retention.decide(
                community=self.request.community,
                at=now(),
                by=Actor.of_request(self.request),
                **form.cleaned_data,
            )
        except Refused as refusal:
            form.add_error(refusal.field or None, str(refusal))
            return self.form_invalid(form)
        messages.success(self.request, _("It is decided. Below stands what the next clean-up removes."))
        return redirect("members:keeping", self.request.community.slug)


class Due(Desk, View):
    """All that a clean-up would remove now, as CSV."""

    permission = "settings.change"
    http_method_names = ["get"]

    def get(self, request: TenantRequest) -> HttpResponseBase:
        at, community = now(), request.community
        audit.record(
            action="retention.listed",
            object_kind="privacy",
            by=Actor.of_request(request),
            at=at,
            community_id=community.id,
        )
        found = kept.due(kept.policy(community.id), at=at)
        name = f"{community.slug}-clean-up-{local_day(at, community.zone)}.csv"
        return sheets.answer(kept.HEADER, kept.sheet(found), name=name)
