"""The ladder of dues that are late: what happens next, and on which day, while nothing is paid.

Days are the community's; `instant` makes them instants at the edge. A step's day may lie in the past, when workers were
away: it is then taken at once, and of several rungs that were missed only one is.
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db import models
from django.utils.translation import gettext_lazy as _

from kernel import clock

#: The local hour at which is charged and written; access changes as its day begins.
HOUR = time(9)


class Means(models.TextChoices):
    """How dues are to be paid as things stand."""

    CHARGED = "charged", _("A saved means is charged")
    REFUSED = "refused", _("The saved means was refused for good")
    CONFIRM = "confirm", _("The bank wants the member to confirm")
    PAYER = "payer", _("The member pays")


class Kind(models.TextChoices):
    """What can happen; on one day in this order: access changes as the day begins."""

    SUSPEND = "suspend", _("Access ends")
    LAPSE = "lapse", _("Membership lapses")
    INVOICE = "invoice", _("Invoice with a link to pay")
    ASK = "ask", _("Asked for another way to pay")
    CHARGE = "charge", _("Charge")
    REMIND = "remind", _("Reminder")


_ORDER = {kind: place for place, kind in enumerate(Kind)}


@dataclass(frozen=True, slots=True)
class Ladder:
    """A community's settings, in days: the rungs, access and lapse are counted from the due day, the invoice to it.

    Raises `ValueError` unless the rungs rise and lapse comes last.
    """

    rungs: tuple[int, ...] = (0, 1, 3, 7, 14)
    grace_days: int = 14
    lapse_days: int = 30
    lead_days: int = 7

    def __post_init__(self) -> None:
        if list(self.rungs) != sorted(set(self.rungs)) or not self.rungs or self.rungs[0] < 0:
            raise ValueError("The rungs of a ladder rise from the due day.")
        if (
            not 0 <= self.grace_days <= self.lapse_days
            or self.rungs[-1] > self.lapse_days
            or self.lead_days < 0
        ):
            raise ValueError("A membership lapses after its grace and all its rungs.")


LADDER = Ladder()


@dataclass(frozen=True, slots=True)
class Owed:
    """An invoice that is not paid. `tried` is the day of the last rung that was taken (charge or reminder), `extra_days` how
    much longer staff let it wait; `invoiced`, `asked` and `suspended` say what has happened, where it is to happen once
    (`asked` since the means was last refused)."""

    due: date
    means: Means
    tried: date | None = None
    extra_days: int = 0
    invoiced: bool = False
    asked: bool = False
    suspended: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    kind: Kind
    on: date


def what_next(owed: Owed, ladder: Ladder = LADDER) -> Step:
    """What happens next while nothing is paid, and on which day. Lapse is the last."""
    return steps(owed, ladder)[0]


def steps(owed: Owed, ladder: Ladder = LADDER) -> list[Step]:
    """All that is to happen while nothing is paid, in order.

    A means that is refused for good, or that its owner has to confirm, is not charged again: they are asked once, at once,
    and the rungs that are left are reminders, as for those who pay themselves.
    """
    charged = owed.means == Means.CHARGED
    found = []
    if not owed.invoiced and not charged:
        found.append(Step(Kind.INVOICE, owed.due - timedelta(days=ladder.lead_days)))
    if not owed.asked and owed.means in (Means.REFUSED, Means.CONFIRM) and owed.tried:
        found.append(Step(Kind.ASK, owed.tried))
    for rung in ladder.rungs:
        day = owed.due + timedelta(days=rung)
        if owed.tried is None or day > owed.tried:
            found.append(Step(Kind.CHARGE if charged else Kind.REMIND, day))
    if not owed.suspended:
        found.append(Step(Kind.SUSPEND, suspends_on(owed, ladder)))
    found.append(Step(Kind.LAPSE, lapses_on(owed, ladder)))
    return sorted(found, key=lambda step: (step.on, _ORDER[step.kind]))


def suspends_on(owed: Owed, ladder: Ladder = LADDER) -> date:
    """The first day without access."""
    return owed.due + timedelta(days=ladder.grace_days + owed.extra_days)


def lapses_on(owed: Owed, ladder: Ladder = LADDER) -> date:
    """The first day on which the membership has lapsed."""
    return owed.due + timedelta(days=ladder.lapse_days + owed.extra_days)


def instant(step: Step, zone: ZoneInfo) -> datetime:
    """When the step is due (UTC): at nine on its local day, or as the day begins where access changes. Days of summer time's
    beginning and end are as long as they are."""
    if step.kind in (Kind.SUSPEND, Kind.LAPSE):
        return clock.day_start(step.on, zone)
    return clock.resolve_local(datetime.combine(step.on, HOUR), zone)
