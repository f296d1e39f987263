"""Planning a gathering: a new one, changing it, announcing it, calling it off."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View
from django.views.generic import FormView

from communities.models import Circle
from gatherings import access as rules
from gatherings.forms import CancelForm, EventForm, written
from gatherings.models import Event
from gatherings.selectors import rooms, seen
from gatherings.services import events, planning, series
from gatherings.services.series import Scope
from gatherings.views import brought
from gatherings.views.events import OfEvent
from kernel import access, slots
from kernel.clock import now
from kernel.doors import MembersOnly
from kernel.errors import Refused
from kernel.tenancy import TenantRequest
from members.actors import Actor

#: What has become of an event that was to be announced.
TOLD = {
    Event.State.PUBLISHED: gettext_lazy("It is announced."),
    Event.State.PROPOSED: gettext_lazy("It is proposed: you hear as soon as somebody has decided."),
}


class _Written(FormView):
    """The form of an event, which is kept as a draft or announced."""

    template_name = "gatherings/edit.html"
    form_class = EventForm
    request: Any

    def get_form_kwargs(self) -> dict[str, Any]:
        given = {"community": self.request.community, "viewer": self.request.membership}
        return super().get_form_kwargs() | given

    def form_valid(self, form: EventForm) -> HttpResponse:
        announce = self.request.POST.get("act") == "announce"
        try:
            event = self.save(form, announce=announce, at=now(), by=Actor.of_request(self.request))
        except Refused as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
            return self.form_invalid(form)
        brought.pictures_of(self.request, event)
        told = TOLD.get(Event.State(event.state)) if announce else None
        messages.success(self.request, str(told or _("Saved.")))
        return redirect("gatherings:event", self.request.community.slug, event.key)

    def save(self, form: EventForm, **given: Any) -> Event:
        raise NotImplementedError


class New(MembersOnly, _Written):
    """A gathering of one's own, where members hold gatherings, or the staff's."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        tenant: Any = request
        viewer = tenant.membership
        if viewer and viewer.is_admitted and not events.plans_somewhere(viewer, tenant.community):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def get_initial(self) -> dict[str, Any]:
        slug = self.request.GET.get("circle", "").replace("\x00", "")
        rows = access.visible(Circle.objects.of(self.request.community.id), self.request.membership)
        return {
            "timezone": self.request.community.timezone,
            "hosts": written([self.request.membership]),
            "circle": rows.filter(slug=slug, archived_at=None).first() if slug else None,
        }

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        community = self.request.community
        return super().get_context_data(
            community=community, announces=events.announces(self.request.membership, community), **kwargs
        )

    def save(self, form: EventForm, **given: Any) -> Event:
        hosts = form.cleaned_data["hosts"]
        return planning.plan(
            community=self.request.community, ways=form.ways, held_by=hosts, **form.said, **given
        )


class LookedAfter(OfEvent, MembersOnly):
    """For its hosts, and staff who plan gatherings."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        viewer = getattr(request, "membership", None)
        if viewer and viewer.is_admitted and not rules.looks_after(viewer, self.event):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)


class Edit(LookedAfter, _Written):
    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"of": self.event}

    def get_initial(self) -> dict[str, Any]:
        rooms.fill([self.event])
        ways = {room.way: room.capacity for room in self.event.ways}
        return EventForm.shown(self.event, ways, seen.hosts_of(self.event))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        event, request = self.event, self.request
        may = event.state in (Event.State.DRAFT, Event.State.DECLINED)
        return super().get_context_data(
            community=request.community,
            event=event,
            announces=events.announces(request.membership, request.community, event.circle),
            may_announce=may,
            parts=slots.render("event.edit", request, event),
            **kwargs,
        )

    def save(self, form: EventForm, **given: Any) -> Event:
        hosts, scope = form.cleaned_data["hosts"], form.cleaned_data.get("scope", Scope.ONE)
        return planning.change(
            event=self.event, ways=form.ways, held_by=hosts, scope=scope, **form.said, **given
        )


class Announce(LookedAfter, View):
    """Announce a draft, or propose it."""

    http_method_names = ["post"]

    def post(self, request: TenantRequest, **kwargs: Any) -> HttpResponse:
        try:
            event = events.publish(event=self.event, at=now(), by=Actor.of_request(request))
        except Refused as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, str(TOLD[Event.State(event.state)]))
        return self.back()


class Cancel(LookedAfter, FormView):
    """Says whom it concerns, asks why, and calls the event off."""

    template_name = "gatherings/cancel.html"
    form_class = CancelForm

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"of": self.event}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        rooms.fill([self.event])
        return super().get_context_data(community=self.request.community, event=self.event, **kwargs)

    def form_valid(self, form: CancelForm) -> HttpResponse:
        by = Actor.of_request(self.request)
        try:
            series.cancel(event=self.event, at=now(), by=by, **{"scope": Scope.ONE} | form.cleaned_data)
        except Refused as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
            return self.form_invalid(form)
        messages.success(self.request, _("It is cancelled."))
        return self.back()
