"""The parameters of a figure, which the figure itself judges, and the weights of the score."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from babel.numbers import list_currencies
from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from communities.blueprints.wellbeing import Goal
from engagement.metrics.score import DEFAULT_WEIGHTS
from engagement.models import Spend
from engagement.services.spends import Cost
from engagement.verbs import noun
from engagement.ways import BY_CHANNEL, named
from kernel import words
from kernel.errors import Refused
from kernel.metrics import Metric, Parameter
from kernel.money import Money

#: The windows a reader chooses among; the address and the API take any number of days.
WINDOWS = (7, 28, 90, 180, 365)


class ParametersForm(forms.Form):
    """A field a parameter, all optional: what is left empty is the figure's default."""

    def __init__(self, metric: Metric, given: Mapping[str, str]) -> None:
        # The default's choice is the empty one, also for an address that names the default.
        usual = {parameter.name: str(parameter.default) for parameter in metric.parameters}
        given = {name: value for name, value in given.items() if value != usual.get(name)}
        super().__init__(given, auto_id="parameter_%s")
        for parameter in metric.parameters:
            self.fields[parameter.name] = _FIELDS[parameter.kind](parameter, given.get(parameter.name, ""))


def _day(parameter: Parameter, _given: str) -> forms.Field:
    widget = forms.DateInput(attrs={"type": "date"})
    return forms.CharField(label=str(parameter.label), widget=widget, required=False)


def _days(parameter: Parameter, given: str) -> forms.Field:
    days: dict[str, Any] = {str(n): ngettext("%(n)d day", "%(n)d days", n) % {"n": n} for n in WINDOWS}
    days["all"] = _("All time")
    usual = str(parameter.default)
    for other in (usual, given):
        if other and other not in days:
            days[other] = (
                ngettext("%(n)d day", "%(n)d days", int(other)) % {"n": int(other)}
                if other.isdigit()
                else other
            )
    choices = [("", days.pop(usual)), *days.items()]
    return forms.ChoiceField(label=str(parameter.label), choices=choices, required=False, widget=_auto())


def _choice(parameter: Parameter, _given: str) -> forms.Field:
    choices = [("" if value == parameter.default else value, label) for value, label in parameter.choices]
    return forms.ChoiceField(label=str(parameter.label), choices=choices, required=False, widget=_auto())


def _number(parameter: Parameter, _given: str) -> forms.Field:
    bounds = {"min": parameter.minimum, "max": parameter.maximum, "placeholder": parameter.default}
    return forms.CharField(label=str(parameter.label), widget=forms.NumberInput(attrs=bounds), required=False)


def _auto() -> forms.Select:
    """A choice that is sent as soon as it is made, where there is script."""
    return forms.Select(attrs={"data-auto": ""})


_FIELDS = {"day": _day, "days": _days, "choice": _choice, "number": _number}


class WeightsForm(forms.Form):
    """A field a verb; one left empty is worth what it is anywhere else."""

    def __init__(self, *args: Any, chosen: Mapping[str, float], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for verb, usual in DEFAULT_WEIGHTS.items():
            self.fields[verb] = forms.FloatField(
                label=noun(verb),
                help_text=_("Usually %(weight)s") % {"weight": words.number(usual)},
                initial=chosen.get(verb, usual),
                min_value=0,
                max_value=1000,
                required=False,
            )

    def chosen(self) -> dict[str, float]:
        """The weights that differ from the usual ones."""
        given = {verb: weight for verb, weight in self.cleaned_data.items() if weight is not None}
        return {verb: weight for verb, weight in given.items() if weight != DEFAULT_WEIGHTS[verb]}


class GoalsForm(forms.Form):
    """A target and a weight a component; targets that are shares are written as percentages."""

    def __init__(self, *args: Any, goals: Sequence[Goal], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.goals = goals
        for goal in goals:
            measure = goal.component.measure
            self.fields[f"{goal.component.key}_target"] = forms.FloatField(
                label=str(measure.label),
                initial=round(goal.target * measure.scale, 6),
                min_value=0,
                max_value=measure.most * measure.scale,
            )
            self.fields[f"{goal.component.key}_weight"] = forms.FloatField(
                label=_("Weight"), initial=goal.weight, min_value=0, max_value=100
            )

    @property
    def rows(self) -> Iterator[tuple[Any, forms.BoundField, forms.BoundField, Any]]:
        """Each component's name, its two fields, and what has to be said of it."""
        for goal in self.goals:
            key = goal.component.key
            note = _("Less is better here.") if goal.component.lower_is_better else ""
            yield goal.component.name, self[f"{key}_target"], self[f"{key}_weight"], note

    def chosen(self) -> dict[str, tuple[float, float]]:
        """The target and the weight by component."""
        found = {}
        for goal in self.goals:
            key, part = goal.component.key, goal.component.measure.scale
            target, weight = (self.cleaned_data[f"{key}_{name}"] for name in ("target", "weight"))
            found[key] = (round(target / part, 8), weight)
        return found


class SpendForm(forms.Form):
    """What a channel cost. Ways that are in use are offered while one writes."""

    channel = forms.CharField(label=_("Channel"), max_length=40, help_text=_("As your links name it."))
    campaign = forms.CharField(
        label=_("Campaign"),
        max_length=80,
        required=False,
        help_text=_("Empty for what came by the channel without one."),
    )
    first = forms.DateField(
        label=_("First day"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    last = forms.DateField(
        label=_("Last day"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    amount = forms.CharField(
        label=_("Amount"), max_length=20, widget=forms.TextInput(attrs={"inputmode": "decimal"})
    )
    currency = forms.RegexField(label=_("Currency"), regex=r"^[A-Za-z]{3}$", max_length=3)
    note = forms.CharField(label=_("Note"), max_length=200, required=False)

    def __init__(self, *args: Any, ways: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        channels = sorted({channel for channel, _campaign in ways})
        campaigns = sorted({campaign for _channel, campaign in ways if campaign})
        #: By field, what is offered, with what it is called.
        self.offered = {
            "channels": [(channel, named(BY_CHANNEL, channel)) for channel in channels],
            "campaigns": [(campaign, campaign) for campaign in campaigns],
        }
        for name, offered in (("channel", "channels"), ("campaign", "campaigns")):
            self.fields[name].widget.attrs["list"] = offered

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        currency = given.get("currency", "").upper()
        if currency and given.get("amount"):
            if currency not in list_currencies():
                self.add_error("currency", _("There is no such currency."))
                return given
            try:
                given["money"] = Money.parse(given["amount"], currency)
            except Refused as refusal:
                self.add_error("amount", str(refusal))
        return given

    def cost(self) -> Cost:
        given = self.cleaned_data
        return Cost(
            given["channel"], given["campaign"], given["first"], given["last"], given["money"], given["note"]
        )


def initial_of_spend(spend: Spend) -> dict[str, Any]:
    """A cost as `SpendForm` shows it."""
    names = ("channel", "campaign", "first", "last", "currency", "note")
    return {name: getattr(spend, name) for name in names} | {"amount": str(spend.money)}
