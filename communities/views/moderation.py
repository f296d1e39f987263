"""Reporting, the queue of those who keep order, and a member's record."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.views import View
from django.views.generic import FormView

from communities import access as rules
from communities.models import Case, Comment, Measure, Post
from communities.moderation_forms import AppealAnswerForm, AppealForm, DecideForm, MeasureForm, ReportForm
from communities.selectors import attached, mentions, talk
from communities.selectors import moderation as found
from communities.services import appeals, cases, measures, reports
from kernel import access, markdown, waiting, words
from kernel.clock import now
from kernel.doors import Desk, MembersOnly, SignedIn
from kernel.errors import Refused
from kernel.tenancy import TenantRequest
from members.actors import Actor
from members.models import Membership

#: The key that chooses each act on the page of a case.
KEYS = {
    Case.Act.KEEP: "k",
    Case.Act.HIDE: "h",
    Case.Act.LOCK: "l",
    Case.Act.MOVE: "m",
    Case.Act.WARN: "w",
    Case.Act.MUTE: "u",
    Case.Act.RESTRICT: "r",
    Case.Act.REMOVE: "x",
}


class ReportPost(MembersOnly, FormView):
    """Report a post that one may read."""

    template_name = "communities/moderation/report.html"
    form_class = ReportForm

    @cached_property
    def written(self) -> Post | Comment:
        rows = talk.posts(Post.objects.of(self.request.community.id))
        return access.find(rows, self.request, key=self.kwargs["post_key"])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        mentions.fill([self.written], self.request.community, self.request.membership)
        return super().get_context_data(
            community=self.request.community,
            written=self.written,
            post=reports.post_of(self.written),
            **kwargs,
        )

    def form_valid(self, form: ReportForm) -> HttpResponse:
        try:
            reports.make(
                written=self.written, reporter=self.request.membership, at=now(), **form.cleaned_data
            )
        except Refused as refusal:
            form.add_error(refusal.field or None, str(refusal))
            return self.form_invalid(form)
        messages.success(self.request, _("Thank you. Somebody looks at it, and you hear what became of it."))
        post = reports.post_of(self.written)
        return redirect("communities:post", self.request.community.slug, post.key)


class ReportComment(ReportPost):
    """Report a comment below a post that one may read."""

    @cached_property
    def written(self) -> Post | Comment:
        rows = Comment.objects.of(self.request.community.id).filter(removed_at=None, hidden_at=None)
        rows = rows.select_related("author", "post__circle__community", "post__author")
        return access.find(rows, self.request, key=self.kwargs["comment_key"])


class OrderKept(MembersOnly):
    """For who keeps order anywhere: who may moderate, and hosts of circles. A member is told so (403), others get 404."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        membership = getattr(request, "membership", None)
        if membership and membership.is_admitted and not rules.keeps_order(membership):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)


class Queue(OrderKept, View):
    """What was reported, the most urgent first."""

    def get(self, request: TenantRequest) -> HttpResponse:
        tab = request.GET.get("tab", "open")
        tab = tab if tab in found.TABS else "open"
        counts = found.counts(request.community, request.membership)
        labels = {"open": _("To be decided"), "decided": _("Decided")}
        context = {
            "tab": tab,
            "tabs": [
                (f"{label} · {words.number(counts[key])}", f"{request.path}?tab={key}", key == tab)
                for key, label in labels.items()
            ],
            "page": found.queue(request.community, request.membership, tab, request.GET.get("at", "")),
            "layout": _layout(request),
            "of_messages": waiting.many(request, "message_reports"),
        }
        return render(request, "communities/moderation/queue.html", context)


class Waiting(OrderKept, View):
    """How many reports and appeals wait, asked for by the desk's navigation once its page is there."""

    def get(self, request: TenantRequest) -> HttpResponse:
        many = waiting.many(request, "reports", "message_reports", "appeals")
        return render(request, "communities/moderation/_waiting.html", {"many": many})


class OneCase(OrderKept, FormView):
    """One thing that was reported, with its decision, chosen in the address (`act`), so that it works without a script."""

    template_name = "communities/moderation/case.html"
    form_class = DecideForm

    @cached_property
    def case(self) -> Case:
        case = found.one(self.request.community, self.request.membership, self.kwargs["case_key"])
        if case is None:
            raise Http404
        return case

    @cached_property
    def acts(self) -> list[Case.Act]:
        return cases.possible(self.case, self.request.membership)

    @property
    def act(self) -> str:
        asked = self.request.GET.get("act", "")
        return asked if asked in [act.value for act in self.acts] else Case.Act.KEEP.value

    def get_form_kwargs(self) -> dict[str, Any]:
        places = found.places(self.case.circle, self.request.membership) if self.act == Case.Act.MOVE else []
        return super().get_form_kwargs() | {"act": self.act, "places": places}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        case, viewer = self.case, self.request.membership
        written = case.post or case.comment
        said = written.body if written and written.removed_at is None else case.said
        named = mentions.people(self.request.community, viewer, [said], [case.author_id])
        if case.comment:
            mentions.fill([case.comment.post], self.request.community, viewer)
        if written and written.removed_at is None:
            attached.fill([written])
        return super().get_context_data(
            community=self.request.community,
            case=case,
            written=written,
            post=reports.post_of(written) if written else None,
            html=markdown.render(said, named),
            past=found.past(case.author, now()),
            next=found.next_open(case, viewer),
            act=self.act,
            acts=[
                (act.label, f"{self.request.path}?act={act.value}", act == self.act, KEYS[act])
                for act in self.acts
            ],
            layout=_layout(self.request),
            views_members=viewer.may("members.view"),
            **kwargs,
        )

    def form_valid(self, form: DecideForm) -> HttpResponse:
        case, by = self.case, Actor.of_request(self.request)
        try:
            cases.decide(case=case, act=self.act, at=now(), by=by, **form.cleaned_data)
        except Refused as refusal:
            if refusal.code == "decided":
                messages.error(self.request, str(refusal))
                return redirect("communities:case", self.request.community.slug, case.key)
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
            return self.form_invalid(form)
        messages.success(self.request, _("Decided. Who reported it hears of it."))
        later = found.next_open(case, self.request.membership)
        if later is None:
            return redirect("communities:reports", self.request.community.slug)
        return redirect("communities:case", self.request.community.slug, later.key)


class Record(SignedIn, View):
    """A member's own record, and what they have reported; whoever was removed still reads theirs."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        member = getattr(request, "membership", None)
        inside = member is not None and member.is_admitted
        known = inside or (member is not None and Measure.objects.filter(membership=member).exists())
        if request.user.is_authenticated and not known:
            raise Http404
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: TenantRequest) -> HttpResponse:
        member = request.membership
        rows = found.record(member)
        for row in rows:
            row.may_appeal = appeals.possible(row, now())  # type: ignore[attr-defined]
        context = {
            "community": request.community,
            "member": member,
            "measures": rows,
            "muted": measures.muted(member, now()),
            "reports": found.reported_by(member),
        }
        return render(request, "communities/moderation/record.html", context)


class MakeAppeal(SignedIn, FormView):
    """Appeal against what was done to oneself, also once one is let in no more; to everybody else it does not exist."""

    template_name = "communities/moderation/appeal.html"
    form_class = AppealForm

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.user.is_authenticated and self.measure is None:
            raise Http404
        return super().dispatch(request, *args, **kwargs)

    @cached_property
    def measure(self) -> Measure | None:
        mine = Measure.objects.filter(membership=self.request.membership).select_related("appeal")
        return mine.filter(key=self.kwargs["measure_key"]).first() if self.request.membership else None

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(community=self.request.community, measure=self.measure, **kwargs)

    def form_valid(self, form: AppealForm) -> HttpResponse:
        try:
            appeals.make(
                measure=self.measure,  # type: ignore[arg-type]
                membership=self.request.membership,
                words=form.cleaned_data["words"],
                at=now(),
            )
        except Refused as refusal:
            form.add_error(refusal.field or None, str(refusal))
            return self.form_invalid(form)
        messages.success(
            self.request, _("You have appealed. The answer stands here once somebody has looked.")
        )
        return redirect("communities:record", self.request.community.slug)


class Appeals(OrderKept, View):
    """What members have appealed against, for who has not done it, where there is another."""

    def get(self, request: TenantRequest) -> HttpResponse:
        return _appeals(request)


class DecideAppeal(OrderKept, View):
    """Lift what was done or let it stay; what was written stays in its form where it cannot be done."""

    http_method_names = ["post"]

    def post(self, request: TenantRequest, appeal_key: UUID) -> HttpResponse:
        appeal = (
            found.appeals(found.appealed(request.community, request.membership))
            .filter(key=appeal_key)
            .first()
        )
        if appeal is None:
            raise Http404
        form = AppealAnswerForm(request.POST, auto_id=f"%s_{appeal.pk}")
        if not form.is_valid():
            return _appeals(request, refused=(appeal.pk, form))
        lifts = request.POST.get("act") == "lift"
        try:
            appeals.decide(
                appeal=appeal, lifts=lifts, at=now(), by=Actor.of_request(request), **form.cleaned_data
            )
        except Refused as refusal:
            if refusal.code == "decided":
                messages.error(request, str(refusal))
                return redirect("communities:appeals", request.community.slug)
            form.add_error(None, str(refusal))
            return _appeals(request, refused=(appeal.pk, form))
        messages.success(request, _("Answered. The member reads it."))
        return redirect("communities:appeals", request.community.slug)


class Log(Desk, View):
    """What those did who keep order, from the audit log."""

    permission = measures.MODERATE

    def get(self, request: TenantRequest) -> HttpResponse:
        page, lines = found.log(request.community, request.GET.get("at", ""))
        may_view = request.membership.may("members.view")
        context = {"page": page, "lines": lines, "may_view_members": may_view, "narrowed": False}
        return render(request, "communities/moderation/log.html", context)


class MemberRecord(Desk, FormView):
    """A member's record at the desk, and the form to warn or mute them."""

    permission = measures.MODERATE
    template_name = "communities/moderation/member_record.html"
    form_class = MeasureForm

    @cached_property
    def member(self) -> Membership:
        return get_object_or_404(
            Membership.objects.of(self.request.community.id), number=self.kwargs["number"]
        )

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            community=self.request.community,
            member=self.member,
            measures=found.record(self.member),
            past=found.past(self.member, now()),
            **kwargs,
        )

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.POST.get("act") != "unmute":
            return super().post(request, *args, **kwargs)
        try:
            measures.unmute(membership=self.member, at=now(), by=Actor.of_request(request))
        except Refused as refusal:
            messages.error(request, str(refusal))
        return self._back()

    def form_valid(self, form: MeasureForm) -> HttpResponse:
        given = form.cleaned_data
        told: dict[str, Any] = {"membership": self.member, "at": now(), "by": Actor.of_request(self.request)}
        try:
            if given["act"] == "mute":
                measures.mute(hours=given["hours"], reason=given["reason"], **told)
            else:
                measures.warn(reason=given["reason"], **told)
        except Refused as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
            return self.form_invalid(form)
        messages.success(self.request, _("Done. The member reads your reason."))
        return self._back()

    def _back(self) -> HttpResponse:
        return redirect("communities:member_record", self.request.community.slug, self.member.number)


def _appeals(request: TenantRequest, refused: tuple[int, AppealAnswerForm] | None = None) -> HttpResponse:
    tab = "decided" if request.GET.get("tab") == "decided" else "open"
    page = found.appeals_page(request.community, request.membership, tab, request.GET.get("at", ""))
    again = dict([refused] if refused else [])
    rows = [(one, again.get(one.pk) or AppealAnswerForm(auto_id=f"%s_{one.pk}")) for one in page.rows]
    labels = {"open": _("To be decided"), "decided": _("Decided")}
    tabs = [(label, f"{request.path}?tab={key}", key == tab) for key, label in labels.items()]
    context = {"page": page, "rows": rows, "tab": tab, "tabs": tabs, "layout": _layout(request)}
    return render(request, "communities/moderation/appeals.html", context)


def _layout(request: TenantRequest) -> str:
    """At the desk for staff; hosts of circles find the same among the rooms."""
    name = "desk" if request.membership.may("desk.enter") else "community"
    return f"layouts/{name}.html"
