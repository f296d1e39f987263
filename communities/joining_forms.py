"""Forms around joining: they read input; services judge it."""

from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from communities.models import JoinQuestion
from communities.services.settings import MOST_REFERENCES
from kernel import dues
from members.models import Tier


class Lines(forms.CharField):
    """Several short texts, one a line."""

    widget = forms.Textarea(attrs={"rows": 4})

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value) or ""
        return list(dict.fromkeys(line.strip() for line in text.splitlines() if line.strip()))

    def run_validators(self, value: Any) -> None:
        """Services judge how many there may be and how long each."""


class TierForm(forms.ModelForm):
    perks = Lines(label=_("Perks"), required=False, help_text=_("One a line: what its members have of it."))

    class Meta:
        model = Tier
        fields = ["name", "description", "perks", "rank", "capacity", "colour", "visible", "is_default"]
        help_texts = {
            "rank": _("A higher rank opens what the lower ones open, and more."),
            "capacity": _("How many it holds at once; left empty, any number."),
            "visible": _("Else only staff, and those who are in it, know of it."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk is None:
            self.fields["rank"].required = False
            self.fields["rank"].help_text = _("Left empty, it is the highest.")
        elif self.instance.is_default:
            # It ends by giving another tier on joining, and not by giving none.
            del self.fields["is_default"]

    def _post_clean(self) -> None:
        """Without touching the instance: services change rows, and they look at the row as it is then."""


class QuestionForm(forms.ModelForm):
    options = Lines(
        label=_("Answers to choose from"),
        required=False,
        help_text=_("One a line; for the two kinds to choose."),
    )

    class Meta:
        model = JoinQuestion
        fields = ["text", "kind", "options", "required"]

    def _post_clean(self) -> None:
        """Without touching the instance."""


class RulesForm(forms.Form):
    references_asked = forms.IntegerField(
        label=_("Members an applicant may name"),
        min_value=0,
        max_value=MOST_REFERENCES,
        help_text=_("Each of them is asked for a word. 0 asks for none."),
    )
    dues_first = forms.BooleanField(
        label=_("Dues are paid before the application is read"),
        required=False,
        help_text=_("For tiers with dues. Else who is approved pays then."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not dues.are_provided():
            del self.fields["dues_first"]


class DecisionForm(forms.Form):
    reason = forms.CharField(
        label=_("Reason"),
        max_length=240,
        required=False,
        help_text=_("Kept in the history; stands in the message where {reason} is."),
    )
    message = forms.CharField(
        label=_("Message"), max_length=4000, required=False, widget=forms.Textarea(attrs={"rows": 7})
    )
    seen = forms.CharField(required=False, max_length=40, widget=forms.HiddenInput)

    def clean_seen(self) -> datetime | None:
        """When the application was last decided upon, as the page showed it."""
        try:
            found = datetime.fromisoformat(self.cleaned_data["seen"])
        except ValueError:
            return None
        return found if found.tzinfo else None


class LetterForm(forms.Form):
    text = forms.CharField(
        label=_("Text"),
        max_length=4000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 9}),
        help_text=_("{name}, {community} and {reason} are filled in. Left empty, the usual text is sent."),
    )


class WordForm(forms.Form):
    vouches = forms.TypedChoiceField(
        label=_("Would you have them here?"),
        choices=[("yes", _("Yes, I would")), ("no", _("Rather not"))],
        coerce=lambda given: given == "yes",
        widget=forms.RadioSelect,
    )
    words = forms.CharField(
        label=_("A few words"),
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Only the staff who decide read this."),
    )
