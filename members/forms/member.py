"""Adding and changing one member at the desk. Forms read input; services judge it."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.contrib.postgres.forms import SimpleArrayField
from django.utils.translation import gettext_lazy as _

from kernel.tenancy import Community
from members.forms import custom_fields
from members.models import CustomField, Tier
from members.roles import Role

WORDS = forms.CharField(max_length=80)


class Words(SimpleArrayField):
    """Words separated by commas, Chinese commas or semicolons; repeated ones are kept once."""

    def prepare_value(self, value: Any) -> Any:
        return ", ".join(value) if isinstance(value, list | tuple) else value

    def to_python(self, value: Any) -> list[str]:  # type: ignore[override]  # the stubs take it for a text
        if isinstance(value, str):
            for mark in ("，", "、", ";", "；"):
                value = value.replace(mark, ",")
            value = ",".join(part.strip() for part in value.split(",") if part.strip())
        return list(dict.fromkeys(super().to_python(value)))


class ProfileForm(forms.Form):
    """What staff may change by hand of a member as they are: of `memberships.PROFILE_FIELDS` all but the place on the
    map. Custom fields that are known follow in `EditForm`; others come by files and programs."""

    name = forms.CharField(label=_("Name"), max_length=120, required=False)
    email = forms.EmailField(label=_("E-mail address"), required=False)
    city = forms.CharField(label=_("City"), max_length=120, required=False)
    country = forms.CharField(label=_("Country"), max_length=120, required=False)
    interests = Words(WORDS, label=_("Interests"), required=False, help_text=_("Separated by commas."))
    tags = Words(
        WORDS, label=_("Tags"), required=False, help_text=_("Seen by staff only. Separated by commas.")
    )


class EditForm(ProfileForm):
    """With the fields of the community's own. Words keep with them what the page showed, so that what others changed
    meanwhile is not put back by somebody who changed something else."""

    interests = Words(
        WORDS,
        label=_("Interests"),
        required=False,
        show_hidden_initial=True,
        help_text=_("Separated by commas."),
    )
    tags = Words(
        WORDS,
        label=_("Tags"),
        required=False,
        show_hidden_initial=True,
        help_text=_("Seen by staff only. Separated by commas."),
    )

    def __init__(self, *args: Any, custom: Sequence[CustomField], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.custom = custom
        self.fields |= custom_fields.form_fields(custom)

    def fields_given(self, before: Mapping[str, Any]) -> dict[str, Any]:
        """For `memberships.update`; `before` are the custom values that are there, which stay unless changed here."""
        names = set(ProfileForm.base_fields)
        # Words that were not touched may have been changed by somebody else since.
        words = {"interests", "tags"} - set(self.changed_data)
        given = {name: self.cleaned_data[name] for name in names - words}
        if self.custom:
            given["custom"] = {**before, **custom_fields.touched(self.custom, self)}
        return given


class AddForm(ProfileForm):
    """A member whom staff enters by hand."""

    field_order = ("name", "email", "external_id", "joined_at", "tier")

    external_id = forms.CharField(
        label=_("Own id"),
        max_length=120,
        required=False,
        help_text=_("What another system calls this member; imports find them by it."),
    )
    joined_at = forms.DateTimeField(
        label=_("Joined"),
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}),
        help_text=_("In the community's time zone; now when left empty."),
    )
    tier = forms.ModelChoiceField(label=_("Tier"), queryset=Tier.objects.none(), required=False)

    def __init__(self, *args: Any, community: Community, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["tier"].queryset = Tier.objects.of(community.id)  # type: ignore[attr-defined]
        self.fields["tier"].empty_label = _("The usual one")  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if not (given.get("name") or given.get("external_id")) and not self.errors:
            raise forms.ValidationError(_("Give a name or an id: a member needs to be called something."))
        return given

    def fields_given(self) -> dict[str, Any]:
        """For `memberships.add`: what was left empty is left to the service."""
        left_out = {name for name in ("tier", "joined_at") if self.cleaned_data[name] is None}
        return {name: value for name, value in self.cleaned_data.items() if name not in left_out}


class RoleForm(forms.Form):
    role = forms.ChoiceField(label=_("Role"), choices=Role.choices)
