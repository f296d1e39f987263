"""Forms about a person's data."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from members.models import User
from members.selectors import person_data
from members.services import erasure

#: The choice to be erased altogether.
EVERYWHERE = "all"


class FetchForm(forms.Form):
    """Nothing is filled in: sending it is what counts."""


class EraseForm(forms.Form):
    where = forms.ChoiceField(label=_("What is to be erased"), widget=forms.RadioSelect)
    typed = forms.CharField(
        label=_("Your name"), max_length=254, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.places = {str(one.pk): one for one in person_data.memberships(user)}
        self.fields["where"].choices = [  # type: ignore[attr-defined]
            (EVERYWHERE, _("My account, and all that is personal in every community")),
            *(
                (key, _("What is personal in %(community)s") % {"community": one.community.name})
                for key, one in self.places.items()
            ),
        ]
        words = erasure.wanted_words(user)
        self.fields["typed"].help_text = _("Type %(words)s, so that it is not done by mistake.") % {
            "words": words
        }

    def asked(self) -> dict[str, Any]:
        where = self.cleaned_data["where"]
        return {"membership": self.places.get(where), "typed": self.cleaned_data["typed"]}


class EraseMemberForm(forms.Form):
    reason = forms.CharField(
        label=_("Who asked for it, and how"),
        max_length=240,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("It stays in the audit log: name nobody."),
    )
