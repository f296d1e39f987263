"""Moving a post to where it belongs, from its own page."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.views.generic import FormView

from communities import access as rules
from communities.models import Circle
from communities.moderation_forms import MoveForm
from communities.selectors import mentions, moderation
from communities.services import posts
from communities.views.written import OfPost
from kernel.clock import now
from kernel.errors import Refused
from members.actors import Actor


class Move(OfPost, FormView):
    """Let a post with its thread lie in another circle, for who keeps order in both."""

    template_name = "communities/moderation/move.html"
    form_class = MoveForm

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        membership = getattr(request, "membership", None)
        if membership and membership.is_admitted and not rules.moderates(membership, self.thing.circle):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    @cached_property
    def places(self) -> list[Circle]:
        return moderation.places(self.thing.circle, self.request.membership)

    def get_form_kwargs(self) -> dict[str, Any]:
        is_own = self.thing.author_id == self.request.membership.pk
        return super().get_form_kwargs() | {"places": self.places, "is_own": is_own}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        mentions.fill([self.thing], self.request.community, self.request.membership)
        told = {"community": self.request.community, "post": self.thing, "places": self.places}
        return super().get_context_data(**told, **kwargs)

    def form_valid(self, form: MoveForm) -> HttpResponse:
        to, reason = form.cleaned_data["circle"], form.cleaned_data.get("reason", "")
        try:
            posts.move(post=self.thing, to=to, reason=reason, at=now(), by=Actor.of_request(self.request))
        except Refused as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
            return self.form_invalid(form)
        messages.success(self.request, _("The post lies in “%(circle)s” now.") % {"circle": to.name})
        return self.back()
