"""What a person changes of themselves, for the whole site."""

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import get_language_info, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from kernel.clock import zone_choices

#: The choice to have none: the browser's wish is followed.
BROWSER = "browser"


class MeForm(forms.Form):
    name = forms.CharField(
        label=_("Name"),
        max_length=120,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        help_text=_("What you are called where a community has no other name for you."),
    )
    language = forms.ChoiceField(
        label=_("Language"),
        help_text=_("Of pages and of e-mails to you."),
        # Each in its own words: whoever needs to find it can read it.
        choices=[
            (BROWSER, _("As my browser asks")),
            *((code, get_language_info(code)["name_local"]) for code, _name in settings.LANGUAGES),
        ],
    )

    def clean_language(self) -> str:
        language = self.cleaned_data["language"]
        return "" if language == BROWSER else language


def _zones() -> list[tuple[str, Any]]:
    return [("", _("As each community's")), *zone_choices()]


class QuietForm(forms.Form):
    """From when until when no letters come; neither for at any time."""

    begins = forms.TimeField(
        label=pgettext_lazy("quiet hours", "From"),
        required=False,
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
    )
    ends = forms.TimeField(
        label=pgettext_lazy("quiet hours", "Until"),
        required=False,
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
    )
    timezone = forms.ChoiceField(label=_("By the clock of"), choices=_zones, required=False)
