"""A community from the outside, and its home for those who belong."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views import View
from django.views.decorators.http import require_GET
from django.views.generic import FormView

from communities.forms import JoinForm
from communities.selectors import face
from communities.services import arrivals
from kernel import markdown, slots
from kernel.clock import now
from kernel.doors import MembersOnly, SignedIn
from kernel.errors import Refused
from kernel.tenancy import TenantRequest
from members.actors import Actor
from members.services import standing


@require_GET
def home(request: TenantRequest) -> HttpResponse:
    """The community's face; to its members, their home."""
    community, membership = request.community, request.membership
    inside = membership is not None and membership.is_admitted
    context = {
        "community": community,
        "membership": membership,
        "inside": inside,
        "face": face.of(community, membership),
        "description": markdown.render(community.description) if community.description else "",
        "parts": slots.render("home.main", request, membership) if inside else [],
    }
    return render(request, "communities/home.html" if inside else "communities/face.html", context)


class Join(SignedIn, FormView):
    template_name = "communities/join.html"
    form_class = JoinForm

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponseBase:
        membership = request.membership
        if membership is not None and membership.is_admitted:
            return redirect("communities:home", request.community.slug)
        return super().dispatch(request, *args, **kwargs)

    def get_form_kwargs(self) -> dict[str, Any]:
        questions = list(self.request.community.join_questions.all())
        return super().get_form_kwargs() | {"questions": questions}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(community=self.request.community, **kwargs)

    def form_valid(self, form: JoinForm) -> HttpResponse:
        community = self.request.community
        try:
            arrivals.come_in(
                community=community,
                user=self.request.user,
                answers=form.answers(),
                at=now(),
                by=Actor.of_request(self.request),
            )
        except Refused as refusal:
            form.add_error(refusal.field or None, str(refusal))
            return self.form_invalid(form)
        messages.success(
            self.request, _("Welcome! You are a member of %(name)s now.") % {"name": community.name}
        )
        return redirect("communities:home", community.slug)


class Leave(MembersOnly, View):
    """Asks first, then ends the membership at its member's own wish."""

    def get(self, request: TenantRequest) -> HttpResponse:
        return render(request, "communities/leave.html", {"community": request.community})

    def post(self, request: TenantRequest) -> HttpResponse:
        try:
            standing.act(
                "leave",
                membership=request.membership,
                at=now(),
                by=Actor.of_request(request),
                reason=request.POST.get("reason", "").replace("\x00", "")[:240],
            )
        except Refused as refusal:
            messages.error(request, str(refusal))
            return redirect("communities:home", request.community.slug)
        messages.success(request, _("You have left %(name)s.") % {"name": request.community.name})
        return redirect("communities:directory")
