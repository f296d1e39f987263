"""Inviting people: by e-mail, by links of the operators; and who invited whom."""

import re
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from kernel.tenancy import Community
from members.models import Membership, Tier

#: Addresses taken at once.
MOST = 20
_BETWEEN = re.compile(r"[\s,;，；、]+")


class InviteForm(forms.Form):
    """Letters to some addresses, in their language, with a word of one's own."""

    emails = forms.CharField(
        label=_("E-mail addresses"),
        max_length=6000,
        widget=forms.Textarea(attrs={"rows": 2, "autocomplete": "off", "inputmode": "email"}),
        help_text=_("One or several, parted by commas or lines."),
    )
    language = forms.ChoiceField(label=_("Their language"), choices=settings.LANGUAGES)
    note = forms.CharField(
        label=_("A word of your own"),
        max_length=300,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Stands in the letter."),
    )

    def __init__(self, *args: Any, community: Community, **kwargs: Any) -> None:
        kwargs["initial"] = {"language": community.language} | (kwargs.get("initial") or {})
        super().__init__(*args, **kwargs)

    def clean_emails(self) -> list[str]:
        emails = list(dict.fromkeys(one for one in _BETWEEN.split(self.cleaned_data["emails"]) if one))
        if len(emails) > MOST:
            raise forms.ValidationError(
                _("At most %(most)d addresses at once."), code="max_length", params={"most": MOST}
            )
        return emails


class StaffInviteForm(InviteForm):
    """The same by those who manage invitations: with a campaign and a tier."""

    campaign = forms.CharField(label=_("Campaign"), max_length=80, required=False)
    tier = forms.ModelChoiceField(label=_("Tier"), queryset=Tier.objects.none(), required=False)

    def __init__(self, *args: Any, community: Community, **kwargs: Any) -> None:
        super().__init__(*args, community=community, **kwargs)
        _offer_tiers(self.fields["tier"], community)


class LinkForm(forms.Form):
    """A link of the operators."""

    channel = forms.SlugField(
        label=_("Channel"),
        max_length=40,
        help_text=_("Where you will put it, in letters, digits and hyphens: wechat, flyer, newsletter."),
    )
    campaign = forms.CharField(
        label=_("Campaign"), max_length=80, required=False, help_text=_("What it is part of, if anything.")
    )
    tier = forms.ModelChoiceField(label=_("Tier"), queryset=Tier.objects.none(), required=False)
    limit = forms.IntegerField(
        label=_("How many may join by it"),
        min_value=1,
        max_value=1_000_000,
        required=False,
        help_text=_("Any number when left empty."),
    )
    expires_at = forms.DateTimeField(
        label=_("Works until"),
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        help_text=_("In the community's time zone; until you end it when left empty."),
    )

    def __init__(self, *args: Any, community: Community, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _offer_tiers(self.fields["tier"], community)


class InviterForm(forms.Form):
    """Who really invited a member."""

    inviter = forms.IntegerField(
        label=_("Number of the inviter"),
        min_value=1,
        max_value=2**31 - 1,
        required=False,
        help_text=_("Stands on their page. Left empty: they came by themselves."),
    )
    reason = forms.CharField(
        label=_("Why?"),
        max_length=240,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Kept in the history of this membership."),
    )

    def __init__(self, *args: Any, community: Community, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.community = community

    def clean_inviter(self) -> Membership | None:
        number = self.cleaned_data["inviter"]
        if number is None:
            return None
        inviter = Membership.objects.of(self.community.id).filter(number=number).first()
        if inviter is None:
            raise forms.ValidationError(_("There is no member of this number."), code="unknown")
        return inviter


def _offer_tiers(field: Any, community: Community) -> None:
    field.queryset = Tier.objects.of(community.id)
    field.empty_label = _("The usual one")
