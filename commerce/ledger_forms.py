"""What the pages of the ledger ask."""

from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.utils.translation import gettext_lazy as _

from kernel.clock import month_of, next_month

Days = tuple[date, date]


def month(day: date) -> Days:
    """The first and the last day of the month."""
    return month_of(day), next_month(day) - timedelta(days=1)


class DaysForm(forms.Form):
    """Two days, both included. While one is missing or cannot be read: this month."""

    since = forms.DateField(label=_("From day"), required=False)
    until = forms.DateField(label=_("Until day"), required=False)

    def __init__(self, given: Any, *, today: date) -> None:
        super().__init__(given)
        self.today = today

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        since, until = given.get("since"), given.get("until")
        if since and until and until < since:
            self.add_error("until", _("The last day comes after the first."))
        return given

    def days(self) -> Days:
        since, until = self.found("since"), self.found("until")
        return (since, until) if since and until else month(self.today)

    def found(self, name: str) -> Any:
        """What could be read of a field, None where nothing could."""
        self.is_valid()
        return self.cleaned_data.get(name) or None

    @property
    def query(self) -> str:
        """What is asked, as an address has it."""
        return self._query(self.days())

    def choices(self) -> list[tuple[Any, str, bool]]:
        """The months that are mostly asked for: (name, query, whether it is the one that is shown)."""
        this = month(self.today)
        last = month(this[0] - timedelta(days=1))
        named = ((_("This month"), this), (_("Last month"), last))
        return [(name, self._query(days), days == self.days()) for name, days in named]

    def _query(self, days: Days) -> str:
        besides = {
            name: value
            for name in self.fields
            if name not in ("since", "until") and (value := self.found(name))
        }
        return urlencode({"since": days[0], "until": days[1]} | besides)


class StatementForm(DaysForm):
    """The days of a statement, its currency, and where members have sides of it, the number of one."""

    currency = forms.CharField(max_length=3, required=False)
    member = forms.IntegerField(min_value=1, max_value=2**31 - 1, required=False)
