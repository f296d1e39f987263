"""What is asked of who takes a place: kept by the hosts, answered when a place is taken."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.views.generic import FormView

from gatherings.models import EventQuestion
from gatherings.question_forms import QuestionForm, TakeForm
from gatherings.selectors import rooms
from gatherings.services import questions
from gatherings.views.events import OfEvent
from gatherings.views.planning import LookedAfter
from kernel.clock import now
from kernel.doors import MembersOnly
from kernel.errors import Refused
from members.actors import Actor


class Questions(LookedAfter, FormView):
    """What is asked, and the form for one more."""

    template_name = "gatherings/questions.html"
    form_class = QuestionForm

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        asked = list(self.event.questions.order_by("position", "id"))
        return super().get_context_data(
            community=self.request.community, event=self.event, questions=asked, **kwargs
        )

    def post(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.POST.get("act") != "drop":
            return super().post(request, *args, **kwargs)
        number = request.POST.get("question", "")
        found = self.event.questions.filter(
            pk=int(number) if number.isascii() and number.isdigit() else 0
        ).first()
        if found is not None:
            self._drop(found)
        return self.back("questions")

    def form_valid(self, form: QuestionForm) -> HttpResponse:
        by = Actor.of_request(self.request)
        try:
            questions.ask(event=self.event, at=now(), by=by, **form.cleaned_data)
        except Refused as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
            return self.form_invalid(form)
        messages.success(self.request, _("It is asked from now on."))
        return self.back("questions")

    def _drop(self, question: EventQuestion) -> None:
        try:
            questions.drop(event=self.event, question=question, at=now(), by=Actor.of_request(self.request))
        except Refused as refusal:
            messages.error(self.request, str(refusal))


class Take(OfEvent, MembersOnly, FormView):
    """Answer what is asked, and have a place."""

    template_name = "gatherings/take.html"
    form_class = TakeForm

    @cached_property
    def kinds(self) -> list[Any]:
        """The kinds that cost the member nothing."""
        rooms.fill([self.event])
        found = rooms.kinds_for(self.event, self.request.membership, now())
        return [kind for kind in found if kind.costs == 0]

    def get_form_kwargs(self) -> dict[str, Any]:
        asked = list(self.event.questions.order_by("position", "id"))
        return super().get_form_kwargs() | {"kinds": self.kinds, "questions": asked}

    def get_initial(self) -> dict[str, Any]:
        return {"kind": self.request.GET.get("kind", "")}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            community=self.request.community, event=self.event, kinds=self.kinds, **kwargs
        )

    def form_valid(self, form: TakeForm) -> HttpResponse:
        kind = next(one for one in self.kinds if one.key == UUID(form.cleaned_data["kind"]))
        try:
            questions.take(kind=kind, member=self.request.membership, given=form.given, at=now())
        except Refused as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
            return self.form_invalid(form)
        messages.success(self.request, _("You have a place. See you there!"))
        return self.back()
