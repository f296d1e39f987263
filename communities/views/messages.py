"""Messages between members: the list of conversations, one of them, and what is done to a message or to its writer."""

from typing import Any
from uuid import UUID

from django.contrib import messages as told
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.views import View
from django.views.generic import FormView

from communities.message_forms import MessageForm, ReportForm, WishForm
from communities.models import Conversation as Written
from communities.selectors import messages as seen
from communities.services import message_blocks, message_reports, messages
from communities.services.messages import LONGEST
from kernel.clock import now
from kernel.doors import MembersOnly
from kernel.errors import Refused
from kernel.tenancy import TenantRequest
from members.models import Membership


class Messages(MembersOnly, View):
    """One's conversations, the one with the latest message first; by whom one wants to be written to."""

    def get(self, request: TenantRequest) -> HttpResponse:
        return self._page(request, WishForm(initial={"who": seen.wish_of(request.membership)}))

    def post(self, request: TenantRequest) -> HttpResponse:
        form = WishForm(request.POST)
        if not form.is_valid():
            return self._page(request, form)
        messages.wish(member=request.membership, **form.cleaned_data)
        told.success(request, _("Saved."))
        return redirect("communities:messages", request.community.slug)

    def _page(self, request: TenantRequest, form: WishForm) -> HttpResponse:
        member = request.membership
        page = seen.page(member, request.GET.get("at", ""))
        context = {
            "community": request.community,
            "page": page,
            "lines": seen.lines(member, page.rows),
            "form": form,
            "blocked": seen.blocked(member),
        }
        return render(request, "communities/messages/list.html", context)


class _With(MembersOnly):
    """For a member with somebody with whom they may write, or have written."""

    kwargs: dict[str, Any]

    @cached_property
    def partner(self) -> Membership:
        found = seen.partner(self.request.membership, self.kwargs["number"])
        if found is None:
            raise Http404
        return found

    @cached_property
    def conversation(self) -> Written | None:
        return seen.between(self.request.membership, self.partner)

    def back(self) -> HttpResponse:
        return redirect("communities:conversation", self.request.community.slug, self.partner.number)


class Conversation(_With, FormView):
    """A conversation: its last messages, older ones on demand, what comes while it is open, and the form to write."""

    template_name = "communities/messages/conversation.html"
    form_class = MessageForm

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if self.partner.number != self.kwargs["number"]:
            # A record that was merged: its conversation is that of who is kept.
            return self.back()
        fresh = self._fresh() if request.headers.get("HX-Request") else None
        if self.conversation is not None:
            messages.read(conversation=self.conversation, by=self.request.membership, at=now())
        if fresh is not None and not fresh.shown:
            return HttpResponse(status=204)
        if request.headers.get("HX-Request"):
            found = fresh or self._asked()
            context = self._around(found) | {"goes_on": fresh is not None}
            return render(request, "communities/messages/_messages.html", context)
        return super().get(request, *args, **kwargs)

    def _fresh(self) -> seen.Messages | None:
        """What came behind the message that the open page shows last, where it asks for that."""
        key = self.request.GET.get("since", "")
        if not key or self.conversation is None:
            return None
        try:
            return seen.since(self.request.membership, self.conversation, UUID(key))
        except ValueError:
            return seen.Messages([])

    def _asked(self) -> seen.Messages:
        return seen.messages(self.request.membership, self.conversation, self.request.GET.get("at", ""))

    def _around(self, found: seen.Messages) -> dict[str, Any]:
        report = ReportForm(auto_id=False)
        return {
            "community": self.request.community,
            "other": self.partner,
            "found": found,
            "report": report,
            "newest": not self.request.GET.get("at"),
        }

    def get_initial(self) -> dict[str, Any]:
        """Words that another page proposes; nothing of them is sent before whoever reads them here does so."""
        return {"body": self.request.GET.get(seen.PROPOSED, "")[:LONGEST]}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        member, other = self.request.membership, self.partner
        hindrance = seen.hindrance(member, other, self.conversation)
        return super().get_context_data(
            hindrance=messages.told(hindrance, member, other) if hindrance else "",
            blocked=seen.blocks(member, other),
            goes_on=not self.request.GET.get("at"),
            **self._around(self._asked()),
            **kwargs,
        )

    def form_valid(self, form: MessageForm) -> HttpResponse:
        try:
            messages.write(
                author=self.request.membership, to=self.partner, body=form.cleaned_data["body"], at=now()
            )
        except Refused as refusal:
            form.add_error(refusal.field or None, str(refusal))
            return self.form_invalid(form)
        place = reverse("communities:conversation", args=[self.request.community.slug, self.partner.number])
        return redirect(f"{place}#write")


class Block(_With, View):
    """Take no more messages of somebody's, or take them again."""

    http_method_names = ["post"]

    def post(self, request: TenantRequest, number: int) -> HttpResponse:
        name = {"name": self.partner.display_name}
        if request.POST.get("act") == "lift":
            message_blocks.lift(by=request.membership, whom=self.partner)
            told.success(request, _("%(name)s can write to you again.") % name)
        elif request.POST.get("act") == "block":
            message_blocks.block(by=request.membership, whom=self.partner, at=now())
            told.success(request, _("You get nothing more from %(name)s. They are not told.") % name)
        return self.back()


class ActOnMessage(MembersOnly, View):
    """Take a message of one's own back; show one that one has received to those who keep order."""

    http_method_names = ["post"]

    def post(self, request: TenantRequest, message_key: UUID) -> HttpResponse:
        member, act = request.membership, request.POST.get("act")
        message = seen.own_or_received(member, message_key)
        if message is None:
            raise Http404
        try:
            if act == "remove":
                messages.take_back(message=message, author=member, at=now())
            elif act == "report":
                self._report(request, message)
        except Refused as refusal:
            told.error(request, str(refusal))
        other = message.conversation.other(member)
        return redirect("communities:conversation", request.community.slug, other.number)

    def _report(self, request: TenantRequest, message: Any) -> None:
        form = ReportForm(request.POST)
        if not form.is_valid():
            told.error(request, _("Choose what it is about."))
            return
        message_reports.report(message=message, by=request.membership, at=now(), **form.cleaned_data)
        words = _(
            "Those who keep order see this message and the few before it. You hear once they have looked."
        )
        told.success(request, words)
