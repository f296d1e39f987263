"""The rows behind an experiment: everybody who was assigned, once it has ended, and nobody before."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from communities.models import Community
from engagement.models import Assignment, Experiment
from kernel.clock import local_day
from kernel.errors import Refused

#: `n` is how much there is of what it is judged by, `outcome` whether there is any; both empty of who counts by another record.
HEADER = ("number", "arm", "block", "assigned_on", "n", "outcome")
PORTION = 2000


@dataclass(frozen=True)
class Row:
    """One who was assigned. `number` is the member's, None of who never joined. `n` is how much there is of what it is
    judged by and `outcome` whether there is any, both as they were counted at the end; None of a record whose person
    counts by another."""

    number: int | None
    arm: str
    block: int
    day: date
    n: int | None

    @property
    def outcome(self) -> bool | None:
        return None if self.n is None else self.n > 0


def assigned(experiment: Experiment) -> QuerySet[Assignment]:
    """Whose rows there are. Raises `Refused` (`not_now`) before it has ended, and for good where it was stopped: by arm
    and outcome anybody could tell the difference."""
    if experiment.state != Experiment.State.ENDED:
        raise Refused(_("The rows are there once it has ended, and not before."), code="not_now")
    return Assignment.objects.filter(experiment=experiment)


def told(community: Community, experiment: Experiment, found: Iterable[Assignment]) -> Iterator[Row]:
    """The rows of those, in their order, in the community's days."""
    kept: dict[str, Any] = experiment.result or {}
    counted, merged = dict(kept["counted"]), frozenset(kept["merged"])
    for one in found:
        n = None if one.place in merged else counted.get(one.place, 0)
        yield Row(one.member, one.arm, one.block, local_day(one.at, community.zone), n)


def sheet(community: Community, experiment: Experiment) -> Iterator[list[Any]]:
    """The rows of the file, in the order in which they were assigned; `HEADER` names the columns. Raises `Refused` as
    `assigned` does, before the first row is asked for."""
    found = assigned(experiment).order_by("place").iterator(chunk_size=PORTION)
    marks = {True: "yes", False: "no", None: ""}
    rows = told(community, experiment, found)
    return ([row.number, row.arm, row.block, row.day, row.n, marks[row.outcome]] for row in rows)
