"""A member's own tree: their link, whom they brought, and whom those brought."""

from typing import Any

from django.contrib import messages
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views import View
from django.views.generic import FormView

from kernel import words
from kernel.clock import now
from kernel.doors import MembersOnly
from kernel.errors import Refused
from kernel.tenancy import TenantRequest
from members.actors import Actor
from members.forms.invitations import InviteForm
from members.selectors import card, forest
from members.selectors import invitations as found
from members.services import invitation_mail, invitations
from members.services.invitation_mail import Outcome

MAILS_SHOWN = 20


class MyTree(MembersOnly, FormView):
    template_name = "members/invitations/tree.html"
    form_class = InviteForm

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"community": self.request.community}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        member, at = self.request.membership, now()
        may_invite = found.may_invite(member, self.request.community)
        generations = forest.generations(member)
        context = {
            "generations": generations,
            "brought": generations[0].count if generations else 0,
            "below": sum(one.count for one in generations),
            "may_invite": may_invite,
            "mails": [(mail, found.state(mail, at)) for mail in found.mails_of(member, most=MAILS_SHOWN)],
        }
        if may_invite:
            link = invitations.personal(membership=member, at=at)
            address = self.request.build_absolute_uri(reverse("members:invitation", args=[link.code]))
            context |= {
                "address": address,
                "qr": card.qr(address),
                "left_today": invitation_mail.left_today(member, at=at),
            }
        return super().get_context_data(**context, **kwargs)

    def form_valid(self, form: Form) -> HttpResponse:
        member = self.request.membership
        outcomes = invitation_mail.send_all(
            community=self.request.community,
            inviter=member,
            at=now(),
            by=Actor.of_request(self.request),
            **form.cleaned_data,
        )
        if refuse(form, outcomes):
            return self.form_invalid(form)
        tell(self.request, outcomes)
        return redirect("members:tree", self.request.community.slug)


class Renew(MembersOnly, View):
    http_method_names = ["post"]

    def post(self, request: TenantRequest) -> HttpResponse:
        try:
            invitations.renew(membership=request.membership, at=now())
        except Refused as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, _("You have a new link. The old one does not work any more."))
        return redirect("members:tree", request.community.slug)


def refuse(form: Form, outcomes: list[Outcome]) -> bool:
    """Put the refusals into the form where not one letter was written; whether that is so."""
    if any(one.invitation for one in outcomes):
        return False
    for one in outcomes:
        if one.refusal is not None:
            field = {"email": "emails", "note": "note"}.get(one.refusal.field)
            form.add_error(field, f"{one.email}: {one.refusal}" if field == "emails" else str(one.refusal))
    return bool(outcomes)


def tell(request: TenantRequest, outcomes: list[Outcome]) -> None:
    """Say how many letters go out, and of each other address why none does."""
    sent = sum(one.invitation is not None for one in outcomes)
    told = ngettext("%(n)s invitation is on its way.", "%(n)s invitations are on their way.", sent)
    messages.success(request, told % {"n": words.number(sent)})
    for one in outcomes:
        if one.refusal is not None:
            messages.warning(request, f"{one.email}: {one.refusal}")
