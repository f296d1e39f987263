"""A segment's name."""

from django import forms
from django.utils.translation import gettext_lazy as _


class SegmentForm(forms.Form):
    name = forms.CharField(
        label=_("Name"), max_length=80, help_text=_("Everyone at the desk sees it above the table.")
    )
