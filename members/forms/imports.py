"""The form by which a file goes in."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from kernel.imports import ImportKind


class ImportForm(forms.Form):
    kind = forms.ChoiceField(label=_("What is in the file?"), widget=forms.RadioSelect)
    file = forms.FileField(
        label=_("File"),
        max_length=1000,
        allow_empty_file=True,
        help_text=_(
            "CSV in UTF-8 with commas, as spreadsheets save it; from Mailchimp, Slack and Discord what they export, as it is. "
            "Sending it twice changes nothing."
        ),
        widget=forms.ClearableFileInput(
            attrs={"accept": ".csv,text/csv,.zip,application/zip,.json,application/json"}
        ),
    )
    keep_unknown = forms.BooleanField(
        label=_("Keep columns that are not known as members' own fields"), required=False
    )

    def __init__(self, *args: Any, kinds: Sequence[ImportKind], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = [(kind.key, kind.title) for kind in kinds]  # type: ignore[attr-defined]
        self.fields["kind"].initial = kinds[0].key
