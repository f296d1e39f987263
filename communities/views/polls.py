"""Voting in a poll."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.views import View

from communities.selectors import polls as seen
from communities.selectors import reactions
from communities.services import votes
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
