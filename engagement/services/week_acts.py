"""The acts of a week: found once it has begun, done or set aside by staff, and looked at again a week later."""

from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from communities.models import Community
from engagement.models import RollupState, WeekAct
from engagement.selectors import figures as known
from engagement.selectors.aftermath import DAYS, Aftermath
from engagement.selectors.figures import Question
from engagement.selectors.rules import Asked, Found, Rule, rules
from engagement.selectors.week_acts import MOST
from kernel import locks
from kernel.clock import day_start, local_day, week_of
from kernel.errors import Refused
from kernel.locks import locked
from kernel.metrics import Headline, metrics
from members.actors import Actor
from members.selectors import merged
from members.services import audit, powers

LOCK = "engagement.week_acts"
DECIDE = "members.note"
#: As if a rule's expectation had been seen with so many people before the community saw anything of its own.
PRIOR = 20
#: How long an act of the same rule is about none of those whom one that was done was about.
REST = timedelta(weeks=2)

_ACTIONS = {
    WeekAct.State.DONE: "week_act.done",
    WeekAct.State.SET_ASIDE: "week_act.set_aside",
    WeekAct.State.OPEN: "week_act.taken_up_again",
}


@transaction.atomic
def plan(*, community: Community, at: datetime) -> int:
    """Find what is most worth doing this week, up to three acts of different rules; how many are new. What stands already
    stays as it is."""
    locks.advisory(name=LOCK, key=community.pk)
    state = known.state(community.pk)
    week = week_of(local_day(at, community.zone))
    mine = WeekAct.objects.of(community.pk)
    standing = set(mine.filter(week=week).values_list("rule", flat=True))
    if state.as_of is None or len(standing) >= MOST:
        return 0
    asked = Asked(community, at, lambda key: _data(community, state, key))
    found = []
    for rule in rules:
        one = rule.find(asked) if rule.key not in standing else None
        if one is not None and (one := one.without(_resting(community, rule, at=at))).people:
            found.append((lift(community.pk, rule) * len(one.people) * one.each, rule, one))
    best = sorted(found, key=lambda one: (-one[0], one[1].key))[: MOST - len(standing)]
    made = [_made(community, week, rule, one, effect, state, at) for effect, rule, one in best]
    # The best comes last, as the latest comes first in lists.
    WeekAct.objects.bulk_create(made[::-1])
    return len(made)


def _resting(community: Community, rule: Rule, *, at: datetime) -> set[int]:
    """Whom an act of the rule was about that was done in the last two weeks: they are asked once and then left to it. Those who
    were left alone beside them do not rest: nobody goes without a welcome for the sake of a comparison."""
    done = WeekAct.objects.of(community.pk).filter(
        rule=rule.key, state=WeekAct.State.DONE, decided_at__gt=at - REST
    )
    numbers = {number for people in done.values_list("people", flat=True) for number in people}
    stands_for = merged.numbers(community.pk) if numbers else {}
    return {stands_for.get(number, number) for number in numbers}


def _made(
    community: Community,
    week: date,
    rule: Rule,
    found: Found,
    effect: float,
    state: RollupState,
    at: datetime,
) -> WeekAct:
    headline = _headline(community, state, rule.figure)
    return WeekAct(
        community_id=community.pk,
        week=week,
        rule=rule.key,
        figure=rule.figure,
        effect=effect,
        value=headline.value if headline else None,
        people=found.people,
        others=found.others,
        about={**found.about, "kind": headline.kind if headline else ""},
        found_at=at,
    )


def lift(community_id: int, rule: Rule) -> float:
    """Of those a rule's act is about, how many more are expected to do what it is for than of those left alone, as a share:
    the rule's own expectation, corrected by what was seen here. Never below a hundredth, so that a rule that did not help
    yet is tried again."""
    more, seen = rule.lift * PRIOR, PRIOR
    done = WeekAct.objects.of(community_id).filter(rule=rule.key, outcome__isnull=False)
    outcomes: list[Any] = list(done.values_list("outcome", flat=True))
    for outcome in outcomes:
        if outcome["people"] and outcome["others"]:
            alone = outcome["others_followed"] / outcome["others"]
            more += outcome["followed"] - outcome["people"] * alone
            seen += outcome["people"]
    return float(max(0.01, more / seen))


@transaction.atomic
def decide(*, act: WeekAct, state: str, at: datetime, by: Actor) -> WeekAct:
    """Say that an act is done, set it aside, or take it up again. Saying what stands already changes nothing.

    Raises `Refused` for a state that is none, for an act of which is known what followed (`over`), and for who may not
    write down anything about members any more.
    """
    powers.require(by, DECIDE)
    act = locked(WeekAct.objects.filter(pk=act.pk)).get()
    if state not in WeekAct.State.values:
        raise Refused(_("It is done, set aside, or open."), code="invalid", field="state")
    if act.state == state:
        return act
    if act.outcome is not None:
        raise Refused(_("What followed has been counted: this act stands as it is."), code="over")
    before, act.state = act.state, state
    is_open = state == WeekAct.State.OPEN
    act.decided_at = None if is_open else at
    act.decided_by = None if is_open or by.membership is None else by.membership.number
    act.save(update_fields=["state", "decided_at", "decided_by"])
    audit.record(
        action=_ACTIONS[WeekAct.State(state)],
        object_kind="week_act",
        object_id=act.key,
        by=by,
        at=at,
        community_id=act.community_id,
        before={"state": before},
        after={"state": state, "rule": act.rule},
    )
    return act


@transaction.atomic
def look_back(*, community: Community) -> int:
    """Of acts done a week and more ago keep what followed in the 7 days after: how many did what the act was for, of those it
    was about and of those who were left alone, and the figure now. How many acts that was."""
    state = known.state(community.pk)
    if state.as_of is None:
        return 0
    done = WeekAct.objects.of(community.pk).filter(
        rule__in=rules.keys(), state=WeekAct.State.DONE, outcome__isnull=True
    )
    looked = 0
    for act in locked(done.order_by("pk")):
        assert act.decided_at is not None
        day = local_day(act.decided_at, community.zone)
        if Aftermath(community, day).last > state.as_of:
            continue
        rule, after = rules.get(act.rule), Aftermath(community, day)
        headline = _headline(community, state, act.figure)
        alone = _left_alone(act, after)
        act.outcome = {
            "people": len(act.people),
            "followed": len(rule.followed(act, act.people, after)),
            "others": len(alone),
            "others_followed": len(rule.followed(act, alone, after)),
            "value": headline.value if headline else None,
            "as_of": state.as_of.isoformat(),
        }
        act.save(update_fields=["outcome"])
        looked += 1
    return looked


def _left_alone(act: WeekAct, after: Aftermath) -> list[int]:
    """Of those who were to be left alone they of whom no other act was that was done from a week before this one on until its
    days were over: whoever was turned to tells nothing of those who were not."""
    begins = day_start(after.done - timedelta(days=DAYS), after.community.zone)
    ends = after.instants[1]
    done = WeekAct.objects.of(act.community_id).filter(
        state=WeekAct.State.DONE, decided_at__gte=begins, decided_at__lt=ends
    )
    rows = done.exclude(pk=act.pk).values_list("people", flat=True)
    turned_to = {after.kept(number) for people in rows for number in people}
    beside = act.about.get("beside", {})
    return [
        number
        for number in act.others
        if turned_to.isdisjoint(after.kept(one) for one in (number, beside.get(str(number), number)))
    ]


def _data(community: Community, state: RollupState, key: str) -> Any:
    """The data of a figure as of the last refresh; None where it is not on the shelf or not counted."""
    if key not in metrics or state.as_of is None:
        return None
    question = Question.of(metrics.get(key), {})
    stored = known.stored(
        community=community, question=question, as_of=state.as_of, generation=state.generation
    )
    return None if stored is None else stored.data


def _headline(community: Community, state: RollupState, key: str) -> Headline | None:
    data = _data(community, state, key)
    return None if data is None else metrics.get(key).headline(data)
