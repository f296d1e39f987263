"""Gatherings at the desk: all of them with their places, what members propose, and who may plan."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.forms import model_to_dict
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views import View
from django.views.generic import FormView

from gatherings.access import MANAGE
from gatherings.forms import AnswerForm, RulesForm
from gatherings.models import Event
from gatherings.selectors import seen
from gatherings.services import events, rules
from kernel import keyset
from kernel.clock import now
from kernel.doors import Desk
from kernel.errors import Refused
from kernel.tenancy import TenantRequest
from members.actors import Actor

TONES = {Event.State.PROPOSED: "warn", Event.State.CANCELLED: "bad", Event.State.PUBLISHED: "good"}


class Events(Desk, View):
    """All gatherings, by state and time, with how many places are taken."""

    permission = MANAGE

    def get(self, request: TenantRequest) -> HttpResponse:
        wanted = {
            name: request.GET.get(name, "").replace("\x00", "")[:120] for name in ("q", "state", "time")
        }
        rows, order = seen.at_the_desk(request, wanted, now())
        page, _days = seen.page(rows, request, order=order, cursor=request.GET.get("at", ""))
        context = {
            "page": page,
            "rows": [(event, TONES.get(Event.State(event.state), "")) for event in page.rows],
            "wanted": wanted,
            "narrowed": any(wanted.values()),
            "states": Event.State.choices,
        }
        part = bool(getattr(request, "htmx", False))
        name = "gatherings/desk/_events.html" if part else "gatherings/desk/events.html"
        return render(request, name, context)


class Proposals(Desk, View):
    """What members have proposed, the longest wait first."""

    permission = MANAGE

    def get(self, request: TenantRequest) -> HttpResponse:
        return _proposals(request, request.GET.get("at", ""))


class Decide(Desk, View):
    """Announce what a member has proposed, or decline it; what was written stays in its form where it cannot be done."""

    permission = MANAGE
    http_method_names = ["post"]

    def post(self, request: TenantRequest, event_key: UUID) -> HttpResponse:
        event = seen.shown(request).filter(key=event_key).first()
        if event is None:
            raise Http404
        form = AnswerForm(request.POST, auto_id=_ids(event))
        agrees = request.POST.get("act") == "approve"
        if not form.is_valid():
            return _proposals(request, refused=(event.pk, form))
        by = Actor.of_request(request)
        try:
            events.decide(event=event, agrees=agrees, at=now(), by=by, **form.cleaned_data)
        except Refused as refusal:
            if refusal.field != "reason":
                messages.error(request, str(refusal))
                return redirect("gatherings:proposals", request.community.slug)
            form.add_error("reason", str(refusal))
            return _proposals(request, refused=(event.pk, form))
        told = _("“%(event)s” is announced.") if agrees else _("“%(event)s” is declined.")
        messages.success(request, told % {"event": event.title})
        return redirect("gatherings:proposals", request.community.slug)


class Rules(Desk, FormView):
    """Who may plan gatherings, and when people are reminded of them."""

    permission = rules.SETTINGS
    template_name = "gatherings/desk/rules.html"
    form_class = RulesForm

    def get_initial(self) -> dict[str, Any]:
        return model_to_dict(
            events.rules_of(self.request.community), fields=list(self.form_class.base_fields)
        )

    def form_valid(self, form: RulesForm) -> HttpResponse:
        by = Actor.of_request(self.request)
        try:
            rules.save(community=self.request.community, at=now(), by=by, **form.cleaned_data)
        except Refused as refusal:
            form.add_error(refusal.field or None, str(refusal))
            return self.form_invalid(form)
        messages.success(self.request, _("Saved."))
        return redirect("gatherings:rules", self.request.community.slug)


def _proposals(
    request: TenantRequest, cursor: str = "", refused: tuple[int, AnswerForm] | None = None
) -> HttpResponse:
    rows = seen.proposals(request).select_related("planned_by")
    page = keyset.page(rows, order=seen.LONGEST_WAIT, size=seen.PAGE, cursor=cursor)
    seen.fill(page.rows, request)
    again = dict([refused] if refused else [])
    shown = [(event, again.get(event.pk) or AnswerForm(auto_id=_ids(event))) for event in page.rows]
    return render(request, "gatherings/desk/proposals.html", {"page": page, "rows": shown})


def _ids(event: Event) -> str:
    """The fields' ids on a page with a form for each."""
    return f"%s_{event.pk}"
