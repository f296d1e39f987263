"""What became of having a figure counted again from the facts."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from engagement.models import DirtyDay, FigureCheck
from kernel.metrics import Table
from members.models import Membership

#: Checks that a figure's page shows.
SHOWN = 5


@dataclass(frozen=True)
class Told:
    """A check with who asked for it, None for a program; `mended`: what differed has been counted anew since."""

    check: FigureCheck
    by: Membership | None
    mended: bool

    @property
    def percent(self) -> int:
        return int(100 * self.check.progress)

    @property
    def differs(self) -> bool:
        """Whether what is stored is not what the facts come to, and still stands."""
        return self.check.state == FigureCheck.State.DIFFERENT and not self.mended

    @property
    def is_to_be_followed(self) -> bool:
        """Whether its reader waits for it or has to do something about it."""
        check = self.check
        return check.is_under_way or check.state == FigureCheck.State.FAILED or self.differs

    @property
    def table(self) -> Table:
        """What differed, as far as it is kept."""
        header = [_("Where"), _("Stored"), _("Counted from facts"), _("Difference")]
        rows = [[one["at"], one["stored"], one["counted"], one["by"]] for one in self.check.differences]
        return Table(header, rows)


def of_figure(*, community_id: int, key: str, asked: str) -> list[Told]:
    """The last checks of the figure with these parameters, the newest first, in three queries."""
    rows = FigureCheck.objects.of(community_id).filter(key=key, asked=asked).order_by("-pk")
    return told(community_id, rows[:SHOWN])


def one(*, community_id: int, key: str, check_id: int | None = None) -> Told | None:
    """The check of that number, or the figure's last one; None where there is none."""
    rows = FigureCheck.objects.of(community_id).filter(key=key).order_by("-pk")
    if check_id is not None:
        rows = rows.filter(pk=check_id)
    return next(iter(told(community_id, rows[:1])), None)


def told(community_id: int, checks: Iterable[FigureCheck]) -> list[Told]:
    found = list(checks)
    who = Membership.objects.of(community_id).filter(number__in={check.asked_by for check in found})
    names = {member.number: member for member in who}
    log = DirtyDay.objects.filter(pk__in={check.mending for check in found if check.mending is not None})
    waits = set(log.values_list("pk", flat=True))
    return [
        Told(
            check,
            names.get(check.asked_by) if check.asked_by is not None else None,
            check.mending is not None and check.mending not in waits,
        )
        for check in found
    ]
