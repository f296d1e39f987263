from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from django.utils.translation import gettext as translate
from django.utils.translation import gettext_lazy as _

from communities.blueprints.wellbeing import COMPONENTS, SHARE, Component, Goal
from engagement.metrics import _periods, _words
from engagement.selectors.history import History
from kernel.metrics import (
    NO_DATA,
    TOO_YOUNG,
    Chapter,
    Data,
    Headline,
    Metric,
    Revision,
    Table,
    Words,
    metrics,
    with_shares,
)

#: Why a component has no value, as the data says it and in words.
NOT_COUNTED, YOUNG, UNKNOWN = "not_counted", "too_young", "no_data"
REASONS: Mapping[str, Words] = {
    NOT_COUNTED: _("This figure is not counted here yet."),
    YOUNG: TOO_YOUNG,
    UNKNOWN: NO_DATA,
}


class Health(Metric):
    key = "health"
    title = _("Well-being")
    question = _("Is the community well, by what its kind lives on?")
    unit = _("of 100")
    formula = _(
        "Over the components of the community's type that have a value, their weights w rescaled to a sum of 1:\n\n"
        "`well-being = 100 · Σ w · min(1, value / target)`\n\n"
        "Where lower is better, min(1, target / value) stands in it. Components without a value are left out and "
        "named with the reason. Each is another figure on the day chosen, with that figure's usual parameters.\n\n"
        "Targets and weights are the type's, or the community's own from the day on which they were set: a "
        "version each. The weeks before stand as they were computed then."
    )
    reads = _("The figures that are its components, and the versions of targets and weights.")
    blind_spots = _(
        "It is as good as its targets: they are a judgement, not a law. Above its target a component adds nothing more. With "
        "components missing, values of two days may rest on different ones; who compares looks at which."
    )
    chapter = Chapter.ALIVE
    chart = "health"
    heavy = True
    trend_grain = "week"
    withholds = "money.view"
    revisions = (Revision(1, date(2026, 11, 23), _("First definition.")),)
    parameters = (_periods.AS_OF,)

    def compute(self, history: History, **parameters: Any) -> Data:
        standard = history.standard
        goals = [goal for goal in standard.goals if goal.weight] if standard else []
        return {
            **_judged([_component(goal, history) for goal in goals]),
            "standard": standard.version if standard else None,
            "since": standard.since.isoformat() if standard and standard.since else None,
            "weeks": [
                {
                    "week": week.monday.isoformat(),
                    "value": week.value,
                    "standard": week.standard,
                    "counted": week.counted.isoformat(),
                }
                for week in history.weeks
            ],
        }

    def readable(self, data: Any, may: Callable[[str], bool]) -> Data:
        """Judged by what its reader may see alone; without the weeks before, in which the rest is mixed."""
        seen = [one for one in data["components"] if _is_seen(one["figure"], may)]
        if len(seen) == len(data["components"]):
            return {**data}
        return {**data, **_judged(seen), "weeks": []}

    def table(self, data: Any) -> Table:
        header = [_("Component"), _("Value"), _("Target"), _("Weight"), _("Reached"), _("Reason")]
        names = ("value", "target", "weight", "reached")
        rows = []
        for one in data["components"]:
            component = COMPONENTS[one["key"]]
            measured = ("value", "target") if component.measure is SHARE else ()
            told = with_shares(one, "reached", *measured)
            rows.append([component.name, *(told[name] for name in names), REASONS.get(one["reason"], "")])
        return Table(header, rows)

    def finding(self, data: Any) -> str:
        if data["value"] is None:
            return str(NO_DATA)
        least = furthest(data)
        assert least is not None
        said = {"value": _words.decimal(data["value"]), "name": COMPONENTS[least["key"]].name}
        if least["reached"] >= 1:
            return translate("%(value)s of 100: every target is reached.") % said
        return translate("%(value)s of 100. Furthest from its target: %(name)s.") % said

    def headline(self, data: Any) -> Headline:
        if data["value"] is None:
            return Headline(None, self.unit, "number", reason=NO_DATA)
        before = [week["value"] for week in data["weeks"]][-_periods.TREND + 1 :]
        return Headline(data["value"], self.unit, "number", trend=(*before, data["value"]))


def furthest(data: Any) -> dict[str, Any] | None:
    """The component of which the least is reached, of several the weightiest; None while none has a value."""
    there = [one for one in data["components"] if one["value"] is not None]
    return min(there, key=lambda one: (one["reached"], -one["part"]), default=None)


def _judged(components: list[dict[str, Any]]) -> dict[str, Any]:
    """The components with their part of the whole, what they come to, and the keys of those that have no value."""
    there = [one for one in components if one["value"] is not None]
    whole = sum(one["weight"] for one in there)
    weighed = [{**one, "part": None if one["value"] is None else one["weight"] / whole} for one in components]
    value = (
        sum(100 * one["part"] * one["reached"] for one in weighed if one["part"] is not None)
        if there
        else None
    )
    return {
        "value": value,
        "components": weighed,
        "missing": [one["key"] for one in components if one["value"] is None],
    }


def _is_seen(figure: str, may: Callable[[str], bool]) -> bool:
    return figure not in metrics or may(metrics.get(figure).permission)


def _component(goal: Goal, history: History) -> dict[str, Any]:
    """One component with its value and how much of its target that is (0 to 1)."""
    component = goal.component
    value, reason = value_of(component, history)
    return {
        "key": component.key,
        "figure": component.figure,
        "kind": component.measure.key,
        "lower_is_better": component.lower_is_better,
        "value": value,
        "target": goal.target,
        "weight": goal.weight,
        "reached": None if value is None else reached(value, goal),
        "reason": reason,
    }


def reached(value: float, goal: Goal) -> float:
    """How much of the target the value is, at most 1."""
    if goal.component.lower_is_better:
        return 1.0 if value <= goal.target else goal.target / value
    return max(0.0, min(1.0, value / goal.target))


def value_of(component: Component, history: History) -> tuple[float | None, str]:
    """The component's value, by the figure that defines it, or why there is none."""
    if component.figure not in metrics:
        return None, NOT_COUNTED
    figure = metrics.get(component.figure)
    if component.figure not in history.told:
        history.told[component.figure] = figure.compute(history, **figure.arguments({}))
    data = history.told[component.figure]
    headline = figure.headline(data)
    read = component.read or (lambda _data: headline.value if headline else None)
    value = read(data)
    if value is not None:
        return float(value), ""
    return None, YOUNG if headline and headline.reason is TOO_YOUNG else UNKNOWN
