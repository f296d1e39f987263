"""Forms of what members write to one another."""

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from communities.models import MessageReport, MessageWish
from communities.services.message_reports import LONGEST as LONGEST_WORDS
from communities.services.messages import LONGEST


class MessageForm(forms.Form):
    body = forms.CharField(
        label=_("Your message"),
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 2, "class": "composer-text", "placeholder": _("Your message")}),
    )


class WishForm(forms.Form):
    who = forms.ChoiceField(
        label=pgettext_lazy("who may write to me", "Who may begin to write to you"),
        choices=MessageWish.Who.choices,
        widget=forms.RadioSelect,
        help_text=_("Whoever you have written to can answer. Staff can always write to you."),
    )


class ReportForm(forms.Form):
    reason = forms.ChoiceField(label=_("What it is about"), choices=MessageReport.Reason.choices)
    words = forms.CharField(
        label=_("What they should know"),
        max_length=LONGEST_WORDS,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )


class SettleForm(forms.Form):
    outcome = forms.ChoiceField(
        label=_("How it ended"),
        choices=[one for one in MessageReport.Outcome.choices if one[0]],
        widget=forms.RadioSelect,
    )
    note = forms.CharField(
        label=_("Note for the staff"),
        max_length=LONGEST_WORDS,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
