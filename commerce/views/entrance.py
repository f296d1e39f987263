"""A page that a code leads to: what it opens, and one button. Who is no member joins thereby."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views import View

from commerce import tries
from communities.forms import JoinForm
from communities.models import Community
from communities.services import joining
from communities.views.joining import Join
from kernel.errors import Refused
from members.models import Membership
from members.roles import ADMITTED, GONE, Status


class Entrance(Join):
    """`look` finds what the code leads to, None for nowhere; `enter` is the one call; `shown` what its page shows."""

    def look(self) -> Any:
        raise NotImplementedError

    def enter(self, said: dict[str, Any] | None) -> Membership:
        """Go in by it: with what newcomers say, or None for who stands in some relation already."""
        raise NotImplementedError

    def shown(self) -> dict[str, Any]:
        raise NotImplementedError

    def welcome(self, membership: Membership) -> str:
        raise NotImplementedError

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if tries.are_over(request):
            return render(request, "commerce/too_many.html", status=429)
        self.found = self.look()
        if self.found is None:
            tries.count(request)
            raise Http404
        response = View.dispatch(self, request, *args, **kwargs)
        response["Cache-Control"] = "no-store"
        response["X-Robots-Tag"] = "noindex"
        response["Referrer-Policy"] = "same-origin"
        return response

    def get(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        return self.render_to_response(self.get_context_data())

    def post(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.user.is_authenticated:
            return self.handle_no_permission()
        if self.is_new:
            form = self.get_form()
            return self.form_valid(form) if form.is_valid() else self.form_invalid(form)
        try:
            return self._inside(self.enter(None))
        except Refused as refusal:
            messages.error(request, str(refusal))
            return redirect(request.path)

    @property
    def is_new(self) -> bool:
        """Whether they join thereby; who is on the way in already, or was a member, stands here already."""
        membership = self.request.membership
        return membership is None or membership.status in joining.OPEN_TO_JOIN

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        request = self.request
        community: Community = request.community
        context: dict[str, Any] = {"community": community, "is_new": self.is_new}
        if not request.user.is_authenticated:
            back = urlencode({"next": request.path})
            context |= {"back": back}
        elif self.is_new:
            context |= {
                "form": kwargs.pop("form", None) or self.get_form(),
                "applies": community.join_policy == Community.JoinPolicy.APPLICATION,
            }
        membership = request.membership
        context["ended"] = membership is not None and membership.status in GONE - {Status.LEFT}
        return context | self.shown() | kwargs

    def form_valid(self, form: JoinForm) -> HttpResponse:
        said = {
            "answers": form.answers(),
            "custom": form.custom(),
            "named": form.named(),
            "name": form.cleaned_data.get("name", ""),
        }
        try:
            membership = self.enter(said)
        except Refused as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
            return self.form_invalid(form)
        return self._inside(membership)

    def _inside(self, membership: Membership) -> HttpResponse:
        membership.refresh_from_db()
        slug = self.request.community.slug
        if membership.status not in ADMITTED:
            messages.success(
                self.request, _("It is yours. You hear from us when your application is decided.")
            )
            return redirect("communities:join", slug)
        messages.success(self.request, self.welcome(membership))
        return redirect("communities:home", slug)
