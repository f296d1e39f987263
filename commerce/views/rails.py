"""Payment providers at the desk: connected, tested, offered to members, disconnected."""

from typing import Any, ClassVar

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.views import View
from django.views.generic import FormView, TemplateView

from commerce import providers
from commerce.forms import KeysForm
from commerce.models import ProviderAccount
from commerce.providers.base import Provider
from commerce.services import accounts
from kernel.clock import now
from kernel.doors import Desk
from kernel.errors import Refused
from kernel.tenancy import TenantRequest
from members.actors import Actor
from members.doors import StepUp


def _account(request: TenantRequest, rail: str) -> ProviderAccount | None:
    rows = ProviderAccount.objects.filter(community_id=request.community.id, ended_at=None)
    return rows.filter(provider=rail).select_related("community").first()


class Rails(Desk, TemplateView):
    """Every rail of this site, and how it stands with each."""

    permission = accounts.MANAGE
    template_name = "commerce/desk/rails.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        mine = ProviderAccount.objects.filter(community_id=self.request.community.id, ended_at=None)
        by_rail = {account.provider: account for account in mine}
        rails = [(rail, by_rail.get(rail.key)) for rail in providers.offered()]
        return super().get_context_data(rails=rails, **kwargs)


class Rail(Desk, StepUp, FormView):  # type: ignore[misc]  # StepUp.post may answer with a redirect
    """The keys of one rail: entered, and never shown again."""

    permission = accounts.MANAGE
    template_name = "commerce/desk/rail.html"
    form_class = KeysForm

    @cached_property
    def rail(self) -> type[Provider]:
        wanted = self.kwargs["rail"]
        found = next((rail for rail in providers.offered() if rail.key == wanted), None)
        if found is None:
            raise Http404
        return found

    @cached_property
    def account(self) -> ProviderAccount | None:
        return _account(self.request, self.rail.key)

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"rail": self.rail, "known": self.account is not None}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        hook = accounts.hook(self.account) if self.account else ""
        links = accounts.links(self.account) if self.account else ()
        notes = self.rail({}).notes(settings.SITE_ADDRESS)
        return super().get_context_data(
            rail=self.rail, account=self.account, hook=hook, links=links, notes=notes, **kwargs
        )

    def form_valid(self, form: KeysForm) -> HttpResponse:
        who: dict[str, Any] = {"at": now(), "by": Actor.of_request(self.request)}
        try:
            if self.account is None:
                account = accounts.connect(
                    community=self.request.community, provider=self.rail.key, keys=form.keys(), **who
                )
            else:
                account = accounts.change(account=self.account, keys=form.keys(), **who)
        except Refused as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
            return self.form_invalid(form)
        accounts.test(account, **who)
        return redirect("commerce:rail", self.request.community.slug, self.rail.key)


class ActOnRail(Desk, View):
    """Have an account opened, test it, offer it, offer it no more, disconnect it."""

    permission = accounts.MANAGE
    http_method_names = ["post"]
    acts: ClassVar[dict[str, Any]] = {
        "test": accounts.test,
        "enable": accounts.enable,
        "disable": accounts.disable,
        "disconnect": accounts.disconnect,
    }

    def post(self, request: TenantRequest, rail: str) -> HttpResponse:
        account, act = _account(request, rail), request.POST.get("act", "")
        who: dict[str, Any] = {"at": now(), "by": Actor.of_request(request)}
        try:
            if account is None and act == "open":
                accounts.open_new(community=request.community, provider=rail, **who)
            elif account is not None and act in self.acts:
                self.acts[act](account, **who)
            else:
                raise Http404
        except Refused as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, _("Done."))
        return redirect("commerce:rail", request.community.slug, rail)
