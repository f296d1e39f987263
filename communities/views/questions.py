"""Settings of joining: the questions, the rules, and the words in which decisions are told."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.views import View
from django.views.generic import FormView

from communities.joining_forms import LetterForm, QuestionForm, RulesForm
from communities.models import Decision, JoinQuestion
from communities.services import letters, questions
from communities.services import settings as community_settings
from kernel.clock import now
from kernel.doors import Desk
from kernel.errors import Refused
from kernel.tenancy import TenantRequest
from members.actors import Actor
from members.models import CustomField

RULES = ("references_asked", "dues_first")


class Joining(Desk, FormView):
    """All of it on one page; the form on it asks one more question."""

    permission = "settings.change"
    template_name = "communities/desk/joining.html"
    form_class = QuestionForm

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        community = self.request.community
        kwargs.setdefault("rules", RulesForm(initial=_rules(community), auto_id="rules_%s"))
        return super().get_context_data(
            questions=community.join_questions.all(),
            fields=CustomField.objects.of(community.id).asked(),
            decisions=Decision.choices,
            languages=settings.LANGUAGES,
            **kwargs,
        )

    def form_valid(self, form: QuestionForm) -> HttpResponse:
        try:
            questions.create(
                community=self.request.community,
                at=now(),
                by=Actor.of_request(self.request),
                **form.cleaned_data,
            )
        except Refused as refusal:
            form.add_error(refusal.field or None, str(refusal))
            return self.form_invalid(form)
        messages.success(self.request, _("The question is asked from now on."))
        return redirect("communities:joining", self.request.community.slug)


class Rules(Desk, View):
    permission = "settings.change"
    http_method_names = ["post"]

    def post(self, request: TenantRequest) -> HttpResponse:
        form = RulesForm(request.POST)
        if form.is_valid():
            community_settings.update(
                community=request.community, at=now(), by=Actor.of_request(request), **form.cleaned_data
            )
            messages.success(request, _("The settings are saved."))
        else:
            for faults in form.errors.values():
                messages.error(request, str(faults[0]))
        return redirect("communities:joining", request.community.slug)


class Question(Desk, FormView):
    permission = "settings.change"
    template_name = "communities/desk/question.html"
    form_class = QuestionForm

    @cached_property
    def question(self) -> JoinQuestion:
        mine = JoinQuestion.objects.filter(community=self.request.community)
        return get_object_or_404(mine, pk=self.kwargs["question_id"])

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"instance": self.question}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(question=self.question, **kwargs)

    def post(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        act = request.POST.get("act", "")
        if act not in ("up", "down", "delete"):
            return super().post(request, *args, **kwargs)
        by = Actor.of_request(request)
        try:
            if act == "delete":
                questions.delete(question=self.question, at=now(), by=by)
                messages.success(request, _("The question is asked no longer. Answers that were given stay."))
            else:
                questions.move(question=self.question, up=act == "up", at=now(), by=by)
        except Refused as refusal:
            if refusal.code == "no_longer_allowed":
                raise
            messages.error(request, str(refusal))
        return redirect("communities:joining", request.community.slug)

    def form_valid(self, form: QuestionForm) -> HttpResponse:
        by = Actor.of_request(self.request)
        try:
            questions.update(question=self.question, at=now(), by=by, **form.cleaned_data)
        except Refused as refusal:
            form.add_error(refusal.field or None, str(refusal))
            return self.form_invalid(form)
        messages.success(self.request, _("The changes are saved."))
        return redirect("communities:joining", self.request.community.slug)


class Letter(Desk, FormView):
    """The words of one decision in one language (`decision` and `language` in the address), with a preview."""

    permission = "settings.change"
    template_name = "communities/desk/letter.html"
    form_class = LetterForm

    @property
    def named(self) -> tuple[str, str]:
        asked, known = self.request.GET, dict(settings.LANGUAGES)
        decision, language = asked.get("decision", ""), asked.get("language", "")
        return (
            decision if decision in Decision.values else Decision.APPROVE.value,
            language if language in known else self.request.community.language,
        )

    def get_initial(self) -> dict[str, Any]:
        return {"text": letters.text(self.request.community, *self.named)}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        decision, language = self.named
        kwargs.setdefault("preview", self._preview(letters.text(self.request.community, decision, language)))
        here = self.request.path
        return super().get_context_data(
            decision_label=Decision(decision).label,
            language=language,
            tabs=[
                (name, f"{here}?decision={decision}&language={code}", code == language)
                for code, name in settings.LANGUAGES
            ],
            decisions=[
                (label, f"{here}?decision={value}&language={language}", value == decision)
                for value, label in Decision.choices
            ],
            **kwargs,
        )

    def form_valid(self, form: LetterForm) -> HttpResponse:
        decision, language = self.named
        text = form.cleaned_data["text"]
        community = self.request.community
        try:
            letters.check(text)
            if self.request.POST.get("act") == "preview":
                shown = self._preview(text or letters.own_words(decision, language))
                return self.render_to_response(self.get_context_data(form=form, preview=shown))
            letters.save(
                community=community,
                decision=decision,
                language=language,
                text=text,
                at=now(),
                by=Actor.of_request(self.request),
            )
        except Refused as refusal:
            form.add_error(refusal.field or None, str(refusal))
            return self.form_invalid(form)
        messages.success(self.request, _("The text is saved."))
        return redirect(self.request.get_full_path())

    def _preview(self, text: str) -> str:
        return letters.fill(
            text,
            name=self.request.membership.display_name,
            community=self.request.community.name,
            reason=_("Here stands the reason."),
        )


def _rules(community: Any) -> dict[str, Any]:
    return {name: getattr(community, name) for name in RULES}
