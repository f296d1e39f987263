"""Fields of the community's own: the form that makes one, and the form fields they give."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django import forms
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from members import custom_values
from members.models import CustomField

Kind, Seen = CustomField.Kind, CustomField.Seen
#: What a form calls the field with that id.
PREFIX = "custom_"
YES, NO = "yes", "no"
_READERS = {
    Seen.STAFF: _("Only the staff see it."),
    Seen.MEMBER: _("You and the staff see it."),
    Seen.MEMBERS: _("All members see it."),
}


class CustomFieldForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=80)
    kind = forms.ChoiceField(label=_("What it holds"), choices=Kind.choices)
    choices = forms.CharField(
        label=_("Choices"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("One a line, for one or several of several."),
    )
    hint = forms.CharField(label=_("Hint"), max_length=240, required=False)
    seen_by = forms.ChoiceField(
        label=_("Who sees it"),
        choices=Seen.choices,
        help_text=_("Whoever asks for all that is held on them gets it too, whatever is chosen here."),
    )
    asked = forms.BooleanField(label=_("Asked on joining"), required=False)
    required = forms.BooleanField(label=_("Needed on joining"), required=False)
    editable = forms.BooleanField(
        label=_("Members change it themselves"),
        required=False,
        help_text=_("On the page of their membership. Otherwise the staff alone change it."),
    )

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        # What is needed is asked: nobody has to tick both.
        given["asked"] = bool(given.get("asked") or given.get("required"))
        return given

    def clean_choices(self) -> list[str]:
        return str(self.cleaned_data["choices"]).splitlines()


def form_fields(custom: Sequence[CustomField]) -> dict[str, forms.Field]:
    """A form field for each, none of them needed: staff may not know."""
    return {f"{PREFIX}{field.pk}": _form_field(field) for field in custom}


def member_fields(
    custom: Sequence[CustomField], *, has: Mapping[str, Any] | None = None
) -> dict[str, forms.Field]:
    """The same for the member themselves, told who reads what they write. What is needed is needed on joining (`has` is
    None), and later by those who have it (`has`, by key): they change it and do not take it away."""
    fields = form_fields(custom)
    for one, field in zip(custom, fields.values(), strict=True):
        readers = _READERS[Seen(one.seen_by)]
        field.help_text = format_lazy("{} {}", one.hint, readers) if one.hint else readers
        field.required = one.required and (has is None or one.key in has)
    return fields


def initial(custom: Sequence[CustomField], values: Mapping[str, Any]) -> dict[str, Any]:
    """What the member has in each, as the form shows it."""
    found = {}
    for field in custom:
        value = values.get(field.key)
        if field.kind == Kind.FLAG:
            value = {True: YES, False: NO}.get(value, "") if isinstance(value, bool) else ""
        found[f"{PREFIX}{field.pk}"] = value
    return found


def values(custom: Sequence[CustomField], cleaned: Mapping[str, Any]) -> dict[str, Any]:
    """What was given, by key, as services take it."""
    return {field.key: _value(field, cleaned.get(f"{PREFIX}{field.pk}")) for field in custom}


def touched(custom: Sequence[CustomField], form: forms.BaseForm) -> dict[str, Any]:
    """The same, of what was changed in the form alone."""
    changed = {field.key for field in custom if f"{PREFIX}{field.pk}" in form.changed_data}
    return {key: value for key, value in values(custom, form.cleaned_data).items() if key in changed}


def _value(field: CustomField, given: Any) -> Any:
    if field.kind == Kind.FLAG:
        return {YES: True, NO: False}.get(given)
    if isinstance(given, date):
        return given.isoformat()
    if isinstance(given, float) and given.is_integer():
        return int(given)
    return given


def _form_field(field: CustomField) -> forms.Field:
    shared: dict[str, Any] = {"label": field.name, "help_text": field.hint, "required": False}
    choices = [(choice, choice) for choice in field.choices]
    match Kind(field.kind):
        case Kind.NUMBER:
            return forms.FloatField(**shared)
        case Kind.DAY:
            return forms.DateField(widget=forms.DateInput(attrs={"type": "date"}), **shared)
        case Kind.CHOICE:
            return forms.ChoiceField(choices=[("", "–"), *choices], **shared)
        case Kind.SEVERAL:
            return forms.MultipleChoiceField(choices=choices, widget=forms.CheckboxSelectMultiple, **shared)
        case Kind.FLAG:
            return forms.ChoiceField(choices=[("", "–"), (YES, _("Yes")), (NO, _("No"))], **shared)
        case Kind.PHONE:
            dial = forms.TextInput(attrs={"type": "tel", "autocomplete": "tel"})
            return forms.CharField(max_length=60, widget=dial, **shared)
    return forms.CharField(max_length=custom_values.LONGEST, **shared)
