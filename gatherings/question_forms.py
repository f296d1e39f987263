"""Forms of questions to those who come."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from gatherings.models import EventQuestion
from gatherings.services.questions import LONGEST

Kind = EventQuestion.Kind


class QuestionForm(forms.Form):
    text = forms.CharField(label=_("Question"), max_length=240)
    kind = forms.ChoiceField(label=_("Kind"), choices=Kind.choices, initial=Kind.TEXT)
    options = forms.CharField(
        label=_("Answers"),
        max_length=2_500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("For a choice: one on a line."),
    )
    required = forms.BooleanField(label=_("must be answered"), required=False)

    def clean_options(self) -> list[str]:
        return str(self.cleaned_data["options"]).splitlines()


class TakeForm(forms.Form):
    """How one comes, and the answers to what is asked."""

    kind = forms.ChoiceField(label=_("How do you come?"), widget=forms.RadioSelect)

    def __init__(
        self, *args: Any, kinds: Sequence[Any], questions: Sequence[EventQuestion], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.questions = questions
        kind: Any = self.fields["kind"]
        kind.choices = [(str(one.key), str(one)) for one in kinds]
        if len(kinds) == 1:
            kind.widget = forms.HiddenInput()
            kind.initial = self.initial["kind"] = str(kinds[0].key)
        for question in questions:
            self.fields[f"question_{question.pk}"] = field_of(question)

    @property
    def given(self) -> dict[int, Any]:
        """The answers, by the question's key in the database."""
        return {one.pk: self.cleaned_data.get(f"question_{one.pk}") for one in self.questions}


def field_of(question: EventQuestion) -> forms.Field:
    """What the question is answered in."""
    return _MADE[Kind(question.kind)](question)


def _text(question: EventQuestion) -> forms.Field:
    return forms.CharField(label=question.text, max_length=LONGEST, required=question.required)


def _choice(question: EventQuestion) -> forms.Field:
    choices = [(one, one) for one in question.options]
    return forms.ChoiceField(
        label=question.text, choices=choices, required=question.required, widget=forms.RadioSelect
    )


def _several(question: EventQuestion) -> forms.Field:
    choices = [(one, one) for one in question.options]
    widget = forms.CheckboxSelectMultiple
    return forms.MultipleChoiceField(
        label=question.text, choices=choices, required=question.required, widget=widget
    )


def _agreement(question: EventQuestion) -> forms.Field:
    return forms.BooleanField(label=question.text, required=question.required)


_MADE = {Kind.TEXT: _text, Kind.CHOICE: _choice, Kind.SEVERAL: _several, Kind.AGREEMENT: _agreement}
