"""Circles as staff keep them, among the settings."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.views import View
from django.views.generic import FormView

from communities.circle_forms import CircleForm, NumberForm
from communities.models import Circle
from communities.selectors import circles as seen
from communities.selectors import talk_sheet
from communities.services import circle_hosts, circles, measures
from kernel import access, sheets
from kernel.clock import local_day, now
from kernel.doors import Desk
from kernel.errors import Refused
from kernel.tenancy import TenantRequest
from members.actors import Actor
from members.models import Membership
from members.services import audit

PEOPLE_SHOWN = 200
#: What is done to who is in a circle.
CHANGES = {
    "take_out": circles.take_out,
    "appoint": circle_hosts.appoint,
    "dismiss": circle_hosts.dismiss,
}


class ExportTalk(Desk, View):
    """What was written, all of it that one reads or that of one circle, as CSV; the audit log keeps who took it along."""

    permission = measures.MODERATE
    http_method_names = ["get"]

    def get(self, request: TenantRequest) -> HttpResponseBase:
        asked, at = request.GET.get("circle", ""), now()
        circle = _find(request, asked.replace("\x00", "")) if asked else None
        audit.record(
            action="talk.exported",
            object_kind="talk",
            by=Actor.of_request(request),
            at=at,
            community_id=request.community.id,
            after={"circle": circle.name} if circle else {},
        )
        rows = talk_sheet.rows(request.community, request.membership, circle)
        day = local_day(at, request.community.zone)
        return sheets.answer(talk_sheet.HEADER, rows, name=f"{request.community.slug}-talk-{day}.csv")


def _find(request: TenantRequest, slug: str) -> Circle:
    """The circle as far as this person may see it. Raises `Http404`."""
    rows = Circle.objects.of(request.community.id).select_related("minimum_tier")
    return access.find(rows, request, slug=slug)


class Circles(Desk, FormView):
    """The circles in their order, the archived ones last, and the form for a new one."""

    permission = "circles.manage"
    template_name = "communities/desk/circles.html"
    form_class = CircleForm

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"community": self.request.community}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        rows = access.visible(Circle.objects.of(self.request.community.id), self.request.membership)
        found = list(seen.counted(rows, self.request.membership))
        return super().get_context_data(
            circles=[circle for circle in found if circle.archived_at is None],
            archived=[circle for circle in found if circle.archived_at is not None],
            **kwargs,
        )

    def form_valid(self, form: CircleForm) -> HttpResponse:
        try:
            circle = circles.create(
                community=self.request.community,
                at=now(),
                by=Actor.of_request(self.request),
                **form.cleaned_data,
            )
        except Refused as refusal:
            form.add_error(refusal.field or None, str(refusal))
            return self.form_invalid(form)
        messages.success(self.request, _("The circle “%(circle)s” is open.") % {"circle": circle.name})
        return redirect("communities:circles", self.request.community.slug)


class OneCircle(Desk, FormView):
    """One circle: what it is, and who is in it."""

    permission = "circles.manage"
    template_name = "communities/desk/circle.html"
    form_class = CircleForm

    @cached_property
    def circle(self) -> Circle:
        return _find(self.request, self.kwargs["circle_slug"])

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"community": self.request.community}

    def get_initial(self) -> dict[str, Any]:
        return {name: getattr(self.circle, name) for name in circles.FIELDS}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        people = list(seen.in_it(self.circle)[: PEOPLE_SHOWN + 1])
        kwargs.setdefault("number_form", NumberForm())
        return super().get_context_data(
            circle=self.circle, people=people[:PEOPLE_SHOWN], more=len(people) > PEOPLE_SHOWN, **kwargs
        )

    def form_valid(self, form: CircleForm) -> HttpResponse:
        try:
            circles.update(
                circle=self.circle, at=now(), by=Actor.of_request(self.request), **form.cleaned_data
            )
        except Refused as refusal:
            form.add_error(refusal.field or None, str(refusal))
            return self.form_invalid(form)
        messages.success(self.request, _("The changes are saved."))
        return redirect("communities:circles", self.request.community.slug)


class ActOnCircle(Desk, View):
    """Archive a circle, bring it back, or move it by one place."""

    permission = "circles.manage"
    http_method_names = ["post"]

    def post(self, request: TenantRequest, circle_slug: str) -> HttpResponse:
        circle, act = _find(request, circle_slug), request.POST.get("act")
        told: dict[str, Any] = {"circle": circle, "at": now(), "by": Actor.of_request(request)}
        try:
            if act == "archive":
                circles.archive(**told)
                messages.success(request, _("“%(circle)s” is archived.") % {"circle": circle})
            elif act == "reopen":
                circles.reopen(**told)
                messages.success(request, _("“%(circle)s” is back.") % {"circle": circle})
            elif act in ("up", "down"):
                circles.move(**told, down=act == "down")
        except Refused as refusal:
            messages.error(request, str(refusal))
        return redirect("communities:circles", request.community.slug)


class CirclePeople(OneCircle):
    """Bring a member into a circle, take one out of it, or say who looks after it."""

    http_method_names = ["post"]

    def post(self, request: TenantRequest, circle_slug: str) -> HttpResponse:  # type: ignore[override]
        form = NumberForm(request.POST)
        if not form.is_valid():
            return self._again(form)
        member = Membership.objects.of(request.community.id).filter(**form.cleaned_data)
        told: dict[str, Any] = {"circle": self.circle, "at": now(), "by": Actor.of_request(request)}
        try:
            if (act := CHANGES.get(request.POST.get("act", ""))) is not None:
                act(membership=get_object_or_404(member), **told)
            elif (found := member.select_related("tier").first()) is None:
                raise Refused(_("There is no member of this number."), code="unknown", field="number")
            else:
                circles.put_in(membership=found, **told)
        except Refused as refusal:
            form.add_error("number", str(refusal))
            return self._again(form)
        return redirect("communities:circle", request.community.slug, circle_slug)

    def _again(self, form: NumberForm) -> HttpResponse:
        unbound = CircleForm(initial=self.get_initial(), community=self.request.community)
        return self.render_to_response(self.get_context_data(form=unbound, number_form=form))
