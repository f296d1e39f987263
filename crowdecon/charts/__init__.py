"""From a figure's data to a picture: what is drawn, what it says in a sentence, and the rows behind it.

A kind is a function of a figure's data. It gives a `Picture`, which is neutral: the browser draws `canvas`
pictures with the charts' script, the page itself draws the others, and all of them carry their table.
"""

from collections.abc import Callable
from typing import Any

from crowdecon.charts import cohorts, forecast, growth, meetings, money, plain, series
from crowdecon.charts.picture import Picture

Kind = Callable[..., Picture]

KINDS: dict[str, Kind] = {
    "trend": series.trend,
    "growth": series.growth,
    "histogram": series.histogram,
    "cohorts": cohorts.heat,
    "shares": plain.shares,
    "steps": plain.steps,
    "answers": plain.answers,
    "bars": plain.bars,
    "facts": plain.facts,
    "by_members": plain.by_members,
    "reproduction": plain.reproduction,
    "revenue": money.revenue,
    "mrr": money.mrr,
    "dues": money.dues,
    "churn": money.churn,
    "renewal": money.renewal,
    "gatherings": meetings.gatherings,
    "cities": meetings.cities,
    "coefficients": growth.coefficients,
    "intervals": growth.intervals,
    "cycle": growth.cycle,
    "generations": growth.generations,
    "channels": growth.channels,
    "growth_rate": growth.growth_rate,
    "forecast": forecast.forecast,
    "tried": forecast.tried,
}


def picture(kind: str, data: Any, **options: Any) -> Picture:
    """Raises `KeyError` for an unknown kind. Data without a single known value gives an empty picture."""
    return KINDS[kind](data, **options)
