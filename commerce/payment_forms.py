"""What the pages of payments ask."""

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from commerce import received
from commerce.models import Payment, Refund, Subscription
from kernel.errors import Refused
from kernel.money import Money
from kernel.tenancy import Community

BACK, CREDIT = "back", "credit"


class WantedForm(forms.Form):
    """What of the payments is looked at: every field may be empty, and what makes no sense is not asked for."""

    q = forms.CharField(label=_("Search"), max_length=120, required=False)
    way = forms.ChoiceField(label=_("Way"), required=False)
    state = forms.ChoiceField(
        label=_("State"),
        required=False,
        choices=[("", _("All payments")), *((key, label) for key, (label, _rows) in received.STATES.items())],
    )
    currency = forms.ChoiceField(label=_("Currency"), required=False)
    since = forms.DateField(
        label=pgettext_lazy("days", "From"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    until = forms.DateField(
        label=pgettext_lazy("days", "To"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )

    def __init__(self, *args: Any, community: Community, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        found = received.currencies(community.id)
        self.fields["way"].choices = [("", _("Any way")), *received.ways(community)]  # type: ignore[attr-defined]
        self.fields["currency"].choices = [("", _("Any currency")), *((one, one) for one in found)]  # type: ignore[attr-defined]
        self.many = len(found) > 1

    def wanted(self) -> received.Wanted:
        self.is_valid()
        given: dict[str, Any] = {name: value for name, value in self.cleaned_data.items() if value}
        text = given.pop("q", "").replace("\x00", "")
        return received.Wanted(text=text, **given)


class RefundForm(forms.Form):
    """How much goes back, by which way, why, and what becomes of the membership then."""

    amount = forms.CharField(
        label=_("Amount"), max_length=20, widget=forms.TextInput(attrs={"inputmode": "decimal"})
    )
    way = forms.ChoiceField(label=_("How"), widget=forms.RadioSelect)
    then = forms.ChoiceField(
        label=_("The membership then"), widget=forms.RadioSelect, choices=Refund.Then.choices
    )
    reason = forms.CharField(label=_("Reason"), max_length=240, help_text=_("The member reads it."))

    def __init__(self, *args: Any, payment: Payment, left: Money, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.payment = payment
        ways = [(CREDIT, _("As credit, which pays the member's next invoices"))]
        if payment.method != Payment.Method.CREDIT:
            by_rail = payment.method == Payment.Method.PROVIDER
            back = _("The way it came") if by_rail else _("By hand: I have sent it, or will send it today")
            ways.insert(0, (BACK, back))
        choices = endings(payment)
        self.fields["way"].choices = ways  # type: ignore[attr-defined]
        self.fields["then"].choices = choices  # type: ignore[attr-defined]
        self.fields["way"].initial = ways[0][0]
        # Nothing is ended without somebody saying so; where nothing runs, there is nothing to say.
        self.fields["then"].initial = Refund.Then.KEEP if len(choices) == 1 else None
        self.fields["amount"].initial = str(left)

    def clean_amount(self) -> Money:
        try:
            return Money.parse(self.cleaned_data["amount"], self.payment.currency)
        except Refused as refusal:
            raise forms.ValidationError(str(refusal)) from None

    def asked(self) -> dict[str, Any]:
        """As `refunds` takes it."""
        given = self.cleaned_data
        return {
            "payment": self.payment,
            "money": given["amount"],
            "reason": given["reason"],
            "then": Refund.Then(given["then"]),
            "to_credit": given["way"] == CREDIT,
        }


def ends_by(payment: Payment) -> date | None:
    """The first day after what is paid of the plan that a payment was for."""
    of = payment.invoice.subscription if payment.invoice else None
    return of.period_end if of else None


def endings(payment: Payment) -> list[tuple[str, Any]]:
    """What can become of the membership: what has ended cannot end, and what is for life ends with no period."""
    of = payment.invoice.subscription if payment.invoice else None
    every = dict(Refund.Then.choices)
    if of is None or of.status == Subscription.Status.ENDED:
        return [(Refund.Then.KEEP, _("Nothing: no plan runs that it was for"))]
    if of.period_end is None:
        every.pop(Refund.Then.AT_END)
    return list(every.items())


class ReasonForm(forms.Form):
    reason = forms.CharField(label=_("Reason"), max_length=240)
