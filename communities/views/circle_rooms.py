"""Circles as members live in them: all of them, one's own room with who is in it, and what its hosts do there."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.views import View
from django.views.generic import FormView, TemplateView

from communities import access as rules
from communities.circle_forms import AnswerForm, CareForm, NumberForm
from communities.models import Circle, CircleMembership, CircleRequest
from communities.selectors import attached, mentions, reactions, talk, unread
from communities.selectors import circle_requests as asked
from communities.selectors import circles as seen
from communities.services import circle_hosts, circle_requests, circles
from communities.views.plain import SeenAsMember
from kernel import access, slots
from kernel.clock import now
from kernel.doors import MembersOnly
from kernel.errors import Refused
from kernel.tenancy import TenantRequest
from members.actors import Actor
from members.models import Membership

#: Who is in a circle, on its page.
PEOPLE_SHOWN = 60
#: And beside what is written in it.
BESIDE = 12


class Rooms(MembersOnly, FormView):
    """All circles that this member may see, and, where members open circles, the form for one's own."""

    template_name = "communities/circles.html"
    form_class = CareForm

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        community, membership = self.request.community, self.request.membership
        circles = list(seen.current(community, membership))
        unread.mark_circles(circles, membership, now())
        return super().get_context_data(
            community=community,
            circles=circles,
            may_open=circle_hosts.may_open(community, membership),
            **kwargs,
        )

    def form_valid(self, form: CareForm) -> HttpResponse:
        try:
            circle = circle_hosts.open_own(
                community=self.request.community,
                at=now(),
                by=Actor.of_request(self.request),
                **form.cleaned_data,
            )
        except Refused as refusal:
            form.add_error(refusal.field or None, str(refusal))
            return self.form_invalid(form)
        messages.success(self.request, _("The circle “%(circle)s” is open.") % {"circle": circle.name})
        return redirect("communities:circle_room", self.request.community.slug, circle.slug)


class _Circle(MembersOnly):
    """For who may see the circle; to everyone else it does not exist."""

    kwargs: dict[str, Any]

    @cached_property
    def circle(self) -> Any:
        rows = seen.counted(Circle.objects.of(self.request.community.id), self.request.membership)
        return access.find(rows, self.request, slug=self.kwargs["circle_slug"])

    def back(self, name: str = "circle_room") -> HttpResponse:
        return redirect(f"communities:{name}", self.request.community.slug, self.circle.slug)


class Room(SeenAsMember, _Circle, TemplateView):
    """One circle: what it is, who looks after it and who is in it; joined and left from here or from home."""

    template_name = "communities/circle_room.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        viewer, circle = self.request.membership, self.circle
        people = seen.people_seen(circle, viewer)
        shown = list(people[: BESIDE + 1])
        reads, hosts = rules.reads(viewer, circle), seen.hosts(circle)
        pinned = talk.pinned(circle, viewer) if reads else []
        page = talk.of_circle(circle, viewer, self.request.GET.get("at", "")) if reads else None
        listed: list[Any] = [*pinned, *(page.rows if page else [])]
        if page is not None:
            reactions.fill(listed, self.request.community, viewer, named=False)
        unread.mark(listed, viewer, now())
        attached.fill(listed)
        mentions.fill(listed, self.request.community, viewer)
        return super().get_context_data(
            community=self.request.community,
            circle=circle,
            hosts=hosts,
            people=shown[:BESIDE],
            more=len(shown) > BESIDE,
            is_host=viewer in hosts,
            reads=reads,
            may_write=circle.mine and viewer.is_counted and circle.archived_at is None,
            has_posts=bool(listed),
            pinned=pinned,
            page=page,
            until=now(),
            has_news=any(post.news for post in listed),
            beside=slots.render("circle.aside", self.request, circle),
            **kwargs,
        )

    def post(self, request: TenantRequest, circle_slug: str) -> HttpResponse:
        try:
            if request.POST.get("act") == "leave":
                circles.leave(circle=self.circle, membership=request.membership)
            else:
                circles.join(circle=self.circle, membership=request.membership, at=now())
        except Refused as refusal:
            messages.error(request, str(refusal))
        # Who has left a secret circle does not know of it any more.
        here = request.POST.get("from") == "room" and seen.is_seen(self.circle, request.membership)
        return self.back() if here else redirect("communities:home", request.community.slug)


class _Care(_Circle):
    """For the hosts of the circle, who do from here what they may. Staff who are none have the desk."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        membership = getattr(request, "membership", None)
        if membership and membership.is_admitted and not rules.hosts(membership, self.circle):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)


class Care(_Care, FormView):
    """What a circle is about, who waits to be let in, and who is in it, for its hosts."""

    template_name = "communities/circle_care.html"
    form_class = CareForm

    def get_initial(self) -> dict[str, Any]:
        return {name: getattr(self.circle, name) for name in ("name", "description", "kind")}

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"is_secret": self.circle.kind == Circle.Kind.SECRET}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        waiting = asked.queue(self.request, circle=self.circle)
        again: dict[int, AnswerForm] = kwargs.pop("again", {})
        people = list(seen.in_it(self.circle)[: PEOPLE_SHOWN + 1])
        return super().get_context_data(
            community=self.request.community,
            circle=self.circle,
            rows=[(one, again.get(one.pk) or AnswerForm(auto_id=f"%s_{one.pk}")) for one in waiting.rows],
            people=people[:PEOPLE_SHOWN],
            more=len(people) > PEOPLE_SHOWN,
            **kwargs,
        )

    def form_valid(self, form: CareForm) -> HttpResponse:
        try:
            circles.update(
                circle=self.circle, at=now(), by=Actor.of_request(self.request), **form.cleaned_data
            )
        except Refused as refusal:
            form.add_error(refusal.field or None, str(refusal))
            return self.form_invalid(form)
        messages.success(self.request, _("The changes are saved."))
        return self.back("circle_care")


class CareForPeople(_Care, View):
    """Take a member out, let them be a host too, or step down oneself; or close the circle."""

    http_method_names = ["post"]

    def post(self, request: TenantRequest, circle_slug: str) -> HttpResponse:
        told: dict[str, Any] = {"circle": self.circle, "at": now(), "by": Actor.of_request(request)}
        act = request.POST.get("act")
        try:
            if act == "archive":
                circles.archive(**told)
                messages.success(request, _("“%(circle)s” is archived.") % {"circle": self.circle})
                return self.back()
            self._act_on(act, told)
        except Refused as refusal:
            messages.error(request, str(refusal))
        return self.back("circle_care")

    def _act_on(self, act: str | None, told: dict[str, Any]) -> None:
        form = NumberForm(self.request.POST)
        if not form.is_valid():
            raise Http404
        rows = CircleMembership.objects.filter(circle=self.circle).select_related("membership")
        member: Membership = get_object_or_404(
            rows, membership__number=form.cleaned_data["number"]
        ).membership
        if act == "take_out":
            circles.take_out(membership=member, **told)
        elif act == "appoint":
            circle_hosts.appoint(membership=member, **told)
        elif act == "step_down":
            circle_hosts.dismiss(membership=member, **told)


class CareForRequest(Care):
    """Let a member in who asks, or decline with a reason; what was written stays in its form where it cannot be done."""

    http_method_names = ["post"]

    def post(self, request: TenantRequest, circle_slug: str, request_key: UUID) -> HttpResponse:  # type: ignore[override]
        one = asked.shown(request).filter(circle=self.circle, key=request_key).first()
        if one is None:
            raise Http404
        form = AnswerForm(request.POST, auto_id=f"%s_{one.pk}")
        approve = request.POST.get("act") == "approve"
        if not form.is_valid():
            return self._again(one, form)
        try:
            circle_requests.decide(
                request=one, approve=approve, at=now(), by=Actor.of_request(request), **form.cleaned_data
            )
        except Refused as refusal:
            if refusal.field != "reason":
                messages.error(request, str(refusal))
                return self.back("circle_care")
            form.add_error("reason", str(refusal))
            return self._again(one, form)
        told = (
            _("%(name)s is in “%(circle)s” now.") if approve else _("%(name)s is told that it was declined.")
        )
        messages.success(request, told % {"name": one.membership.display_name, "circle": self.circle.name})
        return self.back("circle_care")

    def _again(self, one: CircleRequest, form: AnswerForm) -> HttpResponse:
        unbound = CareForm(initial=self.get_initial(), is_secret=self.circle.kind == Circle.Kind.SECRET)
        return self.render_to_response(self.get_context_data(form=unbound, again={one.pk: form}))
