"""A member's word about an applicant who named them."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.views.generic import FormView

from communities.joining_forms import WordForm
from communities.models import Reference
from communities.selectors import applications
from communities.services import references
from kernel.clock import now
from kernel.doors import MembersOnly
from kernel.errors import Refused
from members.actors import Actor


class Word(MembersOnly, FormView):
    template_name = "communities/reference.html"
    form_class = WordForm

    @cached_property
    def reference(self) -> Reference:
        found = applications.reference(self.request.membership, self.kwargs["reference_id"])
        if found is None:
            raise Http404
        return found

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            reference=self.reference,
            applicant=self.reference.application.membership,
            community=self.request.community,
            **kwargs,
        )

    def form_valid(self, form: WordForm) -> HttpResponse:
        try:
            references.answer(
                reference=self.reference, at=now(), by=Actor.of_request(self.request), **form.cleaned_data
            )
        except Refused as refusal:
            form.add_error(None, str(refusal))
            return self.form_invalid(form)
        messages.success(self.request, _("Thank you: the staff will read your word."))
        return redirect("communities:home", self.request.community.slug)
