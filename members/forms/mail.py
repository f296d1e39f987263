"""The words of a letter, and what of the log is looked at."""

from django import forms
from django.utils.translation import gettext_lazy as _

from kernel import mails
from members.models import Message


class WordsForm(forms.Form):
    subject = forms.CharField(label=_("Subject"), max_length=mails.LONGEST_SUBJECT)
    body = forms.CharField(
        label=_("Text"),
        max_length=mails.LONGEST_BODY,
        widget=forms.Textarea(attrs={"rows": 14, "spellcheck": "true"}),
        help_text=_("Markdown. A link alone on its line becomes a button. Words in braces are filled in."),
    )


class LogForm(forms.Form):
    """Every field may be empty."""

    q = forms.CharField(label=_("Search"), max_length=120, required=False)
    state = forms.ChoiceField(
        label=_("State"), choices=[("", _("Any state")), *Message.State.choices], required=False
    )
