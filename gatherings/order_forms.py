"""What is said when a ticket is taken back."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _


class TakeBackForm(forms.Form):
    reason = forms.CharField(
        label=_("Why"), max_length=240, help_text=_("They read it."), widget=forms.Textarea(attrs={"rows": 2})
    )
    refund = forms.BooleanField(label=_("What was paid for it goes back"), required=False, initial=True)

    def __init__(self, *args: Any, priced: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not priced:
            del self.fields["refund"]
