"""Forms of the rooms of this app: they read input; services judge it."""

import re
from collections.abc import Callable, Sequence
from typing import Any

from django import forms
from django.conf import settings
from django.utils.text import slugify
from django.utils.translation import get_language, ngettext_lazy
from django.utils.translation import gettext_lazy as _

from communities.blueprints import blueprints
from communities.models import ApiKey, Community, JoinQuestion
from communities.models.api_key import Scope
from kernel.clock import zone_choices
from members.forms import custom_fields
from members.models import CustomField
from members.search import pinyin

CURRENCIES = (
    "CNY",
    "USD",
    "EUR",
    "GBP",
    "HKD",
    "TWD",
    "JPY",
    "KRW",
    "SGD",
    "AUD",
    "CAD",
    "CHF",
    "INR",
    "BRL",
)
_HOME = {"zh-hans": ("Asia/Shanghai", "CNY")}


def currencies() -> list[tuple[str, str]]:
    return [(code, code) for code in CURRENCIES]


def types() -> list[tuple[str, Any]]:
    return [(blueprint.key, blueprint.name) for blueprint in blueprints]


def address_from(name: str) -> str:
    """An address made of a name: Chinese is written in pinyin.

    >>> address_from("跑步 Club")
    'pao-bu-club'
    """
    return slugify(" ".join(pinyin(name)))[:60]


class FoundingForm(forms.Form):
    type = forms.ChoiceField(
        label=_("What do people gather around?"), choices=types, widget=forms.RadioSelect
    )
    name = forms.CharField(label=_("Name"), max_length=80)
    slug = forms.SlugField(
        label=_("Address"),
        max_length=60,
        required=False,
        help_text=_("Letters, digits and hyphens; made from the name when left empty."),
    )
    tagline = forms.CharField(label=_("In one sentence"), max_length=160, required=False)
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)
    timezone = forms.ChoiceField(
        label=_("Time zone"), choices=zone_choices, help_text=_("Its days and weeks begin by this clock.")
    )
    currency = forms.ChoiceField(label=_("Currency"), choices=currencies)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        language = get_language() or settings.LANGUAGE_CODE
        zone, currency = _HOME.get(language, ("UTC", "USD"))
        kwargs["initial"] = {"language": language, "timezone": zone, "currency": currency} | (
            kwargs.get("initial") or {}
        )
        super().__init__(*args, **kwargs)
        if not self.is_bound:
            self.fields["timezone"].widget.attrs["data-own-zone"] = ""

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if "name" in cleaned and "slug" in cleaned and not cleaned["slug"]:
            cleaned["slug"] = address_from(cleaned["name"])
            if not cleaned["slug"]:
                self.add_error("slug", _("No address can be made from this name: please choose one."))
        return cleaned


class SettingsForm(forms.ModelForm):
    timezone = forms.ChoiceField(
        label=_("Time zone"),
        help_text=_("Its days and weeks begin by this clock. A change counts every day anew."),
    )
    currency = forms.ChoiceField(label=_("Currency"))
    own_colour = forms.BooleanField(label=_("Wear a colour of its own instead of its type's"), required=False)
    colour = forms.RegexField(
        r"\A#[0-9a-fA-F]{6}\Z",
        label=_("Colour"),
        required=False,
        widget=forms.ColorInput,
        help_text=_("Darkened by day and lifted by night as far as reading needs."),
        error_messages={"invalid": _("A colour such as #0c7383 is expected.")},
    )

    class Meta:
        model = Community
        fields = [
            "name",
            "tagline",
            "description",
            "visibility",
            "join_policy",
            "members_invite",
            "members_open_circles",
            "language",
            "timezone",
            "currency",
            "colour",
        ]
        widgets = {"description": forms.Textarea(attrs={"rows": 8})}
        help_texts = {
            "description": _("Markdown: headings, lists, links. Shown on the community's face."),
            "members_invite": _(
                "Each has a link of their own and may invite by e-mail. Otherwise staff alone invite."
            ),
            "members_open_circles": _(
                "Whoever opens one looks after it. Otherwise staff alone open circles."
            ),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # With what stands there now, which a program may have chosen among more: saving must not change it.
        for name, offered in (("timezone", zone_choices()), ("currency", currencies())):
            now = self.initial[name]
            known = now in dict(offered)
            self.fields[name].choices = offered if known else [(now, now), *offered]  # type: ignore[attr-defined]
        # A browser's picker always holds some colour: whether it is worn is asked beside it.
        self.initial["own_colour"] = bool(self.instance.colour)
        self.initial["colour"] = self.instance.colour or self.instance.blueprint.hue

    def clean_colour(self) -> str:
        return str(self.cleaned_data["colour"]).lower()

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not cleaned.pop("own_colour", False):
            cleaned["colour"] = ""
        return cleaned


class ApiKeyForm(forms.ModelForm):
    scopes = forms.MultipleChoiceField(
        label=_("What it may do"),
        choices=Scope.choices,
        widget=forms.CheckboxSelectMultiple,
        initial=["read"],
    )

    class Meta:
        model = ApiKey
        fields = ["name", "scopes", "expires_at"]
        labels = {"name": _("What is it for?")}
        help_texts = {"expires_at": _("Left empty, it works until you end it.")}
        widgets = {
            "expires_at": forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
        }


class JoinForm(forms.Form):
    """One field for each of the community's questions, named `question_<id>`, one for each member field that is asked
    on joining (`custom_<id>`), and one for the members to name; before them the name of an applicant who has none."""

    def __init__(
        self,
        *args: Any,
        questions: list[JoinQuestion],
        custom: Sequence[CustomField] = (),
        references: int = 0,
        nameless: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.questions, self.asked = questions, custom
        if nameless:
            self.fields["name"] = _name()
        for question in questions:
            self.fields[f"question_{question.pk}"] = _FIELDS[question.kind](question)
        self.fields |= custom_fields.member_fields(custom)
        if references:
            self.fields["named"] = _named(references)

    def answers(self) -> dict[int, Any]:
        return {question.pk: self.cleaned_data[f"question_{question.pk}"] for question in self.questions}

    def custom(self) -> dict[str, Any]:
        """What is said in the member fields, by key."""
        return custom_fields.values(self.asked, self.cleaned_data)

    def named(self) -> list[str]:
        """Whom the applicant names, as written."""
        written = re.split(r"[\s,;，；、]+", self.cleaned_data.get("named", ""))
        return [name for name in written if name]


def _name() -> forms.Field:
    return forms.CharField(
        label=_("Your name"), max_length=120, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )


def _options(question: JoinQuestion) -> list[tuple[str, str]]:
    return [(option, option) for option in question.options]


def _text(question: JoinQuestion) -> forms.Field:
    return forms.CharField(label=question.text, required=question.required, max_length=2000)


def _choice(question: JoinQuestion) -> forms.Field:
    return forms.ChoiceField(
        label=question.text,
        required=question.required,
        choices=_options(question),
        widget=forms.RadioSelect,
    )


def _several(question: JoinQuestion) -> forms.Field:
    return forms.MultipleChoiceField(
        label=question.text,
        required=question.required,
        choices=_options(question),
        widget=forms.CheckboxSelectMultiple,
    )


def _date(question: JoinQuestion) -> forms.Field:
    return forms.DateField(
        label=question.text, required=question.required, widget=forms.DateInput(attrs={"type": "date"})
    )


def _file(question: JoinQuestion) -> forms.Field:
    return forms.FileField(
        label=question.text,
        required=question.required,
        max_length=200,
        help_text=_("A PDF or a picture (PNG, JPEG), 5 MB at the most. Only staff can open it."),
        widget=forms.FileInput(attrs={"accept": ".pdf,.png,.jpg,.jpeg"}),
    )


def _named(references: int) -> forms.Field:
    return forms.CharField(
        label=_("Who of the members knows you?"),
        required=False,
        max_length=1000,
        help_text=ngettext_lazy(
            "The number or e-mail address of a member, who is asked for a word.",
            "Numbers or e-mail addresses of up to %(n)s members, who are asked for a word.",
            references,
        )
        % {"n": references},
    )


def _agreement(question: JoinQuestion) -> forms.Field:
    return forms.BooleanField(label=question.text, required=question.required)


_FIELDS: dict[str, Callable[[JoinQuestion], forms.Field]] = {
    JoinQuestion.Kind.TEXT: _text,
    JoinQuestion.Kind.CHOICE: _choice,
    JoinQuestion.Kind.SEVERAL: _several,
    JoinQuestion.Kind.DATE: _date,
    JoinQuestion.Kind.FILE: _file,
    JoinQuestion.Kind.AGREEMENT: _agreement,
}
