"""Forms of the circles' settings."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from communities.models import Circle
from communities.services.circle_requests import LONGEST
from communities.services.circles import KINDS_OF_MEMBERS
from kernel.tenancy import Community
from members.models import Tier


class CircleForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=80)
    description = forms.CharField(label=_("What it is about"), max_length=240, required=False)
    kind = forms.ChoiceField(label=_("Who may join"), choices=Circle.Kind.choices, initial=Circle.Kind.OPEN)
    minimum_tier = forms.ModelChoiceField(
        label=_("Open from this tier on"),
        queryset=Tier.objects.none(),
        required=False,
        empty_label=_("Every tier"),
        help_text=_("Members of lower tiers, and visitors, do not see it."),
    )

    def __init__(self, *args: Any, community: Community, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["minimum_tier"].queryset = Tier.objects.of(community.id)  # type: ignore[attr-defined]


class CareForm(forms.Form):
    """A circle as its hosts have it."""

    name = forms.CharField(label=_("Name"), max_length=80)
    description = forms.CharField(label=_("What it is about"), max_length=240, required=False)
    kind = forms.ChoiceField(
        label=_("Who may join"),
        choices=[(kind.value, kind.label) for kind in KINDS_OF_MEMBERS],
        initial=Circle.Kind.OPEN,
    )

    def __init__(self, *args: Any, is_secret: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if is_secret:
            # What is secret stays so with its hosts.
            del self.fields["kind"]


class NumberForm(forms.Form):
    number = forms.IntegerField(
        label=_("Member number"), min_value=1, max_value=2**31 - 1, help_text=_("It stands on their page.")
    )


class AskForm(forms.Form):
    note = forms.CharField(
        label=_("A few words"),
        max_length=LONGEST,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("What brings you there. Those who look after the circle read it."),
    )


class AnswerForm(forms.Form):
    reason = forms.CharField(
        label=_("Reason"),
        max_length=240,
        required=False,
        help_text=_("Needed to decline; the member reads it."),
    )
