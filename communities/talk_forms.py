"""Forms of what members write."""

from django import forms
from django.utils.translation import gettext_lazy as _

from communities.services.posts import LONGEST

MARKDOWN = _("**bold**, *italic*, - a list, > a quotation, [words](address)")


class PostForm(forms.Form):
    title = forms.CharField(label=_("Title"), max_length=160, required=False)
    body = forms.CharField(
        label=_("Text"),
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 10}),
        help_text=MARKDOWN,
    )


class CommentForm(forms.Form):
    body = forms.CharField(
        label=_("Your answer"),
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=MARKDOWN,
    )
    parent = forms.UUIDField(required=False, widget=forms.HiddenInput)
