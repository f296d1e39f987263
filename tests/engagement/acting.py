"""Acts of a week as the plan leaves them, and introductions as the service does."""

from datetime import date, timedelta

from engagement.models import Introduction, Spend, WeekAct
from kernel.clock import now, week_of


def an_act(community, *people, rule="welcome", week=None, **fields):
    """An act about these members (their numbers), of this week unless another is given."""
    monday = week or week_of(now().astimezone(community.zone).date())
    figure = {"welcome": "activation", "fading": "at_risk", "host": "events"}.get(rule, "response_time")
    values = {"effect": 1.5, "value": 0.4, "about": {"kind": "share", "held": 3}, "found_at": now()} | fields
    return WeekAct.objects.create(
        community_id=community.pk, week=monday, rule=rule, figure=figure, people=list(people), **values
    )


def an_introduction(community, one, other, state="made", **fields):
    """An introduction of these two (their numbers, the lower first), without anybody's being told."""
    values = {
        "why": {"shared_neighbours": 1, "shared_interests": 0, "same_city": False},
        "at": now(),
    } | fields
    return Introduction.objects.create(
        community_id=community.pk, low=one, high=other, state=state, by=1, **values
    )


def monday_before(weeks: int) -> date:
    return week_of(now().date()) - timedelta(weeks=weeks)


def a_cost(community, channel="wechat", **fields):
    """What a channel cost in the days that ended lately."""
    today = now().astimezone(community.zone).date()
    values = {"first": today - timedelta(days=20), "last": today - timedelta(days=11), "amount": 50_000}
    values |= {"currency": "EUR", "entered_at": now()} | fields
    return Spend.objects.create(community_id=community.pk, channel=channel, **values)
