"""Notes on a member, on the member's page: written, changed, taken away."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.views import View
from django.views.generic import FormView

from kernel.clock import now
from kernel.doors import Desk
from kernel.errors import Refused
from kernel.tenancy import TenantRequest
from members.actors import Actor
from members.forms.notes import NoteForm
from members.models import Membership, Note
from members.selectors import people
from members.services import notes


class Write(Desk, FormView):
    permission = "members.note"
    template_name = "members/notes/note.html"
    form_class = NoteForm
    note: Note | None = None

    @cached_property
    def member(self) -> Membership:
        member = people.find(community=self.request.community, number=self.kwargs["number"])
        if member is None:
            raise Http404
        return member

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(member=self.member, note=self.note, **kwargs)

    def save(self, text: str, by: Actor) -> None:
        notes.write(membership=self.member, text=text, at=now(), by=by)

    def form_valid(self, form: NoteForm) -> HttpResponse:
        try:
            self.save(form.cleaned_data["text"], Actor.of_request(self.request))
        except Refused as refusal:
            form.add_error(refusal.field or None, str(refusal))
            return self.form_invalid(form)
        return redirect("members:member", self.request.community.slug, self.member.number)


class Change(Write):
    @cached_property
    def note(self) -> Note:  # type: ignore[override]  # what a new one has none of
        note = Note.objects.filter(membership=self.member, pk=self.kwargs["note_id"]).first()
        if note is None:
            raise Http404
        return note

    def get_initial(self) -> dict[str, Any]:
        return {"text": self.note.text}

    def save(self, text: str, by: Actor) -> None:
        notes.change(note=self.note, text=text, at=now(), by=by)


class Delete(Desk, View):
    permission = "members.note"
    http_method_names = ["post"]

    def post(self, request: TenantRequest, number: int, note_id: int) -> HttpResponse:
        found = Note.objects.filter(
            membership__community=request.community, membership__number=number, pk=note_id
        )
        note = found.first()
        if note is None:
            raise Http404
        try:
            notes.delete(note=note, at=now(), by=Actor.of_request(request))
        except Refused as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, _("The note is deleted."))
        return redirect("members:member", request.community.slug, number)
