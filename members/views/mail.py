"""The desk's letters: the community's own words for each kind, and what has been sent."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language_info
from django.utils.translation import gettext as _
from django.views import View
from django.views.generic import FormView

from kernel import mails
from kernel.clock import now
from kernel.doors import Desk
from kernel.errors import Refused
from kernel.mails import MailKind
from kernel.tenancy import TenantRequest
from members.actors import Actor
from members.forms.mail import LogForm, WordsForm
from members.selectors import mail as letters
from members.selectors import people
from members.services import bounces, delivery, mail, mail_templates


def _languages() -> list[tuple[str, str]]:
    """Each in its own words."""
    return [(code, get_language_info(code)["name_local"]) for code, _name in settings.LANGUAGES]


def _kind(key: str) -> MailKind:
    if key not in mails.kinds or not mails.get(key).body or mails.get(key).site:
        raise Http404
    return mails.get(key)


class Kinds(Desk, View):
    """Every kind of letter, with the languages in which the community has its own words."""

    permission = mail_templates.PERMISSION

    def get(self, request: TenantRequest) -> HttpResponse:
        languages = _languages()
        context = {
            "groups": letters.kinds(request.community.id),
            "languages": languages,
            "columns": 1 + len(languages),
        }
        return render(request, "members/mail/kinds.html", context)


class Words(Desk, FormView):
    """The words of one kind in one language, with a preview; an htmx POST to `preview` answers with it alone."""

    permission = mail_templates.PERMISSION
    template_name = "members/mail/words.html"
    form_class = WordsForm

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        if kwargs["language"] not in dict(settings.LANGUAGES):
            raise Http404
        return super().dispatch(request, *args, **kwargs)

    @property
    def kind(self) -> MailKind:
        return _kind(self.kwargs["letter"])

    def get_initial(self) -> dict[str, Any]:
        subject, body = mail.template(
            self.kind, community_id=self.request.community.id, language=self.kwargs["language"]
        )
        return {"subject": subject, "body": body}

    def post(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        if "preview" in request.POST or request.headers.get("HX-Request"):
            given = {name: request.POST.get(name, "") for name in ("subject", "body")}
            if request.headers.get("HX-Request"):
                return render(request, "members/mail/_preview.html", self._preview(**given))
            return self.render_to_response(self.get_context_data(form=WordsForm(initial=given), **given))
        if "reset" in request.POST:
            try:
                mail_templates.reset(**self._where())
            except Refused as refusal:
                messages.error(request, str(refusal))
                return redirect(request.path)
            messages.success(request, _("The usual words are in force again."))
            return redirect(request.path)
        return super().post(request, *args, **kwargs)

    def form_valid(self, form: WordsForm) -> HttpResponse:
        try:
            mail_templates.save(**self._where(), **form.cleaned_data)
        except Refused as refusal:
            form.add_error(refusal.field or None, str(refusal))
            return self.form_invalid(form)
        messages.success(self.request, _("The words are saved. Letters written from now on have them."))
        return redirect(self.request.path)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        words = {name: kwargs.pop(name, None) for name in ("subject", "body")}
        form = kwargs.get("form")
        for name, known in words.items():
            words[name] = known or (form and form[name].value()) or self.get_initial()[name]
        own = letters.own_words(self.request.community.id, self.kind.key, self.kwargs["language"])
        return super().get_context_data(
            kind=self.kind,
            language=self.kwargs["language"],
            languages=_languages(),
            own=own,
            **self._preview(**words),
            **kwargs,
        )

    def _preview(self, subject: str, body: str) -> dict[str, Any]:
        """The letter, or why it cannot be one."""
        try:
            subject, body = mail_templates.check(self.kind, subject, body)
        except Refused as refusal:
            return {"letter": None, "refusal": str(refusal)}
        letter = mail_templates.preview(
            community=self.request.community,
            kind=self.kind,
            language=self.kwargs["language"],
            subject=subject,
            body=body,
            reader=self.request.membership.display_name,
        )
        return {"letter": letter, "refusal": ""}

    def _where(self) -> dict[str, Any]:
        return {
            "community": self.request.community,
            "kind": self.kind.key,
            "language": self.kwargs["language"],
            "at": now(),
            "by": Actor.of_request(self.request),
        }


class Log(Desk, View):
    """What was sent, is on its way or was held back, newest first; never what it said."""

    permission = mail_templates.PERMISSION

    def get(self, request: TenantRequest) -> HttpResponse:
        form = LogForm(request.GET)
        asked = form.cleaned_data if form.is_valid() else {}
        rows = letters.log(request.community.id, text=asked.get("q", ""), state=asked.get("state", ""))
        page = letters.log_page(rows, cursor=request.GET.get("at", ""))
        context = {
            "form": form,
            "page": page,
            "count": letters.log_count(rows),
            "narrowed": any(asked.values()),
        }
        name = "members/mail/_log.html" if request.htmx else "members/mail/log.html"
        return render(request, name, context)


class SendAgain(Desk, View):
    """Send a letter once more that failed, or of which nobody knows whether it arrived."""

    permission = mail_templates.PERMISSION
    http_method_names = ["post"]

    def post(self, request: TenantRequest, message_id: UUID) -> HttpResponse:
        message = letters.log(request.community.id).filter(pk=message_id).first()
        if message is None:
            raise Http404
        try:
            delivery.again(message=message, at=now(), by=Actor.of_request(request))
        except Refused as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, _("It is on its way again."))
        return redirect("members:mail_log", request.community.slug)


class LiftAddress(Desk, View):
    """Write again to a member's address that was given up."""

    permission = "members.change"
    http_method_names = ["post"]

    def post(self, request: TenantRequest, number: int) -> HttpResponse:
        member = people.find(community=request.community, number=number)
        if member is None:
            raise Http404
        try:
            lifted = bounces.lift(membership=member, at=now(), by=Actor.of_request(request))
        except Refused as refusal:
            messages.error(request, str(refusal))
        else:
            if lifted:
                messages.success(request, _("E-mails go to this address again."))
        return redirect("members:member", request.community.slug, number)
