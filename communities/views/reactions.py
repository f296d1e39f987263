"""Reactions: given and taken back by one tap, who gave them, and which a community has."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views import View
from django.views.generic import FormView

from communities import emoji as sets
from communities.reaction_forms import ReactionsForm
from communities.selectors import reactions as seen
from communities.services import reactions
from communities.services import settings as community_settings
from communities.views.written import OfComment, OfPost, OfWritten
from kernel.clock import now
from kernel.doors import Desk
from kernel.errors import Refused
from kernel.tenancy import TenantRequest
from members.actors import Actor


class _Reactions(OfWritten, View):
    """Who reacted to it; a tap gives a reaction (`give`) or takes it back (`take`)."""

    def get(self, request: TenantRequest, **kwargs: Any) -> HttpResponse:
        if not self.thing.is_there:
            raise Http404
        seen.fill([self.thing], request.community, request.membership, named=False)
        context = {
            "community": request.community,
            "thing": self.thing,
            "place": self.place,
            "page": seen.given(self.thing, request.GET.get("at", "")),
        }
        return render(request, "communities/talk/reactions.html", context)

    def post(self, request: TenantRequest, **kwargs: Any) -> HttpResponse:
        told: dict[str, Any] = {"on": self.thing, "member": request.membership, "at": now()}
        refused = ""
        try:
            if "take" in request.POST:
                reactions.take(emoji=request.POST["take"], **told)
            else:
                reactions.give(emoji=request.POST.get("give", ""), **told)
        except Refused as refusal:
            refused = str(refusal)
        if not request.htmx:
            if refused:
                messages.error(request, refused)
            return redirect(self.place)
        seen.fill([self.thing], request.community, request.membership)
        context = {
            "community": request.community,
            "thing": self.thing,
            "place": request.path,
            "kinds": sets.of(request.community),
            "refused": refused,
        }
        return render(request, "communities/talk/_reactions.html", context)


class PostReactions(OfPost, _Reactions):
    """Reactions to a post."""


class CommentReactions(OfComment, _Reactions):
    """Reactions to a comment."""


class ReactionSettings(Desk, FormView):
    """Which reactions a community has."""

    permission = "settings.change"
    template_name = "communities/desk/reactions.html"
    form_class = ReactionsForm

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"kinds": sets.of(self.request.community)}

    def form_valid(self, form: ReactionsForm) -> HttpResponse:
        community = self.request.community
        try:
            community_settings.update(
                community=community, at=now(), by=Actor.of_request(self.request), reactions=form.chosen()
            )
        except Refused as refusal:
            form.add_error(None, str(refusal))
            return self.form_invalid(form)
        messages.success(self.request, _("The reactions are saved."))
        return redirect("communities:reactions", community.slug)
