"""What a type's well-being may be judged on. Each part reads one figure: its headline, or a share made of its data."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from kernel import words

Words = str | Promise
Read = Callable[[Any], float | None]


@dataclass(frozen=True)
class Measure:
    """How values of a component are written and asked for: `scale` is what a form shows of 1, `most` the highest target,
    `label` what a form calls a target."""

    key: str
    scale: int
    most: float
    label: Words
    write: Callable[[float | None], str]


#: A target of a share is at most everybody.
SHARE = Measure("share", 100, 1.0, _("Target, in percent"), words.percent)
NUMBER = Measure("number", 1, 1000.0, _("Target"), words.number)
MEASURES = {one.key: one for one in (SHARE, NUMBER)}


@dataclass(frozen=True)
class Component:
    """A part of the well-being. `figure` is the key of the figure that it reads; `read` takes the value out of that
    figure's data (None: its headline is the value). Figures that are not counted yet count as missing until they are."""

    key: str
    name: Words
    figure: str
    read: Read | None = None
    measure: Measure = SHARE
    lower_is_better: bool = False


@dataclass(frozen=True)
class Goal:
    """A component with what a type expects of it: the value that counts as full, and how much it weighs."""

    component: Component
    target: float
    weight: float


def _share(part: str, *whole: str) -> Read:
    def read(data: Mapping[str, Any]) -> float | None:
        values = [data[name] for name in (part, *whole)]
        if any(value is None for value in values) or not sum(values[1:]):
            return None
        return float(values[0] / sum(values[1:]))

    return read


def _value(name: str) -> Read:
    return lambda data: data[name]


def _renewed(data: Mapping[str, Any]) -> float | None:
    """Of all terms that came to their end in a year, whatever their tier."""
    renewed, ended = (sum(row[name] for row in data["renewal"]) for name in ("renewed", "ended"))
    return renewed / (renewed + ended) if renewed + ended else None


ARRIVED = Component("arrived", _("Newcomers who did something within 7 days"), "activation")
MILESTONE = Component(
    "milestone", _("Newcomers who did what this is for"), "activation", _share("milestone", "joined")
)
RETENTION = Component("retention", _("Still come 4 weeks after joining"), "retention")
NEAR = Component("near", _("Members past their first days who are active"), "stage")
STEADY = Component("steady", _("Regulars who are fading"), "at_risk", _value("share"), lower_is_better=True)
ANSWERED = Component("answered", _("Threads answered within a day"), "response_time", _value("share"))
BY_MEMBERS = Component(
    "by_members", _("First answers by members, not staff"), "response_time", _value("members_share")
)
CONTRIBUTORS = Component(
    "contributors", _("Active members who contribute"), "contribution", _share("contributors", "actives")
)
RENEWAL = Component("renewal", _("Dues that were renewed"), "dues", _renewed)
KEPT_PAYING = Component("kept_paying", _("Still pay 3 months after their first payment"), "payer_cohorts")
SHOW_RATE = Component("show_rate", _("Come of those who said yes"), "events", _value("show_rate"))
SOLVED = Component("solved", _("Requests that were solved"), "solved", _value("share"))
USE = Component("use", _("Members who used something"), "solved", _value("use"))
SELF_ORGANISATION = Component("self_organisation", _("Made by members themselves"), "self_organisation")
REFERRAL = Component("referral_k", _("Members whom each newcomer brings along"), "referral_k", measure=NUMBER)

COMPONENTS: dict[str, Component] = {
    one.key: one
    for one in (
        ARRIVED, MILESTONE, RETENTION, NEAR, STEADY, ANSWERED, BY_MEMBERS, CONTRIBUTORS, RENEWAL, KEPT_PAYING,
        SHOW_RATE, SOLVED, USE, SELF_ORGANISATION, REFERRAL,
    )
}  # fmt: skip
