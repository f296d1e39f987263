"""Forms of the acts upon one membership."""

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils.translation import gettext_lazy as _

from kernel.clock import day_end
from kernel.tenancy import Community
from members.models import Tier
from members.statuses import Act


class ActForm(forms.Form):
    """The reason, needed or not as the act says, and for a pause its last day."""

    reason = forms.CharField(
        label=_("Reason"), max_length=240, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    until = forms.DateField(
        label=_("Last day"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text=_("It ends by itself after this day; until somebody ends it when left empty."),
    )

    def __init__(self, *args: Any, act: Act, zone: ZoneInfo, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.zone = zone
        self.fields["reason"].required = act.needs_reason
        self.fields["reason"].help_text = _("The member will read it.")
        if not act.may_end:
            del self.fields["until"]

    def clean_until(self) -> datetime | None:
        day: date | None = self.cleaned_data["until"]
        if day is None:
            return None
        if not 1900 < day.year < 9998:
            raise forms.ValidationError(_("This day cannot be."))
        return day_end(day, self.zone)


class TierForm(forms.Form):
    tier = forms.ModelChoiceField(
        label=_("Tier"), queryset=Tier.objects.none(), empty_label=None, widget=forms.RadioSelect
    )
    reason = forms.CharField(label=_("Reason"), max_length=240, required=False)

    def __init__(self, *args: Any, community: Community, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["tier"].queryset = Tier.objects.of(community.id)  # type: ignore[attr-defined]
