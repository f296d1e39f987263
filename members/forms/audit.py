"""What the address of the audit log may ask."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from kernel.tenancy import Community
from members.selectors import audit
from members.selectors.audit import PROGRAMS, Wanted

DAY = forms.DateInput(attrs={"type": "date"})


class AuditForm(forms.Form):
    """Every field may be empty; one that cannot be read does not narrow."""

    q = forms.CharField(label=_("Search"), max_length=120, required=False)
    act = forms.ChoiceField(label=_("What was done"), required=False)
    actor = forms.CharField(label=_("By whom"), max_length=20, required=False, widget=forms.Select)
    member = forms.CharField(
        label=_("About whom"),
        max_length=120,
        required=False,
        widget=forms.TextInput(attrs={"placeholder": _("Name or number of a member")}),
    )
    since = forms.DateField(label=_("From day"), widget=DAY, required=False)
    until = forms.DateField(label=_("Until day"), widget=DAY, required=False)

    def __init__(self, given: Any, *, community: Community) -> None:
        super().__init__(given, auto_id="audit_%s")
        self.fields["act"].choices = [("", _("All acts")), *audit.acts()]  # type: ignore[attr-defined]
        people = [(str(person.number), person.display_name) for person in audit.staff(community)]
        asked = (given.get("actor") or "")[:20]
        if asked.isdigit() and asked not in dict(people):
            people.append((asked, f"#{asked}"))
        self.fields["actor"].widget.choices = [
            ("", _("By anyone")),
            *people,
            (PROGRAMS, _("Programs and the site")),
        ]

    def wanted(self) -> Wanted:
        self.is_valid()
        given = {
            name: value
            for name, value in self.cleaned_data.items()
            if name != "q" and value not in (None, "")
        }
        return Wanted(text=self.cleaned_data.get("q", ""), **given)

    def asked(self) -> dict[str, str]:
        """What could be read of it, by parameter."""
        self.is_valid()
        return {name: str(value) for name, value in self.cleaned_data.items() if value not in (None, "")}
