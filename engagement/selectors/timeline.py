"""What one member did, newest first, a page at a time."""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import groupby

from django.db.models import Q

from communities.models import Circle, Community
from engagement import verbs
from engagement.models import Fact
from kernel.activity import CONTRIBUTIONS, VERBS, VerbClass
from kernel.clock import local_day
from members.models import Membership

PAGE_SIZE = 30
#: The end of a cursor: the last instant shown, and which of the facts of that instant.
SEPARATOR = "~"


@dataclass(frozen=True)
class Entry:
    """One fact in words. `tone` is "accent" for what the member made; `target` a member's number and name."""

    at: datetime
    words: str
    tone: str
    target: Membership | None
    circle: str
    object: str
    value: str


@dataclass(frozen=True)
class Timeline:
    """Entries by local day, newest first; `older` is the cursor of the next page, empty at the end."""

    days: list[tuple[date, list[Entry]]]
    older: str


def of_member(*, community: Community, number: int, also: Sequence[int] = (), before: str = "") -> Timeline:
    """One page of a member's facts, retracted ones left out, in at most three queries. `also` are the numbers of
    records that were merged into them."""
    facts = Fact.objects.of(community.id).valid().filter(member__in=[number, *also])
    ended = _read(before)
    if ended is not None:
        at, dedupe = ended
        facts = facts.filter(Q(occurred_at__lt=at) | Q(occurred_at=at, dedupe__lt=dedupe))
        facts = facts.filter(utc_day__lte=at.astimezone(UTC).date())
    # The day comes first because the index walks the days: the instants within one are sorted on the way.
    rows = list(facts.order_by("-utc_day", "-occurred_at", "-dedupe")[: PAGE_SIZE + 1])
    shown = rows[:PAGE_SIZE]
    older = _write(shown[-1]) if len(rows) > PAGE_SIZE else ""
    entries = _entries(community, shown)
    days = groupby(entries, key=lambda entry: local_day(entry.at, community.zone))
    return Timeline([(day, list(found)) for day, found in days], older)


def _entries(community: Community, facts: Iterable[Fact]) -> list[Entry]:
    facts = list(facts)
    numbers = {fact.target for fact in facts if fact.target is not None}
    circles = {fact.circle_id for fact in facts if fact.circle_id is not None}
    known = Membership.objects.records_of(community.id).filter(number__in=numbers) if numbers else ()
    people = {member.number: member for member in known}
    names = (
        dict(Circle.objects.of(community.id).filter(pk__in=circles).values_list("pk", "name"))
        if circles
        else {}
    )
    return [_entry(fact, people, names) for fact in facts]


def _entry(fact: Fact, people: dict[int, Membership], circles: dict[int, str]) -> Entry:
    target = people.get(fact.target) if fact.target is not None and fact.target != fact.member else None
    return Entry(
        at=fact.occurred_at,
        words=verbs.deed(fact.verb, target.display_name if target else ""),
        tone="accent" if fact.verb in CONTRIBUTIONS else "",
        target=target,
        circle=circles.get(fact.circle_id, "") if fact.circle_id is not None else "",
        object=" ".join(part for part in (fact.object_kind, fact.object_id) if part),
        value=f"{fact.value.normalize():f}"
        if fact.value is not None and VERBS[fact.verb] is VerbClass.MONEY
        else "",
    )


def _write(fact: Fact) -> str:
    return f"{fact.occurred_at.astimezone(UTC):%Y%m%dT%H%M%S.%f}{SEPARATOR}{fact.dedupe.hex}"


def _read(cursor: str) -> tuple[datetime, uuid.UUID] | None:
    """The cursor's instant and identity; None, the first page, for one that was not written here."""
    instant, _separator, identity = cursor.partition(SEPARATOR)
    try:
        return datetime.strptime(instant, "%Y%m%dT%H%M%S.%f").replace(tzinfo=UTC), uuid.UUID(identity)
    except ValueError:
        return None
