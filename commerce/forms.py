"""What the pages of money ask."""

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from commerce.models import Coupon, MoneySettings, Plan
from commerce.periods import Interval
from commerce.providers.base import Provider
from kernel.errors import Refused
from kernel.money import Money
from kernel.tenancy import Community
from members.models import Tier


class WordsForm(forms.Form):
    """What may change of a plan that somebody may have taken already."""

    name = forms.CharField(label=_("Name"), max_length=80)
    description = forms.CharField(
        label=_("Description"),
        max_length=240,
        required=False,
        help_text=_("One line for who chooses: what speaks for this one."),
    )
    trial_days = forms.IntegerField(
        label=_("Days of trial"), min_value=0, max_value=730, initial=0, help_text=_("0 for none.")
    )
    grace_days = forms.IntegerField(
        label=_("Days of grace"),
        min_value=0,
        max_value=90,
        initial=14,
        help_text=_("So long late dues close no door."),
    )
    tax_percent = forms.DecimalField(
        label=_("Tax within the price, %"), min_value=0, max_value=100, decimal_places=2, initial=Decimal(0)
    )
    visible = forms.BooleanField(
        label=_("Offered to everyone"),
        required=False,
        initial=True,
        help_text=_("Else only staff can give it."),
    )

    def fields_of_plan(self) -> dict[str, Any]:
        """As `plans` takes them: the rate in hundredths of a per cent."""
        given = dict(self.cleaned_data)
        return given | {"tax_rate": int(given.pop("tax_percent") * 100)}


class PlanForm(WordsForm):
    """A new plan. The price is written with the currency's own decimals."""

    tier = forms.ModelChoiceField(label=_("Tier"), queryset=Tier.objects.none(), empty_label=None)
    price = forms.CharField(
        label=_("Price"),
        max_length=20,
        widget=forms.TextInput(attrs={"inputmode": "decimal"}),
        help_text=_("Of one period, tax included; for a group, of one seat."),
    )
    currency = forms.RegexField(label=_("Currency"), regex=r"^[A-Za-z]{3}$", max_length=3)
    interval = forms.ChoiceField(label=_("Every"), choices=Interval.choices, initial=Interval.YEAR)
    length_days = forms.IntegerField(
        label=_("Days of the term"),
        min_value=1,
        required=False,
        help_text=_("Only for what is paid once: so long it holds."),
    )
    group = forms.BooleanField(
        label=_("For a group"),
        required=False,
        help_text=_("One member pays for several seats, and gives them to others."),
    )

    def __init__(self, *args: Any, community: Community, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        tiers = Tier.objects.of(community.id)
        self.fields["tier"].queryset = tiers  # type: ignore[attr-defined]
        self.fields["tier"].initial = tiers.filter(is_default=True).first()
        self.fields["currency"].initial = community.currency

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        currency = given.get("currency", "").upper()
        if currency and given.get("price"):
            try:
                money = Money.parse(given["price"], currency)
            except Refused as refusal:
                self.add_error("price", str(refusal))
            else:
                given |= {"amount": money.amount, "currency": currency}
        return given

    def fields_of_plan(self) -> dict[str, Any]:
        given = super().fields_of_plan()
        given.pop("price")
        return given


def initial_of(plan: Plan) -> dict[str, Any]:
    """A plan as `WordsForm` shows it."""
    return {
        "name": plan.name,
        "description": plan.description,
        "trial_days": plan.trial_days,
        "grace_days": plan.grace_days,
        "tax_percent": Decimal(plan.tax_rate) / 100,
        "visible": plan.visible,
    }


class CouponForm(forms.Form):
    """A new coupon: a share or an amount off."""

    code = forms.CharField(
        label=_("Code"),
        max_length=40,
        widget=forms.TextInput(attrs={"autocapitalize": "characters", "autocomplete": "off"}),
        help_text=_("What members type: letters, digits and hyphens."),
    )
    good_for = forms.ChoiceField(
        label=_("Good for"),
        choices=Coupon.GoodFor.choices,
        initial=Coupon.GoodFor.DUES,
        required=False,
        help_text=_("For tickets it holds for each order; periods and plans are for dues."),
    )
    percent_off = forms.DecimalField(
        label=_("Per cent off"), min_value=Decimal("0.01"), max_value=100, decimal_places=2, required=False
    )
    amount_off = forms.CharField(
        label=_("Or an amount off"),
        max_length=20,
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "decimal"}),
    )
    currency = forms.RegexField(label=_("Currency"), regex=r"^[A-Za-z]{3}$", max_length=3, required=False)
    periods = forms.IntegerField(
        label=_("For the first periods"),
        min_value=1,
        max_value=1000,
        required=False,
        initial=1,
        help_text=_("Left empty, for all of them."),
    )
    limit = forms.IntegerField(
        label=_("How many members may use it"),
        min_value=1,
        required=False,
        help_text=_("Left empty, any number; each of them once."),
    )
    expires_at = forms.DateTimeField(
        label=_("Good until"),
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"],
    )
    plans = forms.ModelMultipleChoiceField(
        label=_("For the plans"),
        queryset=Plan.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Without any, for all of them."),
    )

    def __init__(self, *args: Any, community: Community, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["plans"].queryset = Plan.objects.of(community.id).filter(archived_at=None)  # type: ignore[attr-defined]
        self.fields["currency"].initial = community.currency

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        share, amount = given.get("percent_off"), given.get("amount_off")
        if bool(share) == bool(amount) and not self.errors:
            self.add_error("percent_off", _("Either a share or an amount."))
        if amount:
            try:
                money = Money.parse(amount, given.get("currency", "").upper())
                given |= {"amount": money.amount}
            except Refused as refusal:
                self.add_error("amount_off", str(refusal))
        return given

    def fields_of_coupon(self) -> dict[str, Any]:
        """As `coupons` takes them."""
        given = dict(self.cleaned_data)
        share, amount = given.pop("percent_off"), given.pop("amount_off")
        given["percent"] = int(share * 100) if share else None
        given["amount"] = given.get("amount") if amount else None
        given["currency"] = given["currency"].upper() if amount else ""
        given["good_for"] = given["good_for"] or Coupon.GoodFor.DUES
        return given


class MoneyForm(forms.Form):
    """The settings of money; a share in per cent, an amount with the currency's own decimals."""

    seller_name = forms.CharField(
        label=_("Name on invoices"),
        max_length=120,
        required=False,
        help_text=_("Left empty, the community's name."),
    )
    seller_address = forms.CharField(
        label=_("Address on invoices"),
        max_length=400,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    seller_tax_id = forms.CharField(label=_("Tax number"), max_length=60, required=False)
    invoice_series = forms.CharField(label=_("Invoice numbers begin with"), max_length=10)
    credit_series = forms.CharField(label=_("Credit note numbers begin with"), max_length=10)
    ask_ahead_days = forms.IntegerField(
        label=_("Ask so many days ahead"),
        min_value=0,
        help_text=_("Who pays by hand gets the invoice so early."),
    )
    lapse_days = forms.IntegerField(
        label=_("Lapses after days"), min_value=1, help_text=_("So long dues may be late before it ends.")
    )
    refund_days = forms.IntegerField(
        label=_("Refund window in days"), min_value=0, help_text=_("A reward waits so long.")
    )
    lifetime_days = forms.IntegerField(
        label=_("Days of a lifetime"), min_value=1, help_text=_("What is paid for life is earned over them.")
    )
    reward_percent = forms.DecimalField(
        label=_("Reward: % of the first payment"), min_value=0, max_value=100, decimal_places=2
    )
    reward_amount = forms.CharField(
        label=_("Or an amount"), max_length=20, widget=forms.TextInput(attrs={"inputmode": "decimal"})
    )

    def __init__(self, *args: Any, settings: MoneySettings, currency: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.currency = currency
        for name in self.fields:
            self.initial[name] = getattr(settings, name)
        self.initial["reward_percent"] = Decimal(settings.reward_percent) / 100
        self.initial["reward_amount"] = str(Money(settings.reward_amount, currency))

    def clean_reward_amount(self) -> int:
        try:
            return Money.parse(self.cleaned_data["reward_amount"], self.currency).amount
        except Refused as refusal:
            raise forms.ValidationError(str(refusal)) from refusal

    def fields_of_settings(self) -> dict[str, Any]:
        """As `money_settings` takes them."""
        given = dict(self.cleaned_data)
        return given | {"reward_percent": int(given["reward_percent"] * 100)}


class KeysForm(forms.Form):
    """The keys of a rail. What is secret is never shown again: left empty, it stays as it is."""

    def __init__(self, *args: Any, rail: type[Provider], known: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for one in rail.fields:
            secret = forms.PasswordInput(attrs={"autocomplete": "off"})
            widget = forms.Textarea(attrs={"rows": 4, "autocomplete": "off", "spellcheck": "false"})
            self.fields[one.key] = forms.CharField(
                label=str(one.label),
                help_text=str(one.help),
                required=one.required and not known,
                max_length=10_000,
                widget=widget if one.multiline else secret if one.secret else forms.TextInput(),
            )

    def keys(self) -> dict[str, str]:
        """Those that were given."""
        return {key: value for key, value in self.cleaned_data.items() if value}
