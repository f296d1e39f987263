"""One door: the `data` of a figure by its key, in the API's own shapes."""

from __future__ import annotations

from datetime import date
from typing import Any

from . import cohesion, network, people, running, series
from .world import Community, View

SERIES = {
    "members": (series.members, "day"),
    "active_members": (series.active_members, "day"),
    "stickiness": (series.stickiness, "month"),
    "growth_accounting": (series.growth_accounting, "week"),
    "retention": (series.retention, "week"),
}
SINGLE = {
    "power_curve": people.power_curve,
    "contribution": people.contribution,
    "response_time": people.response_time,
    "activation": people.activation,
    "network": network.network,
    "self_organisation": running.self_organisation,
    "reproduction": running.reproduction,
    "ties": cohesion.ties,
}


def figure(key: str, community: Community, as_of: date, **parameters: Any) -> Any:
    """The JSON-able `data` of one figure, everything up to the end of the local day `as_of` read.

    Parameters are the API's: `grain`, `window` (days or "all"), `from` and `to` (days, series only); `score`
    needs `weights` and takes `half_life`; `activation` takes `milestone`, a collection of verbs. An unknown
    key raises `KeyError`. `network` leaves out `modularity` and `communities`: see `modularity_of`.
    """
    if key == "stage":
        return people.stage(community, as_of)
    if key == "score":
        found = people.scores(community, as_of, **parameters)
        return {member: {"score": score, "parts": parts} for member, (score, parts) in found.items()}
    view = View(community, as_of)
    if key in SINGLE:
        return SINGLE[key](view, **parameters)
    compute, grain = SERIES[key]
    first, last = parameters.pop("from", None), parameters.pop("to", None)
    grain = parameters.get("grain", grain)
    rows = compute(view, **parameters)
    return series.between(rows, "day" if grain.startswith("rolling") else grain, first, last)
