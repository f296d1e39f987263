"""The desk's queue of applications: read, weighed, decided."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import FileResponse, Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.views import View
from django.views.generic import FormView

from communities.joining_forms import DecisionForm
from communities.models import Application, Decision
from communities.selectors import applications as found
from communities.services import applications, letters
from kernel import words
from kernel.clock import now
from kernel.doors import Desk
from kernel.errors import Refused
from kernel.tenancy import TenantRequest
from members.actors import Actor

#: Decisions of staff, with the key that chooses each on the page.
CHOICES = ((Decision.APPROVE, "a"), (Decision.WAIT, "w"), (Decision.REJECT, "r"))


class Queue(Desk, View):
    permission = "members.change"

    def get(self, request: TenantRequest) -> HttpResponse:
        tab = request.GET.get("tab", "open")
        tab = tab if tab in found.TABS else "open"
        counts = found.counts(request.community)
        labels = {"open": _("To be read"), "waiting": _("On the waiting list"), "decided": _("Decided")}
        context = {
            "tab": tab,
            "tabs": [
                (f"{label} · {words.number(counts[key])}", f"{request.path}?tab={key}", key == tab)
                for key, label in labels.items()
            ],
            "page": found.queue(request.community, tab, request.GET.get("at", "")),
        }
        return render(request, "communities/desk/applications.html", context)


class OneApplication(Desk, FormView):
    """One application with its decision, chosen in the address (`decision`), so that it works without a script."""

    permission = "members.change"
    template_name = "communities/desk/application.html"
    form_class = DecisionForm

    @cached_property
    def application(self) -> Application:
        application = found.one(self.request.community, self.kwargs["application_id"])
        if application is None:
            raise Http404
        return application

    @property
    def decision(self) -> str:
        asked = self.request.GET.get("decision", "")
        return asked if asked in [choice.value for choice, _key in CHOICES] else Decision.APPROVE.value

    def get_initial(self) -> dict[str, Any]:
        application = self.application
        membership, community = application.membership, self.request.community
        template = letters.text(community, self.decision, letters.language_of(membership, community))
        return {
            "message": letters.fill(
                template, name=membership.display_name, community=community.name, reason="{reason}"
            ),
            "seen": (application.decided_at or application.made_at).isoformat(),
        }

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        application = self.application
        later = found.next_to_read(application)
        here = self.request.path
        return super().get_context_data(
            application=application,
            member=application.membership,
            answers=found.answers(application),
            references=found.references(application),
            earlier=found.before(application),
            next=later,
            decision=self.decision,
            choices=[
                (choice.label, f"{here}?decision={choice.value}", choice.value == self.decision, key)
                for choice, key in CHOICES
                if choice != Decision.WAIT or application.state == Application.State.OPEN
            ],
            **kwargs,
        )

    def form_valid(self, form: DecisionForm) -> HttpResponse:
        application = self.application
        try:
            decided = applications.decide(
                application=application,
                decision=self.decision,
                at=now(),
                by=Actor.of_request(self.request),
                reason=form.cleaned_data["reason"],
                message=form.cleaned_data["message"],
                seen=form.cleaned_data["seen"],
            )
        except Refused as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
            return self.form_invalid(form)
        messages.success(self.request, _told(decided, self.decision))
        slug = self.request.community.slug
        later = found.next_to_read(decided)
        if later is None:
            return redirect("communities:applications", slug)
        return redirect("communities:application", slug, later.key)


class File(Desk, View):
    """What an applicant sent: never shown in the page, always as an attachment."""

    permission = "members.change"

    def get(self, request: TenantRequest, application_id: UUID, file_id: UUID) -> HttpResponseBase:
        file = found.file(request.community, application_id, file_id)
        if file is None or not file.file.storage.exists(str(file.file.name)):
            raise Http404
        response = FileResponse(
            file.file.open("rb"), as_attachment=True, filename=file.name, content_type=file.media_type
        )
        response["Cache-Control"] = "private, no-store"
        response["Content-Security-Policy"] = "sandbox; default-src 'none'"
        response["X-Content-Type-Options"] = "nosniff"
        return response


def _told(application: Application, asked: str) -> str:
    name = application.membership.display_name
    if application.decision != asked:
        return _("The tier is full: %(name)s is on the waiting list.") % {"name": name}
    told = {
        Decision.APPROVE.value: _("%(name)s is approved."),
        Decision.WAIT.value: _("%(name)s is on the waiting list."),
        Decision.REJECT.value: _("%(name)s is rejected."),
    }
    return told[asked] % {"name": name}
