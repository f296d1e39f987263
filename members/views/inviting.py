"""The desk's invitations: links with a channel, what was mailed, and who invited whom."""

from typing import Any

from django.contrib import messages
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views import View
from django.views.generic import FormView, TemplateView

from kernel import keyset
from kernel.clock import now
from kernel.doors import Desk
from kernel.errors import Refused
from kernel.keyset import Order
from kernel.tenancy import TenantRequest
from members.actors import Actor
from members.forms.invitations import InviterForm, LinkForm, StaffInviteForm
from members.models import Invitation
from members.selectors import invitations as found
from members.services import invitation_mail, invitations, inviters
from members.views.member import Change
from members.views.tree import refuse, tell

SIZE = 40
ORDER = Order("created_at", tie="id", descending=True)


class Links(Desk, TemplateView):
    permission = invitations.MANAGE
    template_name = "members/invitations/links.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        cursor = self.request.GET.get("at", "")
        page = keyset.page(found.links(self.request.community), order=ORDER, size=SIZE, cursor=cursor)
        at = now()
        rows = []
        for link in page.rows:
            link.community = self.request.community
            path = reverse("members:invitation", args=[link.code])
            rows.append((link, found.state(link, at), self.request.build_absolute_uri(path)))
        return super().get_context_data(rows=rows, page=page, **kwargs)


class NewLink(Desk, FormView):
    permission = invitations.MANAGE
    template_name = "members/invitations/new_link.html"
    form_class = LinkForm

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"community": self.request.community}

    def form_valid(self, form: Form) -> HttpResponse:
        try:
            invitations.create_link(
                community=self.request.community,
                at=now(),
                by=Actor.of_request(self.request),
                **form.cleaned_data,
            )
        except Refused as refusal:
            form.add_error(refusal.field or None, str(refusal))
            return self.form_invalid(form)
        messages.success(self.request, _("The link works. Copy it where you want it."))
        return redirect("members:links", self.request.community.slug)


class Letters(Desk, FormView):
    """What was mailed, and a form to mail more."""

    permission = invitations.MANAGE
    template_name = "members/invitations/letters.html"
    form_class = StaffInviteForm

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"community": self.request.community}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        cursor = self.request.GET.get("at", "")
        page = keyset.page(found.mails(self.request.community), order=ORDER, size=SIZE, cursor=cursor)
        at = now()
        rows = []
        for mail in page.rows:
            mail.community = self.request.community
            rows.append((mail, found.state(mail, at), [use.membership for use in mail.uses.all()]))
        return super().get_context_data(
            rows=rows,
            page=page,
            left_today=invitation_mail.left_today(self.request.membership, at=at),
            **kwargs,
        )

    def form_valid(self, form: Form) -> HttpResponse:
        outcomes = invitation_mail.send_all(
            community=self.request.community,
            inviter=self.request.membership,
            at=now(),
            by=Actor.of_request(self.request),
            **form.cleaned_data,
        )
        if refuse(form, outcomes):
            return self.form_invalid(form)
        tell(self.request, outcomes)
        return redirect("members:letters", self.request.community.slug)


class Revoke(Desk, View):
    permission = invitations.MANAGE
    http_method_names = ["post"]

    def post(self, request: TenantRequest, invitation_id: int) -> HttpResponse:
        shown = Invitation.objects.of(request.community.id).filter(kind__in=["link", "email"])
        invitation = get_object_or_404(shown, pk=min(invitation_id, 2**63 - 1))
        try:
            invitations.revoke(invitation=invitation, at=now(), by=Actor.of_request(request))
        except Refused as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, _("Nobody comes by it any more. Who came stays."))
        place = "members:links" if invitation.kind == Invitation.Kind.LINK else "members:letters"
        return redirect(place, request.community.slug)


class CorrectInviter(Change):
    template_name = "members/invitations/inviter.html"
    form_class = InviterForm

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"community": self.request.community}

    def get_initial(self) -> dict[str, Any]:
        return {"inviter": self.subject.invited_by.number if self.subject.invited_by else None}

    def change(self, fields: dict[str, Any]) -> str:
        changed = inviters.correct(
            membership=self.subject, at=now(), by=Actor.of_request(self.request), **fields
        )
        if changed.invited_by is None:
            return _("%(name)s came by themselves.") % {"name": changed}
        return _("%(name)s was invited by %(inviter)s.") % {"name": changed, "inviter": changed.invited_by}
