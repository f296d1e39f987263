"""What this app holds on a person: facts, which know a member's number and nothing else, and where they stand."""

from collections.abc import Iterator
from functools import partial
from itertools import chain

from django.utils.translation import gettext_lazy as _

from engagement.models import Fact, MemberStanding
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
    for model in ("HealthStandard", "HealthWeek"):
        person_data.stand_beside(f"engagement.{model}", "Numbers about a community, about nobody.")
    beside = (
        "ActiveDay", "DecayedDay", "Fact", "Figure", "FigureCheck", "FigureRequest", "MemberDay", "PairDay", "WeekAct",
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
        ("membership__community__slug", "stage", "score", "parts", "active_days", "last_active_day"),
    )


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
