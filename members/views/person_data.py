"""A person's data: take them along, have them erased; for staff, erase a record that nobody signs in to."""

from typing import Any

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views import View
from django.views.generic import FormView

from kernel.clock import now
from kernel.doors import SignedIn
from kernel.errors import Refused
from members.actors import Actor
from members.doors import StepUp
from members.forms.person_data import EraseForm, EraseMemberForm, FetchForm
from members.models import ErasureRequest, PersonExport
from members.selectors import person_data
from members.services import erasure, person_export
from members.views.me import person
from members.views.member import Change

#: How long a wish to be erased waits, in days, as pages say it.
DAYS = erasure.WAIT.days


class Data(SignedIn, View):
    """What can be done about one's data, and how far it is; while it is gathered, that part asks again."""

    def get(self, request: HttpRequest) -> HttpResponse:
        context = {"asked": person_data.of(person(request)), "days": DAYS, "kept": person_export.KEPT.days}
        htmx = getattr(request, "htmx", None)
        part = htmx and not htmx.boosted
        return render(request, "members/me/_export.html" if part else "members/me/data.html", context)

    def post(self, request: HttpRequest) -> HttpResponse:
        """Have everything gathered."""
        try:
            person_export.ask(user=person(request), at=now())
        except Refused as refusal:
            messages.error(request, str(refusal))
        return redirect("members:data")


class Fetch(SignedIn, StepUp, FormView):
    """The zip itself, for the person who has just proven who they are, and for nobody else."""

    form_class = FetchForm
    template_name = "members/me/fetch.html"

    def export(self) -> PersonExport:
        found = person_data.export(person(self.request), self.kwargs["export_id"])
        if found is None or found.state != PersonExport.State.READY or (found.expires_at or now()) <= now():
            raise Http404
        return found

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(export=self.export(), **kwargs)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:  # type: ignore[override]
        self.export()
        return super().post(request, *args, **kwargs)

    def form_valid(self, form: FetchForm) -> HttpResponseBase:  # type: ignore[override]
        found = self.export()
        try:
            file = found.file.open("rb")
        except FileNotFoundError:
            raise Http404 from None
        answer = FileResponse(file, as_attachment=True, filename=f"crowdecon-{found.ready_at:%Y-%m-%d}.zip")
        answer["Cache-Control"] = "private, no-store"
        return answer


class Erase(SignedIn, StepUp, FormView):  # type: ignore[misc]  # StepUp.post may answer with a redirect
    """Asks to be erased: proven lately who it is, the name typed, three days in which it can be withdrawn."""

    form_class = EraseForm
    template_name = "members/me/erase.html"

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"user": person(self.request)}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(days=DAYS, **kwargs)

    def form_valid(self, form: EraseForm) -> HttpResponse:
        try:
            erasure.ask(
                user=person(self.request), at=now(), by=Actor.of_request(self.request), **form.asked()
            )
        except Refused as refusal:
            form.add_error(refusal.field or None, str(refusal))
            return self.form_invalid(form)
        messages.success(
            self.request,
            _("It is noted. It happens in %(days)d days; until then you can take it back.") % {"days": DAYS},
        )
        return redirect("members:data")


class WithdrawErasure(SignedIn, View):
    http_method_names = ["post"]

    def post(self, request: HttpRequest, request_id: int) -> HttpResponse:
        found = ErasureRequest.objects.filter(user=person(request), pk=request_id).first()
        if found is None:
            raise Http404
        try:
            erasure.withdraw(request=found, at=now(), by=Actor.of_request(request))
        except Refused as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, _("You took it back: nothing is erased."))
        return redirect("members:data")


class EraseMember(Change):
    """For staff, at the wish of whom the record is about."""

    template_name = "members/erase.html"
    form_class = EraseMemberForm

    def change(self, fields: dict[str, Any]) -> str:
        erased = erasure.erase_unclaimed(
            membership=self.subject, at=now(), by=Actor.of_request(self.request), **fields
        )
        return _("What was personal of %(member)s is erased.") % {"member": erased}
