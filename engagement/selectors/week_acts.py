"""The acts of a week as pages, letters and the API show them: in words, with their people, and what was seen afterwards."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import QuerySet
from django.utils import translation
from django.utils.translation import gettext

from communities.models import Community
from communities.selectors.messages import PROPOSED
from engagement.models import Introduction, WeekAct
from engagement.selectors import introductions, tried
from engagement.selectors.rules import Rule, rules
from engagement.selectors.tried import Try
from kernel import words
from kernel.clock import local_day, week_of
from kernel.metrics import metrics
from members.models import Membership
from members.selectors import merged

#: So many acts a week.
MOST = 3
#: How the values of a kind of headline are written, where they are no plain numbers.
WRITTEN = {"share": words.percent}
#: What staff tried before is looked for in so many days before an act was found.
BEFORE = timedelta(days=28)
#: What was done on a Sunday is looked at after the Sunday after: it belongs to the week before the last.
LOOKED_BACK = timedelta(weeks=2)


@dataclass(frozen=True)
class Told:
    """An act in words, in the language in force."""

    act: WeekAct
    words: str
    reason: str
    icon: str
    followed: str
    figure: str
    #: What shows everybody like those it is about in the member table; "" where nothing does.
    everybody: str

    @property
    def is_open(self) -> bool:
        return self.act.state == WeekAct.State.OPEN


@dataclass(frozen=True)
class Lately:
    """This week's acts, the one most worth doing first; and those of the two weeks before of which it is `seen` what followed."""

    now: list[Told]
    seen: list[Told]


@dataclass(frozen=True)
class Person:
    """One whom an act is about: where it is done ("" where it cannot be), what was tried with them before and since, and
    `beside` whom they stand in it, where two belong together, with what staff have `settled` of these two, if anything."""

    member: Membership
    url: str
    tries: Sequence[Try]
    beside: Membership | None = None
    settled: Introduction | None = None


def rows(community: Community) -> QuerySet[WeekAct]:
    """All acts of rules that are still there, the latest week first."""
    return WeekAct.objects.of(community.pk).filter(rule__in=rules.keys())


def this_week(community: Community, *, at: datetime) -> Lately:
    """In one query."""
    monday = week_of(local_day(at, community.zone))
    found = list(rows(community).filter(week__range=(monday - LOOKED_BACK, monday)))
    return Lately(
        now=[told(act) for act in found if act.week == monday],
        seen=[told(act) for act in found if act.week < monday and act.outcome],
    )


def told(act: WeekAct) -> Told:
    rule = rules.get(act.rule)
    return Told(
        act,
        rule.words(act),
        rule.reason(act),
        rule.icon,
        followed(act),
        value_then_and_now(act),
        rule.everybody,
    )


def find(community: Community, key: UUID) -> WeekAct | None:
    return rows(community).filter(key=key).first()


def named(community: Community, acts: Sequence[WeekAct], *, at: datetime) -> dict[int, list[int]]:
    """By key of each act the numbers of whom it may be told to be about, as things stand."""
    by_rule: dict[str, list[WeekAct]] = {}
    for act in acts:
        by_rule.setdefault(act.rule, []).append(act)
    told: dict[int, list[int]] = {}
    for rule, mine in by_rule.items():
        told |= rules.get(rule).named(community, mine, at=at)
    return told


def people(community: Community, act: WeekAct, *, at: datetime) -> list[Person]:
    """Those it may be told to be about who are still members, in its order; of two who stand beside one another the first. Who
    was merged is the one who is kept."""
    rule, stands_for = rules.get(act.rule), merged.numbers(community.pk)
    kept = {number: stands_for.get(number, number) for number in named(community, [act], at=at)[act.pk]}
    found = Membership.objects.of(community.pk).counted().filter(number__in=kept.values())
    members = {one.number: one for one in found.select_related("user")}
    tries = tried.of(community, members.values(), since=act.found_at - BEFORE)
    partner = {int(one): kept.get(other) for one, other in act.about.get("beside", {}).items()}
    settled = introductions.between(community, set(kept.values())) if partner else {}
    told: list[Person] = []
    for number, now in kept.items():
        beside = members.get(partner.get(number) or 0)
        if any(one.member is beside for one in told if one.beside is not None):
            continue
        if (member := members.get(now)) is not None:
            url = rule.url(act, community, number)
            if rule.writes:
                url = _written_to(url, rule, community, member, beside) if member.user_id else ""
            pair = frozenset((now, beside.number)) if beside else frozenset[int]()
            told.append(Person(member, url, tries.get(now, []), beside, settled.get(pair)))
    return told


def _written_to(
    url: str, rule: Rule, community: Community, member: Membership, beside: Membership | None
) -> str:
    """The page that writes to the member, with what may be written there in the member's language."""
    with translation.override((member.user and member.user.language) or community.language):
        opening = rule.opening(member, beside)
    return f"{url}?{urlencode({PROPOSED: opening})}#write" if opening else url


def followed(act: WeekAct) -> str:
    """What was seen in the week after, beside who was left alone where anybody was; "" while it is not known."""
    seen = act.outcome
    if not seen:
        return ""
    said = rules.get(act.rule).outcome(seen["people"], seen["followed"])
    if not seen["others"]:
        return said + " " + gettext("Nobody like them was left alone to compare with.")
    alone = gettext("Of %(n)s like them who were left alone, %(followed)s: this is seen, not proved.")
    return f"{said} " + alone % {
        "n": words.number(seen["others"]),
        "followed": words.number(seen["others_followed"]),
    }


def value_then_and_now(act: WeekAct) -> str:
    """The act's figure as it was found and as it was a week after the act; "" where either is not known."""
    then, now = act.value, (act.outcome or {}).get("value")
    if then is None or now is None or act.figure not in metrics:
        return ""
    figure = metrics.get(act.figure)
    write = WRITTEN.get(act.about.get("kind", ""), words.number)
    return gettext("%(figure)s: %(then)s then, %(now)s now.") % {
        "figure": figure.title,
        "then": write(then),
        "now": write(now),
    }
