"""What is asked of who sells tickets. Forms read; services judge."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from gatherings.models import Event, Room, TicketKind
from kernel.errors import Refused
from kernel.money import Money
from members.models import Tier

MOMENT = "%Y-%m-%dT%H:%M"


class _Price(forms.CharField):
    """An amount in the event's currency; empty for "not for them"."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.TextInput(attrs={"inputmode": "decimal"})
        super().__init__(max_length=20, required=False, widget=widget, **kwargs)


class _Moment(forms.DateTimeField):
    def __init__(self, **kwargs: Any) -> None:
        widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format=MOMENT)
        super().__init__(required=False, widget=widget, input_formats=[MOMENT, "%Y-%m-%d %H:%M"], **kwargs)


class KindForm(forms.Form):
    """A kind of ticket: its prices are written with the currency's own decimals, its times by the event's clock."""

    name = forms.CharField(
        label=_("Name"),
        max_length=80,
        required=False,
        help_text=_("Left empty, it is called by how one comes."),
    )
    room = forms.ModelChoiceField(label=_("How one comes"), queryset=Room.objects.none(), empty_label=None)
    price = _Price(
        label=_("Price for members"), help_text=_("0 for nothing; left empty, it is not for them.")
    )
    guest_price = _Price(label=_("Price for guests"), help_text=_("Left empty, it is not for guests."))
    minimum_tier = forms.ModelChoiceField(
        label=_("From which tier on"), queryset=Tier.objects.none(), required=False, empty_label=_("Any")
    )
    quantity = forms.IntegerField(
        label=_("How many"),
        min_value=1,
        required=False,
        help_text=_("Left empty, as many as there are places."),
    )
    sold_from = _Moment(label=_("Sold from"))
    sold_until = _Moment(label=_("Sold until"))

    def __init__(self, *args: Any, event: Event, kind: TicketKind | None = None, **kwargs: Any) -> None:
        self.event = event
        kwargs["initial"] = _written(kind, event) if kind else {"price": "0"}
        super().__init__(*args, **kwargs)
        self.fields["room"].queryset = event.rooms.all()  # type: ignore[attr-defined]
        self.fields["minimum_tier"].queryset = Tier.objects.of(event.community_id)  # type: ignore[attr-defined]
        if kind is not None:
            del self.fields["room"]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        for name in ("price", "guest_price"):
            text = given.get(name, "").strip()
            try:
                given[name] = Money.parse(text, self.event.currency).amount if text else None
            except Refused as refusal:
                self.add_error(name, str(refusal))
        return given


def _written(kind: TicketKind, event: Event) -> dict[str, Any]:
    prices = {
        name: "" if value is None else str(Money(value, event.currency))
        for name, value in (("price", kind.price), ("guest_price", kind.guest_price))
    }
    said = ("name", "minimum_tier", "quantity", "sold_from", "sold_until")
    return prices | {name: getattr(kind, name) for name in said}


class TermsForm(forms.Form):
    """What holds for all tickets of a gathering."""

    refund_hours = forms.IntegerField(
        label=_("Paid back until so many hours before"),
        min_value=0,
        max_value=8760,
        required=False,
        help_text=_("Who gives a ticket back until then is paid back in full. Left empty, nobody is."),
    )
    tax_percent = forms.DecimalField(
        label=_("Tax within the price, %"), min_value=0, max_value=100, decimal_places=2
    )
    offer_hours = forms.IntegerField(
        label=_("Hours to take a place that is offered from the waiting list"), min_value=1, max_value=720
    )
