"""What is said when a ticket is taken back."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext


class TakeBackForm(forms.Form):
    reason = forms.CharField(
        label=_("Why"), max_length=240, help_text=_("They read it."), widget=forms.Textarea(attrs={"rows": 2})
    )
    refund = forms.BooleanField(label=_("What was paid goes back"), required=False, initial=True)

    along = forms.BooleanField(required=False)

    def __init__(self, *args: Any, priced: bool, brings: int, **kwargs: Any) -> None:
        """`brings` is how many others come by whoever has it."""
        super().__init__(*args, **kwargs)
        if not priced:
            del self.fields["refund"]
        if brings:
            words = ngettext(
                "Also that of the one person they bring",
                "Also those of the %(n)d people they bring",
                brings,
            )
            self.fields["along"].label = words % {"n": brings}
        else:
            del self.fields["along"]
