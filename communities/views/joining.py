"""The way in: a community's questions, and to who has applied, where the application stands."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import FormView

from communities.forms import JoinForm
from communities.models import Application, Community
from communities.selectors import applications
from communities.services import arrivals, joining, questions
from kernel.clock import now
from kernel.doors import SignedIn
from kernel.errors import Refused
from members.actors import Actor
from members.forms import custom_fields
from members.models import CustomField, Membership
from members.roles import ADMITTED, GONE, Status
from members.services import invitations, standing

#: What a person is told when they have come as far as that.
_TOLD = {
    Status.APPLIED: gettext_lazy("Your application is on its way. You hear from us when it is decided."),
    Status.WAITING: gettext_lazy("There is no place free at the moment: you are on the waiting list."),
    Status.AWAITING_PAYMENT: gettext_lazy("The dues are all that is missing."),
}


class Join(SignedIn, FormView):
    """One address from the first question to the first day: what it shows is where the person stands."""

    template_name = "communities/join.html"
    form_class = JoinForm

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponseBase:
        membership = request.membership
        if membership is not None and membership.is_admitted:
            return redirect("communities:home", request.community.slug)
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        membership = request.membership
        if membership is not None and _stands(membership):
            return self._standing(membership)
        return super().get(request, *args, **kwargs)

    def post(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        membership, act = request.membership, request.POST.get("act", "")
        if membership is not None and membership.status in joining.ON_THE_WAY:
            return self._act(membership, act)
        return super().post(request, *args, **kwargs)

    @cached_property
    def asked(self) -> list[CustomField]:
        """The member fields that newcomers are asked for."""
        return list(CustomField.objects.of(self.request.community.id).asked())

    def get_initial(self) -> dict[str, Any]:
        """Who was here before, or came by a file, finds again what is known of them."""
        membership = self.request.membership
        return custom_fields.initial(self.asked, membership.custom) if membership is not None else {}

    def get_form_kwargs(self) -> dict[str, Any]:
        community = self.request.community
        reviewed = community.join_policy == Community.JoinPolicy.APPLICATION
        return super().get_form_kwargs() | {
            "questions": questions.put_to(community, self.request.user),
            "custom": self.asked,
            "references": community.references_asked if reviewed else 0,
            # Whoever decides, and whoever is asked for a word, has to know about whom.
            "nameless": reviewed and not self.request.user.name,
        }

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        community = self.request.community
        claim = invitations.claimed(user=self.request.user, community=community, at=now())
        by_invitation = community.join_policy == Community.JoinPolicy.INVITATION
        membership = self.request.membership
        shut = by_invitation and (claim is None or claim.invitation is None)
        ended = membership is not None and membership.status in GONE - {Status.LEFT}
        if self.request.method == "GET" and not (shut or ended):
            questions.opened(community=community, user=self.request.user, membership=membership, at=now())
        return super().get_context_data(
            community=community,
            claim=claim,
            shut=shut,
            ended=ended,
            applies=community.join_policy == Community.JoinPolicy.APPLICATION,
            **kwargs,
        )

    def form_valid(self, form: JoinForm) -> HttpResponse:
        community = self.request.community
        try:
            membership = arrivals.come_in(
                community=community,
                user=self.request.user,
                answers=form.answers(),
                custom=form.custom(),
                named=form.named(),
                name=form.cleaned_data.get("name", ""),
                at=now(),
                by=Actor.of_request(self.request),
            )
        except Refused as refusal:
            if refusal.code in ("already_applied", "already_member"):
                # Sent twice, or from two tabs: what the first did is what there is to see, and no form.
                return redirect("communities:join", community.slug)
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
            return self.form_invalid(form)
        if membership.status in ADMITTED:
            told = _("Welcome! You are a member of %(name)s now.") % {"name": community.name}
            messages.success(self.request, told)
            return redirect("communities:home", community.slug)
        messages.success(self.request, str(_TOLD[Status(membership.status)]))
        return redirect("communities:join", community.slug)

    def _standing(self, membership: Membership) -> HttpResponse:
        found = applications.standing(membership)
        again = None
        if found.stage == "rejected" and found.application is not None:
            again = joining.can_apply_again(found.application)
        context = {
            "community": self.request.community,
            "standing": found,
            "answers": applications.answers(found.application) if found.application else [],
            "again": again,
            "may_withdraw": membership.status in joining.ON_THE_WAY,
        }
        return render(self.request, "communities/application.html", context)

    def _act(self, membership: Membership, act: str) -> HttpResponse:
        """Take the place that is kept, or withdraw."""
        slug = self.request.community.slug
        by = Actor.of_request(self.request)
        try:
            if act == "take":
                membership = joining.take_place(membership=membership, at=now(), by=by)
            elif act == "withdraw":
                standing.act("withdraw", membership=membership, at=now(), by=by)
                messages.success(self.request, _("Your application is withdrawn."))
                return redirect("communities:join", slug)
        except Refused as refusal:
            messages.error(self.request, str(refusal))
        if membership.status in ADMITTED:
            told = _("Welcome! You are a member of %(name)s now.") % {"name": self.request.community.name}
            messages.success(self.request, told)
            return redirect("communities:home", slug)
        return redirect("communities:join", slug)


def _stands(membership: Membership) -> bool:
    """Whether there is an application to be shown, instead of the questions."""
    if membership.status in joining.ON_THE_WAY:
        return True
    if membership.status != Status.REJECTED:
        return False
    last = Application.objects.filter(membership=membership).order_by("-id").first()
    return last is not None and now() < joining.can_apply_again(last)
