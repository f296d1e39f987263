"""Duplicates at the desk: who may be one person twice, two records side by side, a merge and its undoing; and the page
on which two who both sign in are asked."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.views import View

from kernel.clock import now
from kernel.doors import Desk, SignedIn
from kernel.errors import Refused
from kernel.tenancy import TenantRequest
from members.actors import Actor
from members.models import Membership, Merge, MergeProposal
from members.selectors import duplicates, merged, people
from members.selectors import merging as seen
from members.services import merge_proposals, merging

CHOICE = "choice:"
#: How many members a search for the other record shows.
MOST_FOUND = 12


def part(request: TenantRequest, member: Membership) -> dict[str, Any] | None:
    """On a member's page: what was merged into them, and who may be the same person."""
    merges = merged.merges(member)
    alike = duplicates.of_member(member) if request.membership.may(merging.PERMISSION) else []
    if not merges and not alike:
        return None
    return {"member": member, "merges": merges, "alike": alike}


class Duplicates(Desk, View):
    permission = merging.PERMISSION

    def get(self, request: TenantRequest) -> HttpResponse:
        context = {
            "found": duplicates.suggestions(request.community),
            "waiting": seen.waiting(request.community, at=now()),
            "merges": seen.merges(request.community).filter(undone_at=None)[:10],
        }
        return render(request, "members/merging/index.html", context)

    def post(self, request: TenantRequest) -> HttpResponse:
        """Say that two are two people."""
        here = redirect("members:duplicates", request.community.slug)
        numbers = {number for name in ("one", "other") if (number := _number(request.POST.get(name)))}
        found = Membership.objects.of(request.community.id).filter(number__in=numbers).order_by("number")
        if len(found) != 2:
            messages.error(request, _("These are not two members."))
            return here
        one, other = found
        try:
            merging.keep_apart(one=one, other=other, at=now(), by=Actor.of_request(request))
        except Refused as refusal:
            messages.error(request, str(refusal))
        else:
            told = _("%(one)s and %(other)s are two people: you are not asked again.")
            messages.success(request, told % {"one": one, "other": other})
        return here


class Choose(Desk, View):
    """Which record is the same person as this one."""

    permission = merging.PERMISSION

    def get(self, request: TenantRequest, number: int) -> HttpResponse:
        member = _find(request, number)
        q = request.GET.get("q", "").strip()[:120]
        found = Membership.objects.of(request.community.id).exclude(pk=member.pk)
        asked = _number(q.removeprefix("#"))
        found = found.search(q) if asked is None else found.filter(number=asked)
        context = {
            "member": member,
            "q": q,
            "found": list(found.select_related("tier").order_by("sort_key", "number")[:MOST_FOUND])
            if q
            else [],
            "alike": [] if q else duplicates.of_member(member),
        }
        return render(request, "members/merging/choose.html", context)


class Preview(Desk, View):
    """Two records side by side. The first number is who is kept."""

    permission = merging.PERMISSION

    @cached_property
    def pair(self) -> tuple[Membership, Membership]:
        kept, other = (_find(self.request, self.kwargs[name]) for name in ("number", "other"))
        if kept.pk == other.pk:
            raise Http404
        return kept, other

    def get(self, request: TenantRequest, number: int, other: int) -> HttpResponse:
        return self.show()

    def post(self, request: TenantRequest, number: int, other: int) -> HttpResponse:
        """Merge them, or ask both where both sign in."""
        kept, record = self.pair
        choices = {
            name.removeprefix(CHOICE): value
            for name, value in request.POST.items()
            if name.startswith(CHOICE) and isinstance(value, str)
        }
        given: dict[str, Any] = {"choices": choices, "at": now(), "by": Actor.of_request(request)}
        try:
            if kept.user_id is not None and record.user_id is not None:
                merge_proposals.propose(kept=kept, merged=record, **given)
                messages.success(request, _("Both are asked. They are merged once both have said yes."))
                return redirect("members:duplicates", request.community.slug)
            merging.merge(kept=kept, merged=record, **given)
        except Refused as refusal:
            return self.show(str(refusal), choices)
        told = _("#%(number)d is %(name)s now. It can be undone on this page for %(days)d days.")
        messages.success(request, told % {"number": record.number, "name": kept, "days": merging.UNDO.days})
        return redirect("members:member", request.community.slug, kept.number)

    def show(self, refusal: str = "", choices: dict[str, str] | None = None) -> HttpResponse:
        kept, record = self.pair
        context = {
            "preview": seen.preview(kept, record),
            "records": self.pair,
            "both_sign_in": kept.user_id is not None and record.user_id is not None,
            "may_swap": not (kept.user_id is not None and record.user_id is None),
            "refusal": refusal,
            "choices": choices or {},
            "days": merging.UNDO.days,
            "wait": merge_proposals.WAIT.days,
        }
        return render(self.request, "members/merging/preview.html", context, status=422 if refusal else 200)


class OneMerge(Desk, View):
    """A merge that was made: what it changed, and the way back."""

    permission = merging.PERMISSION

    @cached_property
    def merge(self) -> Merge:
        found = seen.merge(self.request.community, self.kwargs["merge_id"])
        if found is None:
            raise Http404
        return found

    def get(self, request: TenantRequest, **_kwargs: Any) -> HttpResponse:
        context = {"merge": self.merge, "can_be_undone": seen.can_be_undone(self.merge, at=now())}
        return render(request, "members/merging/merge.html", context)

    def post(self, request: TenantRequest, **_kwargs: Any) -> HttpResponse:
        try:
            done = merging.undo(merge=self.merge, at=now(), by=Actor.of_request(request))
        except Refused as refusal:
            messages.error(request, str(refusal))
            return redirect("members:merge", request.community.slug, self.merge.pk)
        messages.success(request, _("They are two records again, as they were."))
        return redirect("members:member", request.community.slug, done.merged.number)


class Withdraw(Desk, View):
    """Take back the question put to two who sign in."""

    permission = merging.PERMISSION
    http_method_names = ["post"]

    def post(self, request: TenantRequest, proposal_id: Any) -> HttpResponse:
        found = seen.proposals(request.community).filter(pk=proposal_id).first()
        if found is None:
            raise Http404
        try:
            merge_proposals.withdraw(proposal=found, at=now(), by=Actor.of_request(request))
        except Refused as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, _("The question is taken back."))
        return redirect("members:duplicates", request.community.slug)


class OnePerson(SignedIn, View):
    """For each of the two: are you one person? To everyone else the page does not exist."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.user.is_authenticated:
            _found = self.asked
        return super().dispatch(request, *args, **kwargs)

    @cached_property
    def asked(self) -> tuple[MergeProposal, Membership]:
        request, proposal_id = self.request, self.kwargs["proposal_id"]
        found = seen.asked(request.community, user_id=request.user.pk, proposal_id=proposal_id)
        if found is None:
            raise Http404
        return found

    def get(self, request: TenantRequest, **_kwargs: Any) -> HttpResponse:
        proposal, own = self.asked
        is_kept = own.pk == proposal.kept_id
        context = {
            "proposal": proposal,
            "own": own,
            "other": proposal.merged if is_kept else proposal.kept,
            "said": proposal.kept_said_at if is_kept else proposal.merged_said_at,
            "open": proposal.state == MergeProposal.State.WAITING and proposal.expires_at > now(),
            "days": merging.UNDO.days,
        }
        return render(request, "members/merging/one_person.html", context)

    def post(self, request: TenantRequest, **_kwargs: Any) -> HttpResponse:
        proposal, own = self.asked
        yes = request.POST.get("answer") == "yes"
        try:
            answered = merge_proposals.answer(
                proposal=proposal, membership=own, yes=yes, at=now(), by=Actor.of_request(request)
            )
        except Refused as refusal:
            messages.error(request, str(refusal))
            return redirect("members:one_person", request.community.slug, proposal.pk)
        messages.success(request, _told(answered))
        if answered.state != MergeProposal.State.DONE:
            return redirect("members:one_person", request.community.slug, proposal.pk)
        if own.pk == answered.merged_id:
            # From now on this account is nobody here: a community that is private shows it nothing.
            return redirect("members:me")
        return redirect("members:own", request.community.slug)


def _told(proposal: MergeProposal) -> str:
    if proposal.state == MergeProposal.State.DECLINED:
        return _("Thank you. Nothing changes: you are two members.")
    if proposal.state == MergeProposal.State.DONE:
        return _("You are one member now: number %(number)d.") % {"number": proposal.kept.number}
    return _("Thank you. It is done once the other has said yes too.")


def _number(text: Any) -> int | None:
    return (
        int(text) if isinstance(text, str) and text.isascii() and text.isdigit() and len(text) < 10 else None
    )


def _find(request: TenantRequest, number: int) -> Membership:
    found = people.find(community=request.community, number=number) if number < 2**31 else None
    if found is None:
        raise Http404
    found.community = request.community
    return found
