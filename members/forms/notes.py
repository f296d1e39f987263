"""What a note says."""

from django import forms
from django.utils.translation import gettext_lazy as _

from members.services.notes import LONGEST


class NoteForm(forms.Form):
    text = forms.CharField(
        label=_("Note"),
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("For staff only; the member never sees it. Markdown works."),
    )
