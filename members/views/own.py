"""A member's own page in one community: what they show, where they stand, a pause."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.views import View
from django.views.generic import FormView

from kernel import slots
from kernel.clock import now
from kernel.doors import MembersOnly, SignedIn
from kernel.errors import Refused
from kernel.tenancy import TenantRequest
from members.actors import Actor
from members.forms.people import OwnForm, PauseForm
from members.models import CustomField
from members.roles import NOT_JOINED, Status
from members.selectors import card, own
from members.services import profiles, standing
from members.statuses import acts


class Own(SignedIn, FormView):
    """For members, and, to read only, for those whose membership is over: they learn here why."""

    template_name = "members/own/own.html"
    form_class = OwnForm

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        membership = getattr(request, "membership", None)
        if request.user.is_authenticated and (membership is None or membership.status in NOT_JOINED):
            raise Http404
        return super().dispatch(request, *args, **kwargs)

    @cached_property
    def fields(self) -> list[CustomField]:
        """The community's own fields that its member sees."""
        return list(CustomField.objects.of(self.request.community.id).seen_by_their_member())

    def get_form_kwargs(self) -> dict[str, Any]:
        editable = [field for field in self.fields if field.editable]
        return super().get_form_kwargs() | {"membership": self.request.membership, "custom": editable}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        membership = self.request.membership
        words, meaning = own.standing(membership)
        return super().get_context_data(
            membership=membership,
            words=words,
            meaning=meaning,
            history=own.history(membership),
            hue=card.hue(membership.tier),
            may_pause=membership.status in acts.get("pause").sources,
            kept=own.kept(membership, self.fields),
            may_resume=membership.status == Status.PAUSED,
            parts=slots.render("own.aside", self.request, membership),
            **kwargs,
        )

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not self.request.membership.is_admitted:
            raise Http404
        return super().post(request, *args, **kwargs)

    def form_valid(self, form: OwnForm) -> HttpResponse:
        try:
            profiles.present(membership=self.request.membership, at=now(), **form.profile())
        except Refused as refusal:
            form.add_error(None, str(refusal))
            return self.form_invalid(form)
        messages.success(self.request, _("Saved."))
        return redirect("members:own", self.request.community.slug)


class Pause(MembersOnly, FormView):
    template_name = "members/own/pause.html"

    def get_form(self, form_class: Any = None) -> PauseForm:
        zone = self.request.community.zone
        return PauseForm(**self.get_form_kwargs(), act=acts.get("pause"), zone=zone)

    def form_valid(self, form: PauseForm) -> HttpResponse:
        membership, by = self.request.membership, Actor.of_request(self.request)
        try:
            standing.act("pause", membership=membership, at=now(), by=by, **form.cleaned_data)
        except Refused as refusal:
            form.add_error(refusal.field or None, str(refusal))
            return self.form_invalid(form)
        messages.success(self.request, _("Your membership is paused."))
        return redirect("members:own", self.request.community.slug)


class Resume(MembersOnly, View):
    http_method_names = ["post"]

    def post(self, request: TenantRequest) -> HttpResponse:
        try:
            standing.act("resume", membership=request.membership, at=now(), by=Actor.of_request(request))
        except Refused as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, _("Welcome back: your membership goes on."))
        return redirect("members:own", request.community.slug)
