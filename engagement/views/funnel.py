"""From invitations to members who stay and pay, way by way, as the page Growth draws it."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from engagement.metrics import _amounts
from engagement.metrics.channels import called
from engagement.ways import BY_CHANNEL
from kernel import words

#: Ways shown; the figure's own page has all.
LISTED = 12
PER_STEP = ("joined", "activated", "retained", "paid")


@dataclass(frozen=True)
class Step:
    """`length` of the bar is of 100; `text` is what stands beside it, `note` why it says nothing."""

    name: str
    text: str
    length: float
    note: str = ""


@dataclass(frozen=True)
class Way:
    name: str
    sent: str
    steps: list[Step]
    costs: list[tuple[str, list[tuple[str, str]]]]
    no_costs: bool


def ways(data: list[dict[str, Any]]) -> list[Way]:
    """The ways by which most came, each with its steps and what each of them cost."""
    rows = data[:LISTED]
    most = max((row["joined"] for row in rows), default=0)
    return [_way(row, most) for row in rows]


def _way(row: dict[str, Any], most: int) -> Way:
    names = {
        "activated": _("Active within 7 days"),
        "retained": _("Active in week 4"),
        "paid": _("Paid within 30 days"),
    }
    length = row["joined"] / most * 100 if most else 0
    steps = [Step(_("Joined"), words.number(row["joined"]), length)]
    steps += [_step(name, row, key, length) for key, name in names.items() if key in row]
    return Way(
        name=called(row),
        sent=words.number(row["invitations"]) if row["invitations"] else "",
        steps=steps,
        costs=[_cost(cost) for cost in row.get("costs") or []],
        no_costs=row["by"] == BY_CHANNEL and "costs" in row and row["costs"] is None,
    )


def _step(name: str, row: dict[str, Any], key: str, joined: float) -> Step:
    """A share of those who have been here long enough; the bar is that share of the bar of all who joined."""
    whole, done = row[f"{key}_of"], row[key]
    if not whole:
        return Step(name, words.NOTHING, 0, _("nobody has been here long enough") if row["joined"] else "")
    note = _("%(done)s of %(whole)s") % {"done": words.number(done), "whole": words.number(whole)}
    return Step(name, words.percent(done / whole), done / whole * joined, note)


def _cost(cost: dict[str, Any]) -> tuple[str, list[tuple[str, str]]]:
    names = {
        "joined": _("each who joined"),
        "activated": _("each active within 7 days"),
        "retained": _("each active in week 4"),
        "paid": _("each who paid"),
    }
    currency = cost["currency"]
    each = [(names[step], _amounts.written(cost[f"per_{step}"], currency)) for step in PER_STEP]
    return _amounts.written(cost["spent"], currency), each
