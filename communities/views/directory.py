"""The site's front: its public communities, and founding another."""

from typing import Any

from django.core.paginator import Paginator
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.generic import FormView

from communities.blueprints import blueprints
from communities.forms import FoundingForm
from communities.selectors import directory
from communities.services import founding
from kernel.clock import now
from kernel.doors import SignedIn
from kernel.errors import Refused
from kernel.tenancy import TenantRequest
from members.actors import Actor

PAGE_SIZE = 24


def index(request: TenantRequest) -> HttpResponse:
    """Public communities, searched by name and narrowed by type; a person's own come first."""
    search = request.GET.get("q", "").replace("\x00", "").strip()[:80]
    type = request.GET.get("type", "")
    listed = directory.listed(search=search, type=type if type in blueprints else "")
    context = {
        "page": Paginator(listed, PAGE_SIZE).get_page(request.GET.get("page")),
        "mine": directory.of_person(request.user) if request.user.is_authenticated else [],
        "search": search,
        "type": type,
        "types": list(blueprints),
        "may_found": founding.may_found(Actor.of_request(request)),
    }
    return render(request, "communities/directory.html", context)


class Found(SignedIn, FormView):
    template_name = "communities/found.html"
    form_class = FoundingForm

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        actor = Actor.of_request(self.request)
        return super().get_context_data(
            blueprints=list(blueprints),
            may_found=founding.may_found(actor),
            awaits_approval=founding.awaits_approval(actor),
            **kwargs,
        )

    def form_valid(self, form: FoundingForm) -> HttpResponse:
        try:
            community = founding.found(
                owner=self.request.user, at=now(), by=Actor.of_request(self.request), **form.cleaned_data
            )
        except Refused as refusal:
            return self._refused(form, refusal)
        return redirect("communities:today", community.slug)

    def _refused(self, form: Form, refusal: Refused) -> HttpResponse:
        form.add_error(refusal.field or None, str(refusal))
        return self.form_invalid(form)
