"""What is done to many members at once."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from members.models import BulkAct, Membership, Tier
from members.services.bulk import permission
from members.statuses import acts

Kind = BulkAct.Kind


class BulkForm(forms.Form):
    """The act first; of the other fields the ones it needs. `what` is a kind, or "status:" and an act."""

    what = forms.ChoiceField(label=_("What to do"))
    tag = forms.CharField(
        label=_("Tag"), max_length=80, required=False, help_text=_("To give or to take away.")
    )
    tier = forms.ChoiceField(label=_("Tier"), required=False)
    reason = forms.CharField(
        label=_("Reason"),
        max_length=240,
        required=False,
        help_text=_("For tiers and memberships: each member will read it."),
    )

    def __init__(self, *args: Any, tiers: Sequence[Tier], by: Membership, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kinds = [
            (kind.value, kind.label)
            for kind in (Kind.TAG, Kind.UNTAG, Kind.TIER)
            if by.may(permission(kind, {}))
        ]
        on_status = [
            (f"{Kind.STATUS}:{act.key}", act.label)
            for act in acts
            if act.permission and by.may(act.permission)
        ]
        self.fields["what"].choices = [*kinds, (Kind.STATUS.label, on_status)]  # type: ignore[attr-defined]
        self.fields["tier"].choices = [  # type: ignore[attr-defined]
            ("", _("Choose a tier")),
            *((tier.key, tier.name) for tier in tiers),
        ]

    @property
    def kind(self) -> str:
        return str(self.cleaned_data["what"]).partition(":")[0]

    @property
    def options(self) -> dict[str, Any]:
        given = self.cleaned_data
        kind, _colon, act = str(given["what"]).partition(":")
        if kind in (Kind.TAG, Kind.UNTAG):
            return {"tag": given["tag"]}
        if kind == Kind.TIER:
            return {"tier": given["tier"], "reason": given["reason"]}
        return {"act": act, "reason": given["reason"]}
