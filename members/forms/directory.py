"""The simple filters of the member table: one parameter of the address each, read into conditions (`members.rules`)."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from kernel import columns, words
from kernel.columns import Column, ColumnType
from kernel.permissions import May
from members.models import Tier
from members.roles import Role, Status
from members.rules import ALL
from members.selectors.directory import within_reach
from members.selectors.rules import GROUP_WORDS

DAY = forms.DateInput(attrs={"type": "date"})


class FilterForm(forms.Form):
    """Every field may be empty. Apps above bring their own through the registry of columns; `withheld` are those that the
    address asks about and that one may not see."""

    q = forms.CharField(label=_("Search"), max_length=120, required=False)
    status = forms.ChoiceField(label=_("Status"), required=False)
    role = forms.ChoiceField(label=_("Role"), choices=[("", _("Any role")), *Role.choices], required=False)
    tier = forms.TypedChoiceField(label=_("Tier"), coerce=int, empty_value=None, required=False)
    tag = forms.CharField(label=_("Tag"), max_length=80, required=False)
    city = forms.CharField(label=_("City"), max_length=120, required=False)
    joined_from = forms.DateField(label=_("Joined from"), widget=DAY, required=False)
    joined_to = forms.DateField(label=_("Joined until"), widget=DAY, required=False)

    def __init__(self, given: Any, *, tiers: Sequence[Tier], may: May) -> None:
        super().__init__(given, auto_id="filter_%s")
        self.tiers = {tier.pk: tier for tier in tiers}
        self.fields["status"].choices = [  # type: ignore[attr-defined]
            ("", _("Any status")),
            *GROUP_WORDS,
            *Status.choices,
        ]
        self.fields["tier"].choices = [  # type: ignore[attr-defined]
            ("", _("Any tier")),
            *((tier.pk, tier.name) for tier in tiers),
        ]
        #: What each field asks, as (field of the catalogue, comparison).
        self.asks: dict[str, tuple[str, str]] = {
            "q": ("search", "has"),
            "status": ("status", "is"),
            "role": ("role", "is"),
            "tier": ("tier", "is"),
            "tag": ("tags", "has"),
            "city": ("city", "is"),
            "joined_from": ("joined", "since"),
            "joined_to": ("joined", "until"),
        }
        self.above = columns.seen(may)
        for column in self.above:
            for name, comparison, found in _fields(column):
                self.fields[name] = found
                self.asks[name] = (column.key, comparison)
        self.withheld = [
            column
            for column in columns.withheld(may)
            if any(given.get(name) for name, _comparison, _field in _fields(column))
        ]

    def rules(self) -> dict[str, Any]:
        """What was asked, as rules; a field that could not be read does not narrow."""
        return {
            ALL: [
                {"field": self.asks[name][0], "is": self.asks[name][1], "value": self._value(name, value)}
                for name, value in self.cleaned_data.items()
                if value not in (None, "") and value == value  # not a number, as a number
            ]
        }

    def chips(self) -> list[tuple[str, str]]:
        """(parameter, words) of each narrowing in force, the search itself left out."""
        return [
            (name, words.named(self.fields[name].label, self._words(name, value)))
            for name, value in self.cleaned_data.items()
            if name != "q" and value not in (None, "")
        ]

    def first(self) -> list[forms.BoundField]:
        """The filters that are always in sight: the choices among which one decides most often."""
        return [self[name] for name in ("status", "tier", *self._choices_above())]

    def others(self) -> list[tuple[str, str]]:
        """(parameter, value) of what is asked besides those in sight: the form keeps them."""
        kept = {"q", *(field.name for field in self.first())}
        return [
            (name, self.data[name])
            for name, value in self.cleaned_data.items()
            if name not in kept and value not in (None, "")
        ]

    def _choices_above(self) -> list[str]:
        return [column.key for column in self.above if column.type is ColumnType.CHOICE]

    def _value(self, name: str, value: Any) -> Any:
        if name == "tier":
            return [self.tiers[value].key]
        if isinstance(value, date):
            return within_reach(value).isoformat()
        return [value] if isinstance(self.fields[name], forms.ChoiceField) else value

    def _words(self, name: str, value: Any) -> str:
        if isinstance(value, date):
            return words.day(value)
        choices = getattr(self.fields[name], "choices", [])
        return str({str(key): label for key, label in choices}.get(str(value), value))


def _fields(column: Column) -> Iterator[tuple[str, str, forms.Field]]:
    """The filters a column gives by its type, as (name, comparison, field)."""
    if column.type is ColumnType.CHOICE:
        any_of_them = _("Any %(column)s") % {"column": str(column.label).lower()}
        anything = ("", column.anything or any_of_them)
        field = forms.ChoiceField(label=str(column.label), choices=[anything, *column.asked], required=False)
        yield column.key, "is", field
    elif column.type is ColumnType.DAY:
        since = _("%(column)s on or after") % {"column": column.label}
        before = _("%(column)s on or before") % {"column": column.label}
        yield f"{column.key}_from", "since", forms.DateField(label=since, widget=DAY, required=False)
        yield f"{column.key}_to", "until", forms.DateField(label=before, widget=DAY, required=False)
    elif column.type is ColumnType.NUMBER:
        least = _("%(column)s at least") % {"column": column.label}
        field_of_it = forms.FloatField(label=least, required=False, min_value=-1e15, max_value=1e15)
        yield f"{column.key}_min", "at_least", field_of_it
    else:
        yield column.key, "has", forms.CharField(label=str(column.label), max_length=120, required=False)
