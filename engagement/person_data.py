"""What this app holds on a person: facts, which know a member's number and nothing else, and where they stand."""

from collections.abc import Iterator
from datetime import datetime
from functools import partial
from itertools import chain

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from engagement.models import Assignment, Fact, MemberStanding
from kernel import person_data
from kernel.person_data import Person, Row, Table, table

COLUMNS = (
    "community_id", "occurred_at", "member", "verb", "target", "object_kind", "object_id", "circle_id", "value", "staff",
)  # fmt: skip


def register() -> None:
    person_data.add(
        "facts",
        label=_("What you did, and what befell you"),
        fields=("engagement.MemberStanding.membership",),
        export=facts,
        # Figures stay as they are because facts name a number alone.
        erase=person_data.never_erased,
    )
    person_data.add(
        "experiments",
        label=_("Words that were tried on you"),
        fields=("engagement.Assignment.user",),
        export=tried,
        erase=forget,
    )
    person_data.stand_beside(
        "engagement.Experiment",
        "Words that staff have planned to try, and counts of whom they were tried on.",
    )
    person_data.stand_beside("engagement.Spend", "What a channel cost, about nobody.")
    for model in ("HealthStandard", "HealthWeek"):
        person_data.stand_beside(f"engagement.{model}", "Numbers about a community, about nobody.")
    beside = (
        "ActiveDay", "DecayedDay", "Fact", "Figure", "FigureCheck", "FigureRequest", "Introduction", "MemberDay",
        "NetworkDrawing", "PairDay", "WeekAct",
    )  # fmt: skip
    for model in beside:
        person_data.stand_beside(
            f"engagement.{model}", "Knows members by their bare number and nothing else."
        )


def facts(person: Person) -> Iterator[Table]:
    yield Table("facts", COLUMNS, partial(_about, person))
    mine = MemberStanding.objects.filter(membership_id__in=person.membership_ids)
    yield table(
        "standing",
        mine,
        (
            "membership__community__slug",
            "stage",
            "at_risk",
            "score",
            "parts",
            "active_days",
            "days_before",
            "last_active_day",
        ),
    )


def tried(person: Person) -> Iterator[Table]:
    columns = ("experiment__community_id", "experiment__subject", "arm", "at")
    yield table("experiments", _assigned(person), columns)


def forget(person: Person, at: datetime) -> None:
    """What is left is the place and the arm, and of who has joined the bare number."""
    _assigned(person).filter(user__isnull=False).update(user=None)


def _assigned(person: Person) -> QuerySet[Assignment]:
    mine = Q(user=person.user_id) if person.user_id is not None else Q(pk=None)
    for place in person.places:
        mine |= Q(experiment__community_id=place.community_id, member=place.number)
    return Assignment.objects.filter(mine)


def _about(person: Person) -> Iterator[Row]:
    """Day by day, as the index lies: facts by the member; others' facts aimed at them are theirs."""
    return chain.from_iterable(
        Fact.objects.of(place.community_id)
        .filter(member=place.number)
        .order_by("utc_day")
        .values(*COLUMNS)
        .iterator(chunk_size=2000)
        for place in person.places
    )
