"""One thing done to many members, at the desk: chosen for rows or for all that fit, watched, taken back."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.forms import Form
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.functional import cached_property
from django.views import View
from django.views.generic import FormView

from kernel import sheets
from kernel.clock import now
from kernel.doors import Desk
from kernel.errors import Refused
from kernel.tenancy import TenantRequest
from members.actors import Actor
from members.forms.bulk import BulkForm
from members.models import BulkAct
from members.models.membership import MembershipQuerySet
from members.selectors import bulk as found
from members.selectors import directory
from members.selectors import rules as conditions
from members.services import bulk
from members.views.asked import Asked
from members.views.directory import picks

SHOWN_ACTS = 30


class Begin(Desk, FormView):
    """What to do with the rows that were picked, or with all that the address asks for when none is."""

    permission = "members.view"
    template_name = "members/bulk/begin.html"

    @cached_property
    def asked(self) -> Asked:
        request = self.request
        return Asked(request.community, request.GET, at=now(), may=request.membership.may)

    @cached_property
    def picked(self) -> list[int]:
        return [] if "all" in self.request.GET else picks(self.request.GET.getlist("pick"))

    @cached_property
    def members(self) -> MembershipQuerySet:
        if self.asked.problem:
            return self.asked.members.none()
        return self.asked.members.filter(number__in=self.picked) if self.picked else self.asked.members

    def get_form(self, form_class: type[Form] | None = None) -> Form:
        return BulkForm(**self.get_form_kwargs(), tiers=self.asked.tiers, by=self.request.membership)

    def get_initial(self) -> dict[str, Any]:
        return {"what": self.request.GET.get("what", "")}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            count=directory.count(self.members),
            told="" if self.picked else conditions.told(self.asked.whole, self.asked.catalogue),
            query=self.asked.query("pick", "all", "what"),
            **kwargs,
        )

    def form_valid(self, form: BulkForm) -> HttpResponse:
        try:
            act = bulk.begin(
                community=self.request.community,
                kind=form.kind,
                options=form.options,
                members=self.members,
                asked={"numbers": self.picked} if self.picked else self.asked.whole,
                at=now(),
                by=Actor.of_request(self.request),
            )
        except Refused as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
            return self.form_invalid(form)
        return redirect("members:bulk_act", self.request.community.slug, act.pk)


class Acts(Desk, View):
    """What was done to many lately."""

    permission = "members.view"
    http_method_names = ["get"]

    def get(self, request: TenantRequest) -> HttpResponse:
        lines = [
            {"act": act, "words": found.words(act, request.community)}
            for act in found.of(community_id=request.community.id)[:SHOWN_ACTS]
        ]
        return render(request, "members/bulk/index.html", {"lines": lines})


class OneAct(Desk, View):
    """An act's page; while it runs, its inner part asks again every second."""

    permission = "members.view"

    def act(self, request: TenantRequest, bulk_id: UUID) -> BulkAct:
        act = found.one(community_id=request.community.id, bulk_id=bulk_id)
        if act is None:
            raise Http404
        return act

    def get(self, request: TenantRequest, bulk_id: UUID) -> HttpResponseBase:
        act = self.act(request, bulk_id)
        may = request.membership.may(bulk.permission(act.kind, act.options))
        undone = getattr(act, "undo", None)
        context = {
            "act": act,
            "words": found.words(act, request.community),
            "failure": found.failure(act),
            "refused": list(found.refused(act, most=found.SHOWN_REFUSED)) if act.is_over else [],
            "undone": undone,
            "may_undo": may and undone is None and bulk.can_be_undone(act),
        }
        fragment = request.htmx and not request.htmx.boosted
        return render(request, "members/bulk/_act.html" if fragment else "members/bulk/act.html", context)


class Undo(OneAct):
    http_method_names = ["post"]

    def post(self, request: TenantRequest, bulk_id: UUID) -> HttpResponse:
        act = self.act(request, bulk_id)
        try:
            act = bulk.undo(act=act, at=now(), by=Actor.of_request(request))
        except Refused as refusal:
            messages.error(request, str(refusal))
        return redirect("members:bulk_act", request.community.slug, act.pk)


class Report(OneAct):
    """Everybody who was refused and why, as CSV."""

    http_method_names = ["get"]

    def get(self, request: TenantRequest, bulk_id: UUID) -> HttpResponseBase:
        header, rows = found.report(self.act(request, bulk_id))
        return sheets.answer(header, rows, name=f"{request.community.slug}-refused.csv")
