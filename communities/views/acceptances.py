"""Accepting the answer that helped, and taking that back."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.views import View

from communities.services import acceptances
from communities.views.written import OfComment
from kernel.clock import now
from kernel.errors import Refused
from kernel.tenancy import TenantRequest
from members.actors import Actor


class Accept(OfComment, View):
    """Accept an answer, or (`take_back`) let the question be open again."""

    http_method_names = ["post"]

    def post(self, request: TenantRequest, **kwargs: Any) -> HttpResponse:
        told: dict[str, Any] = {"at": now(), "by": Actor.of_request(request)}
        try:
            if request.POST.get("act") == "take_back":
                acceptances.take_back(post=self.thing.post, **told)
            else:
                acceptances.accept(comment=self.thing, **told)
        except Refused as refusal:
            messages.error(request, str(refusal))
        return self.back()
