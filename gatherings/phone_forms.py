"""What a phone at the door tells of one that it saw."""

from datetime import timedelta
from typing import Any

from django import forms

from gatherings.services.settling import IN, LONGEST, UNDO, Sighting


class SightingForm(forms.Form):
    name = forms.RegexField(r"\A[0-9a-zA-Z-]{8,64}\Z")
    act = forms.ChoiceField(choices=[(IN, IN), (UNDO, UNDO)])
    ago = forms.FloatField(min_value=0)
    code = forms.CharField(max_length=300, required=False)
    number = forms.IntegerField(min_value=1, max_value=2**31 - 1, required=False)

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if bool(given.get("code")) == bool(given.get("number")) or (
            given.get("act") == UNDO and given.get("code")
        ):
            raise forms.ValidationError("A code, or a number.", code="whom")
        return given

    def sighting(self) -> Sighting:
        given = self.cleaned_data
        ago = timedelta(seconds=min(given["ago"], LONGEST.total_seconds()))
        return Sighting(given["name"], given["act"], ago, given["code"], given["number"] or 0)
