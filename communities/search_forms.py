"""What is asked of the one search."""

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from kernel import search
from kernel.search import Asked


class SearchForm(forms.Form):
    """Every field may be empty; what cannot be read does not narrow."""

    q = forms.CharField(max_length=search.LONGEST, required=False)
    circle = forms.ChoiceField(required=False)
    days = forms.ChoiceField(
        required=False,
        choices=[
            ("", _("At any time")),
            ("7", _("In the last 7 days")),
            ("30", _("In the last 30 days")),
            ("365", _("In the last year")),
        ],
    )

    def __init__(self, *args: Any, circles: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["circle"].choices = [("", _("In all circles")), *circles]  # type: ignore[attr-defined]

    def asked(self, at: datetime) -> Asked:
        given = self.cleaned_data
        since = at - timedelta(days=int(given["days"])) if given.get("days") else None
        return Asked(given.get("q", ""), circle=given.get("circle", ""), since=since)
