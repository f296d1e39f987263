"""One member at the desk: who they are, and what staff may do about it."""

from typing import Any

from django.contrib import messages
from django.forms import Form
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.views import View
from django.views.generic import FormView

from kernel import slots, words
from kernel.clock import now
from kernel.doors import Desk
from kernel.errors import Refused
from kernel.tenancy import TenantRequest
from members.actors import Actor
from members.forms import custom_fields
from members.forms.member import AddForm, EditForm, RoleForm
from members.models import CustomField, Membership
from members.roles import GONE, Role
from members.selectors import merged, people
from members.selectors.directory import STATUS_TONES
from members.services import memberships
from members.statuses import Act, possible
from members.views import timeline

PROFILE = ("name", "email", "city", "country", "interests", "tags")


def _find(request: TenantRequest, number: int) -> Membership:
    return _here(request, people.find(community=request.community, number=number))


def _here(request: TenantRequest, member: Membership | None) -> Membership:
    if member is None:
        raise Http404
    member.community = request.community
    return member


def _answer(given: dict[str, Any]) -> dict[str, Any]:
    """A kept answer in words: several choices joined, an agreement as yes."""
    answer = given["answer"]
    if answer is True:
        answer = _("Yes")
    return given | {"answer": words.listed(answer) if isinstance(answer, list) else answer}


def possible_acts(member: Membership, by: Membership) -> list[Act]:
    """What this one of the staff may do to that member now, the grave things last."""
    if member.role == Role.OWNER and not by.may("members.change_role"):
        return []
    own = member.pk == by.pk
    fits = [act for act in possible(member.status) if act.permission and by.may(act.permission)]
    return sorted((act for act in fits if act.own or not own), key=lambda act: act.grave)


class Member(Desk, View):
    permission = "members.view"

    def get(self, request: TenantRequest, number: int) -> HttpResponse:
        found = people.find(community=request.community, number=number)
        kept = merged.of_number(request.community.id, number) if found is None else None
        if kept is not None:
            told = _("#%(number)d was merged into %(name)s: this is their page.")
            messages.info(request, told % {"number": number, "name": kept})
            return redirect("members:member", request.community.slug, kept.number)
        member = _here(request, found)
        may = request.membership.may
        gone = member.status in GONE
        invitees, invitee_count = people.invitees(member)
        context = {
            "member": member,
            "status_tone": STATUS_TONES.get(member.status, ""),
            "custom": people.custom(member),
            "answers": [_answer(given) for given in member.answers],
            "invitees": invitees,
            "invitee_count": invitee_count,
            "more_invitees": invitee_count - len(invitees),
            "main": slots.render("member.main", request, member),
            "aside": slots.render("member.aside", request, member),
            "may_change": may("members.change"),
            "may_merge": may("members.merge") and not member.erased_at,
            "may_change_role": may("members.change_role") and not gone,
            "acts": possible_acts(member, request.membership),
        } | timeline.shown(request, member)
        return render(request, "members/member.html", context)


class Change(Desk, FormView):
    """A form about one member; `change` makes the one call and says what a reader is told."""

    permission = "members.change"

    @cached_property
    def subject(self) -> Membership:
        return _find(self.request, self.kwargs["number"])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(member=self.subject, **kwargs)

    def change(self, fields: dict[str, Any]) -> str:
        raise NotImplementedError

    def form_valid(self, form: Form) -> HttpResponse:
        try:
            told = self.change(form.cleaned_data)
        except Refused as refusal:
            form.add_error(refusal.field or None, str(refusal))
            return self.form_invalid(form)
        messages.success(self.request, told)
        return redirect("members:member", self.request.community.slug, self.subject.number)


class Edit(Change):
    template_name = "members/edit.html"

    @cached_property
    def custom(self) -> list[CustomField]:
        return list(CustomField.objects.of(self.request.community.id))

    def get_form(self, form_class: type[Form] | None = None) -> Form:
        self.form = EditForm(**self.get_form_kwargs(), custom=self.custom)
        return self.form

    def get_initial(self) -> dict[str, Any]:
        values = custom_fields.initial(self.custom, self.subject.custom)
        return {name: getattr(self.subject, name) for name in PROFILE} | values

    def change(self, fields: dict[str, Any]) -> str:
        given = self.form.fields_given(self.subject.custom)
        memberships.update(membership=self.subject, at=now(), by=Actor.of_request(self.request), **given)
        return _("The changes are saved.")


class ChangeRole(Change):
    permission = "members.change_role"
    template_name = "members/role.html"
    form_class = RoleForm

    def get_initial(self) -> dict[str, Any]:
        return {"role": self.subject.role}

    def change(self, fields: dict[str, Any]) -> str:
        changed = memberships.change_role(
            membership=self.subject, role=fields["role"], at=now(), by=Actor.of_request(self.request)
        )
        return _("%(name)s is now: %(role)s.") % {"name": changed, "role": changed.get_role_display()}


class Add(Desk, FormView):
    permission = "members.change"
    template_name = "members/add.html"
    form_class = AddForm

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"community": self.request.community}

    def form_valid(self, form: AddForm) -> HttpResponse:
        try:
            member = memberships.add(
                community=self.request.community,
                at=now(),
                by=Actor.of_request(self.request),
                **form.fields_given(),
            )
        except Refused as refusal:
            form.add_error(refusal.field or None, str(refusal))
            return self.form_invalid(form)
        messages.success(self.request, _("%(name)s is a member now.") % {"name": member})
        return redirect("members:member", self.request.community.slug, member.number)
