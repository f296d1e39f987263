"""What the desk shows of all figures at once, from stored rows alone: tiles, and how current they are."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from communities.models import Community
from engagement.models import DirtyDay
from engagement.selectors import figures
from kernel import words
from kernel.clock import last_complete_day
from kernel.metrics import Data, Headline, Metric, metrics
from kernel.permissions import May

#: How the value of a kind of headline is written, by the filter's name.
FORMATS = {"share": "percent"}


@dataclass(frozen=True)
class Freshness:
    """`as_of` is the day the figures hold for; `waiting_days` how many days hold facts not counted yet.

    `behind`: a day has ended since, or something waits: a refresh is due.
    """

    as_of: date | None
    refreshed_at: datetime | None
    waiting_days: int
    behind: bool


@dataclass(frozen=True)
class Tile:
    """A figure's headline, or why there is none; `period` names the period before, `of` the day it holds for where the others
    hold for a later one."""

    metric: Metric
    headline: Headline
    finding: str
    period: str
    of: date | None = None

    @property
    def unit(self) -> str:
        """What is counted, unless the title says it already; then the period it is counted in."""
        unit = str(self.headline.unit)
        if unit.lower() != str(self.metric.title).lower():
            return unit
        period = self.headline.period
        return _("week of %(day)s") % {"day": words.period(period)} if period else ""

    @property
    def format(self) -> str:
        return FORMATS.get(self.headline.kind, "number")


def freshness(community: Community, *, at: datetime) -> Freshness:
    """In two queries."""
    state = figures.state(community.pk)
    waiting: set[date] = set()
    dirty = DirtyDay.objects.filter(community_id=community.id)
    rows = list(dirty.values_list("since", "until"))
    for since, until in rows:
        if since is not None and until is not None:
            waiting |= _days(since.astimezone(community.zone).date(), until.astimezone(community.zone).date())
    behind = bool(rows) or state.as_of is None or state.as_of < last_complete_day(community.zone, at)
    return Freshness(state.as_of, state.refreshed_at, len(waiting), behind)


def tiles(community: Community, *, keys: Iterable[str], may: May) -> list[Tile]:
    """The figures of these keys with their usual parameters, in this order, in one query, as somebody sees them who may do
    that: those of which they may see nothing are left out."""
    shown = [metrics.get(key) for key in keys if key in metrics]
    questions = [figures.Question.of(metric, {}) for metric in shown if may(metric.permission)]
    stored = figures.latest(community=community, questions=questions)
    last = max((result.as_of for result in stored.values()), default=None)
    return [
        _tile(question.metric, stored.get((question.metric.key, question.asked)), may, last=last)
        for question in questions
    ]


def shown(metric: Metric, data: Data, *, parameters: Mapping[str, Any]) -> Tile:
    """The same of data that a page has already, for the parameters they were counted with."""
    headline = metric.headline(data) or Headline(None, metric.unit, "number")
    grain = str(parameters.get("grain") or metric.arguments({}).get("grain") or metric.trend_grain)
    return Tile(metric, headline, metric.finding(data), _period_before(grain, headline))


def _tile(metric: Metric, result: figures.FigureResult | None, may: May, *, last: date | None) -> Tile:
    nothing = Headline(None, metric.unit, "number")
    if result is None:
        return Tile(metric, replace(nothing, reason=_("Not counted yet.")), "", "")
    tile = shown(metric, metric.readable(result.data, may), parameters=result.parameters)
    return tile if result.as_of == last else replace(tile, of=result.as_of)


def _period_before(grain: str, headline: Headline) -> str:
    """The words for the period before the headline's: its grain is in its name, or the one it was counted by."""
    if headline.before is None:
        return ""
    grain = "month" if len(headline.period) == len("2026-03") else grain
    return {
        "day": _("on the day before"),
        "week": _("on the week before"),
        "month": _("on the month before"),
    }.get(grain, "")


def _days(first: date, last: date) -> set[date]:
    return {first + timedelta(days=n) for n in range((last - first).days + 1)}
