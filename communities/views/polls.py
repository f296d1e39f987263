"""Voting in a poll."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.views import View

from communities.models import Draft
from communities.models.poll import UNWRITTEN
from communities.selectors import polls as seen
from communities.selectors import reactions
from communities.services import votes
from communities.services.polls import AS_IT_IS, Ask
from communities.talk_forms import PollForm
from communities.views.writing import Writing
from communities.views.written import OfPost
from kernel.clock import now
from kernel.errors import Refused
from kernel.tenancy import TenantRequest


class Vote(OfPost, View):
    """Vote for what is chosen, in place of what one voted before; for nothing (`take`), and the vote is taken back."""

    http_method_names = ["post"]

    def post(self, request: TenantRequest, **kwargs: Any) -> HttpResponse:
        chosen = [] if "take" in request.POST else request.POST.getlist("option")
        # What is no number names nothing.
        ids = {int(one) if one.isascii() and one.isdecimal() and len(one) < 19 else 0 for one in chosen}
        refused = ""
        try:
            votes.cast(post=self.thing, member=request.membership, options=ids, at=now())
        except Refused as refusal:
            refused = str(refusal)
        if not request.htmx:
            if refused:
                messages.error(request, refused)
            return self.back()
        seen.fill([self.thing], request.membership, now())
        context = {
            "community": request.community,
            "post": self.thing,
            "votes": reactions.takes_part(request.membership, self.thing),
            "refused": refused,
        }
        return render(request, "communities/talk/_poll.html", context)


class Close(OfPost, View):
    """Close a poll of one's own before its end."""

    http_method_names = ["post"]

    def post(self, request: TenantRequest, **kwargs: Any) -> HttpResponse:
        try:
            votes.close(post=self.thing, author=request.membership, at=now())
        except Refused as refusal:
            messages.error(request, str(refusal))
        return redirect(f"{self.place}#poll-{self.thing.key}")


class WithPoll(Writing):
    """A form of words, and one of the poll that goes with them."""

    def poll_values(self) -> dict[str, object] | None:
        """What the form of the poll begins with, but for its draft; None where there is none to fill in."""
        return dict(UNWRITTEN)

    @cached_property
    def poll_form(self) -> PollForm | None:
        values = self.poll_values()
        if values is None:
            return None
        values = (self.draft.poll if self.draft else {}) or values
        return PollForm(self.request.POST if self._sends_poll else None, initial=values)

    @property
    def _sends_poll(self) -> bool:
        """A program or a page of before knows nothing of polls."""
        return self.request.method == "POST" and "poll-results" in self.request.POST

    def said(self) -> dict[str, Any]:
        return super().said() | ({"poll": PollForm.typed(self.request.POST)} if self._sends_poll else {})

    def told(self, draft: Draft) -> dict[str, Any]:
        return super().told(draft) | {"poll": draft.poll or self.poll_values()}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(poll_form=self.poll_form, **kwargs)

    def poll(self) -> Ask | None:
        """The poll that is wanted. Raises `Refused` where its form is not filled in well."""
        form = self.poll_form
        if form is None or not form.is_bound:
            return AS_IT_IS
        if not form.is_valid():
            raise Refused(_("Look at the poll again."), code="invalid")
        return form.asked()

    def refuse(self, form: Any, refusal: Refused) -> HttpResponse:
        """The page again, with what was wrong beside its field."""
        if self.poll_form is not None and self.poll_form.is_bound and refusal.field in self.poll_form.fields:
            self.poll_form.add_error(refusal.field, str(refusal))
        else:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        return self.form_invalid(form)
