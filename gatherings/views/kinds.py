"""The tickets of a gathering, as who looks after it sells them."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from gatherings import access as rules
from gatherings.models import TicketKind
from gatherings.selectors import tickets as found
from gatherings.services import kinds
from gatherings.ticket_forms import KindForm, TermsForm
from gatherings.views.tickets import OfEvent
from kernel.clock import now
from kernel.doors import MembersOnly
from kernel.errors import Refused
from kernel.tenancy import TenantRequest
from members.actors import Actor


class LookedAfter(MembersOnly, OfEvent):
    """For its hosts and who plans gatherings, on the event's clock."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        viewer = getattr(request, "membership", None)
        if viewer and viewer.is_admitted:
            if not rules.looks_after(viewer, self.event):
                raise PermissionDenied
            with timezone.override(self.event.zone):
                return super().dispatch(request, *args, **kwargs)
        return super().dispatch(request, *args, **kwargs)

    def done(self) -> HttpResponse:
        return redirect("gatherings:kinds", self.request.community.slug, self.event.key)

    @property
    def by(self) -> Actor:
        return Actor.of_request(self.request)


class Kinds(LookedAfter):
    """All kinds with how many are taken, what holds for all of them, and one more."""

    def get(self, request: TenantRequest, event_key: UUID) -> HttpResponse:
        return self._page(KindForm(event=self.event), self._terms())

    def post(self, request: TenantRequest, event_key: UUID) -> HttpResponse:
        if request.POST.get("act") == "terms":
            return self._set_terms()
        form = KindForm(request.POST, event=self.event)
        if not form.is_valid():
            return self._page(form, self._terms())
        try:
            kinds.add(event=self.event, at=now(), by=self.by, **form.cleaned_data)
        except Refused as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
            return self._page(form, self._terms())
        messages.success(request, _("There is a new kind of ticket."))
        return self.done()

    def _set_terms(self) -> HttpResponse:
        form = TermsForm(self.request.POST)
        if not form.is_valid():
            return self._page(KindForm(event=self.event), form)
        given = dict(form.cleaned_data)
        given["tax_rate"] = int(given.pop("tax_percent") * 100)
        try:
            kinds.set_terms(event=self.event, at=now(), by=self.by, **given)
        except Refused as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
            return self._page(KindForm(event=self.event), form)
        messages.success(self.request, _("Saved."))
        return self.done()

    def _terms(self) -> TermsForm:
        event = self.event
        initial = {
            "refund_hours": event.refund_hours,
            "tax_percent": event.tax_rate / 100,
            "offer_hours": event.offer_hours,
        }
        return TermsForm(initial=initial)

    def _page(self, form: KindForm, terms: TermsForm) -> HttpResponse:
        context = {
            "community": self.request.community,
            "event": self.event,
            "kinds": found.sold(self.event),
            "form": form,
            "terms": terms,
            "can_be_paid": kinds.can_be_paid(self.event),
        }
        return render(self.request, "gatherings/kinds.html", context)


class Kind(LookedAfter):
    """One kind: changed, withdrawn, sold again."""

    def get(self, request: TenantRequest, event_key: UUID, kind_key: UUID) -> HttpResponse:
        kind = self._kind(kind_key)
        return self._page(kind, KindForm(event=self.event, kind=kind))

    def post(self, request: TenantRequest, event_key: UUID, kind_key: UUID) -> HttpResponse:
        kind, act = self._kind(kind_key), request.POST.get("act", "")
        form = KindForm(request.POST, event=self.event, kind=kind)
        try:
            if act in ("withdraw", "sell"):
                kinds.withdraw(kind=kind, withdrawn=act == "withdraw", at=now(), by=self.by)
            elif form.is_valid():
                kinds.change(kind=kind, at=now(), by=self.by, **form.cleaned_data)
            else:
                return self._page(kind, form)
        except Refused as refusal:
            if act:
                messages.error(request, str(refusal))
                return self.done()
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
            return self._page(kind, form)
        messages.success(request, _("Saved."))
        return self.done()

    def _kind(self, key: UUID) -> TicketKind:
        kind = self.event.kinds.filter(key=key).select_related("event__community", "room").first()
        if kind is None:
            raise Http404
        return kind

    def _page(self, kind: TicketKind, form: KindForm) -> HttpResponse:
        context = {"community": self.request.community, "event": self.event, "kind": kind, "form": form}
        return render(self.request, "gatherings/kind.html", context)
