"""Saved segments at the desk: listed, saved from what the table is asked, renamed, changed, taken away."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.views import View
from django.views.generic import FormView

from kernel import words
from kernel.clock import now
from kernel.doors import Desk
from kernel.errors import Refused
from kernel.tenancy import TenantRequest
from members.actors import Actor
from members.forms.segments import SegmentForm
from members.models import Segment
from members.selectors import directory
from members.selectors import rules as conditions
from members.selectors import segments as found
from members.services import segments
from members.views.asked import Asked


def _find(request: TenantRequest, segment_id: int) -> Segment:
    segment = (
        found.of(request.community, may=request.membership.may).filter(pk=segment_id).first()
        if segment_id < 2**63
        else None
    )
    if segment is None:
        raise Http404
    return segment


class Segments(Desk, View):
    """Every segment, with what it asks."""

    permission = "members.view"
    http_method_names = ["get"]

    def get(self, request: TenantRequest) -> HttpResponse:
        catalogue = conditions.catalogue(request.community, may=request.membership.may)
        lines = []
        for segment in found.of(request.community, may=request.membership.may):
            rules, problem = found.understood(segment, catalogue)
            lines.append({"segment": segment, "words": problem or conditions.told(rules, catalogue)})
        context = {"lines": lines, "may_change": request.membership.may("members.change")}
        return render(request, "members/segments/index.html", context)


class Count(Desk, View):
    """How many are in a segment at this moment, for the tab that asks once its page is there."""

    permission = "members.view"
    http_method_names = ["get"]

    def get(self, request: TenantRequest, segment_id: int) -> HttpResponse:
        segment = _find(request, segment_id)
        catalogue = conditions.catalogue(request.community, may=request.membership.may)
        rules, _problem = found.understood(segment, catalogue)
        members = directory.fitting(community=request.community, rules=rules, catalogue=catalogue, at=now())
        count = directory.count(members)
        return HttpResponse(words.number(count.number) + ("+" if count.more else ""))


class New(Desk, FormView):
    """Save what the table is asked, under a name; or as what the segment that is open means from now on."""

    permission = "members.change"
    template_name = "members/segments/new.html"
    form_class = SegmentForm

    @cached_property
    def asked(self) -> Asked:
        request = self.request
        return Asked(request.community, request.GET, at=now(), may=request.membership.may)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        told = conditions.told(self.asked.whole, self.asked.catalogue)
        count = directory.count(self.asked.members)
        return super().get_context_data(asked=self.asked, told=told, count=count, **kwargs)

    def post(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        if "change" not in request.POST or self.asked.segment is None:
            return super().post(request, *args, **kwargs)
        try:
            segment = segments.update(
                segment=self.asked.segment,
                rules=self.asked.whole,
                catalogue=self.asked.catalogue,
                at=now(),
                by=Actor.of_request(request),
            )
        except Refused as refusal:
            form = self.get_form()
            form.is_valid()
            form.errors.clear()
            form.add_error(None, str(refusal))
            return self.form_invalid(form)
        messages.success(request, _("“%(name)s” is changed.") % {"name": segment})
        return _to(self.request, segment)

    def form_valid(self, form: SegmentForm) -> HttpResponse:
        try:
            segment = segments.create(
                community=self.request.community,
                name=form.cleaned_data["name"],
                rules=self.asked.whole,
                catalogue=self.asked.catalogue,
                at=now(),
                by=Actor.of_request(self.request),
            )
        except Refused as refusal:
            form.add_error("name" if refusal.field == "name" else None, str(refusal))
            return self.form_invalid(form)
        return _to(self.request, segment)


class OneSegment(Desk, FormView):
    """Rename a segment, or take it away."""

    permission = "members.change"
    template_name = "members/segments/segment.html"
    form_class = SegmentForm

    @cached_property
    def segment(self) -> Segment:
        return _find(self.request, self.kwargs["segment_id"])

    def get_initial(self) -> dict[str, Any]:
        return {"name": self.segment.name}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        catalogue = conditions.catalogue(self.request.community, may=self.request.membership.may)
        rules, problem = found.understood(self.segment, catalogue)
        told = problem or conditions.told(rules, catalogue)
        return super().get_context_data(segment=self.segment, told=told, **kwargs)

    def form_valid(self, form: SegmentForm) -> HttpResponse:
        try:
            segment = segments.update(
                segment=self.segment,
                name=form.cleaned_data["name"],
                catalogue={},
                at=now(),
                by=Actor.of_request(self.request),
            )
        except Refused as refusal:
            form.add_error("name" if refusal.field == "name" else None, str(refusal))
            return self.form_invalid(form)
        return _to(self.request, segment)


class Delete(Desk, View):
    permission = "members.change"
    http_method_names = ["post"]

    def post(self, request: TenantRequest, segment_id: int) -> HttpResponse:
        segment = _find(request, segment_id)
        try:
            segments.delete(segment=segment, at=now(), by=Actor.of_request(request))
        except Refused as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, _("“%(name)s” is deleted; its members stay.") % {"name": segment})
        return redirect("members:desk", request.community.slug)


def _to(request: TenantRequest, segment: Segment) -> HttpResponse:
    place = reverse("members:desk", args=[request.community.slug])
    return redirect(f"{place}?segment={segment.pk}")
