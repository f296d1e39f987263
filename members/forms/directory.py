"""What the address of the member table may ask, read into `directory.Wanted`."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from kernel import columns, words
from kernel.columns import Column, ColumnType
from kernel.tenancy import Community
from members.models import Tier
from members.roles import Role, Status
from members.selectors.directory import Wanted

DAY = forms.DateInput(attrs={"type": "date"})


class FilterForm(forms.Form):
    """Every field may be empty. Apps above bring their own through the registry of columns."""

    q = forms.CharField(label=_("Search"), max_length=120, required=False)
    status = forms.ChoiceField(label=_("Status"), required=False)
    role = forms.ChoiceField(label=_("Role"), choices=[("", _("Any role")), *Role.choices], required=False)
    tier = forms.TypedChoiceField(label=_("Tier"), coerce=int, empty_value=None, required=False)
    tag = forms.CharField(label=_("Tag"), max_length=80, required=False)
    city = forms.CharField(label=_("City"), max_length=120, required=False)
    joined_from = forms.DateField(label=_("Joined from"), widget=DAY, required=False)
    joined_to = forms.DateField(label=_("Joined until"), widget=DAY, required=False)

    def __init__(self, given: Any, *, community: Community) -> None:
        super().__init__(given, auto_id="filter_%s")
        self.fields["status"].choices = [  # type: ignore[attr-defined]
            ("", _("Any status")),
            ("current", _("Here now")),
            ("gone", _("Gone")),
            *Status.choices,
        ]
        tiers = Tier.objects.of(community.id)
        self.fields["tier"].choices = [  # type: ignore[attr-defined]
            ("", _("Any tier")),
            *((tier.pk, tier.name) for tier in tiers),
        ]
        self.lookups: dict[str, str] = {}
        for column in columns.columns:
            for name, lookup, found in _fields(column):
                self.fields[name] = found
                self.lookups[name] = lookup

    def wanted(self) -> Wanted:
        """What fits of what was asked; a field that could not be read does not narrow."""
        given = {name: value for name, value in self.cleaned_data.items() if value not in (None, "")}
        return Wanted(
            text=given.get("q", ""),
            status=given.get("status", ""),
            role=given.get("role", ""),
            tier_id=given.get("tier"),
            tag=given.get("tag", ""),
            city=given.get("city", ""),
            joined_from=given.get("joined_from"),
            joined_to=given.get("joined_to"),
            above={lookup: given[name] for name, lookup in self.lookups.items() if name in given},
        )

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

    def more(self) -> list[forms.BoundField]:
        """The others, behind one click."""
        kept = {"q", *(field.name for field in self.first())}
        return [field for field in self if field.name not in kept]

    def _choices_above(self) -> list[str]:
        return [column.key for column in columns.columns if column.type is ColumnType.CHOICE]

    def _words(self, name: str, value: Any) -> str:
        if isinstance(value, date):
            return words.day(value)
        choices = getattr(self.fields[name], "choices", [])
        return str({str(key): label for key, label in choices}.get(str(value), value))


def _fields(column: Column) -> Iterator[tuple[str, str, forms.Field]]:
    """The filters a column gives by its type, as (name, lookup, field)."""
    if column.type is ColumnType.CHOICE:
        anything = ("", _("Any %(column)s") % {"column": str(column.label).lower()})
        field = forms.ChoiceField(
            label=str(column.label), choices=[anything, *column.choices], required=False
        )
        yield column.key, column.lookup, field
    elif column.type is ColumnType.DAY:
        since = _("%(column)s since") % {"column": column.label}
        before = _("%(column)s until") % {"column": column.label}
        first = forms.DateField(label=since, widget=DAY, required=False)
        last = forms.DateField(label=before, widget=DAY, required=False)
        yield f"{column.key}_from", f"{column.lookup}__gte", first
        yield f"{column.key}_to", f"{column.lookup}__lte", last
    elif column.type is ColumnType.NUMBER:
        least = _("%(column)s at least") % {"column": column.label}
        yield f"{column.key}_min", f"{column.lookup}__gte", forms.FloatField(label=least, required=False)
    else:
        yield (
            column.key,
            f"{column.lookup}__icontains",
            forms.CharField(label=str(column.label), required=False),
        )
