"""What is asked of the members' directory, and what members say of themselves in it."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from members.forms import custom_fields
from members.forms.acts import ActForm
from members.forms.member import WORDS, Words
from members.models import CustomField, Membership
from members.selectors.people_directory import SHOWABLE, Wanted


class FindForm(forms.Form):
    """Every field may be empty; what cannot be read does not narrow."""

    q = forms.CharField(label=_("Search"), max_length=120, required=False)
    city = forms.CharField(label=_("City"), max_length=120, required=False)
    interest = forms.CharField(label=_("An interest"), max_length=80, required=False)

    def wanted(self) -> Wanted:
        given = self.cleaned_data
        return Wanted(text=given.get("q", ""), city=given.get("city", ""), interest=given.get("interest", ""))


class OwnForm(forms.Form):
    """One's own profile: each thing said, and beside it whether the other members see it; then what the community asks
    of its own and leaves to its members (`custom`)."""

    name = forms.CharField(label=_("Name"), max_length=120, help_text=_("Members always see it."))
    listed = forms.BooleanField(
        label=_("I am in the directory of members"),
        required=False,
        help_text=_("Off: members do not find you there. The staff always see everyone."),
    )
    introduction = forms.CharField(
        label=_("Introduction"),
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("Who you are, what you do, what you would like to talk about."),
    )
    interests = Words(WORDS, label=_("Interests"), required=False, help_text=_("Separated by commas."))
    city = forms.CharField(label=_("City"), max_length=120, required=False)
    country = forms.CharField(label=_("Country"), max_length=120, required=False)

    def __init__(
        self, *args: Any, membership: Membership, custom: Sequence[CustomField] = (), **kwargs: Any
    ) -> None:
        said = {name: getattr(membership, name) for name in self.base_fields}
        shown = {f"show_{key}": key in membership.shown for key in SHOWABLE}
        own = custom_fields.initial(custom, membership.custom)
        kwargs["initial"] = said | shown | own | (kwargs.get("initial") or {})
        super().__init__(*args, **kwargs)
        for key in SHOWABLE:
            self.fields[f"show_{key}"] = forms.BooleanField(
                label=_("Members see it"), required=False, help_text=_("Off: only the staff see it.")
            )
        if membership.email:
            self.fields["show_email"].label = _("Members see %(email)s") % {"email": membership.email}
        else:
            del self.fields["show_email"]
        pairs = [(key, f"show_{key}") for key in SHOWABLE]
        self.order_fields(["name", "listed", *(name for pair in pairs for name in pair)])
        self.custom = custom
        self.fields |= custom_fields.member_fields(custom, has=membership.custom)

    def profile(self) -> dict[str, Any]:
        """For `profiles.present`."""
        given = self.cleaned_data
        said = {name: given[name] for name in self.base_fields}
        shown = [key for key in SHOWABLE if given.get(f"show_{key}")]
        # What was not touched may have been changed by the staff since.
        return said | {"shown": shown, "custom": custom_fields.touched(self.custom, self)}


class PauseForm(ActForm):
    """A pause at one's own wish."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.order_fields(["until", "reason"])
        self.fields["reason"].help_text = _("The staff will read it.")
        self.fields["until"].help_text = _("It goes on by itself the day after; left empty, when you resume.")
