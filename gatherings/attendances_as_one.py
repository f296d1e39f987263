"""Two attendances of one person at one gathering: what both know is kept, and each is there again when they are parted."""

from typing import Any

from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _

from gatherings.models import Attendance
from kernel import merging
from kernel.merging import Part

#: What is taken from the merged one where it knows more.
KNOWN = ("answer", "answered_at", "came_at", "seen_by_id", "reminded_at")
FIELDS = [name.removesuffix("_id") for name in KNOWN]
#: The better answer is the one that stands further left.
BEST = (Attendance.Answer.YES, Attendance.Answer.WAITING, Attendance.Answer.MAYBE, Attendance.Answer.NO, "")


def part() -> Part:
    """Rows go over as those of which a member has one for each event. Where the kept record has one too, it takes the
    better of the two answers, and the earlier coming; when they are put back it is as it was, unless it has been changed
    since."""
    alone = merging.once(
        "attendances",
        label=_("Gatherings they came to"),
        model=Attendance,
        field="membership",
        same=["event"],
    )

    def move(merged: int, kept: int) -> dict[str, Any]:
        mine = {one.event_id: one for one in _locked(kept)}
        pairs = [(mine[one.event_id], one) for one in _locked(merged) if one.event_id in mine]
        before = {one.pk: _known(one) for one, _other in pairs}
        changed = [one for one, other in pairs if _learn(one, other)]
        Attendance.objects.bulk_update(changed, FIELDS)
        after = {one.pk: _known(one) for one in changed}
        learned = [[pk, before[pk], known] for pk, known in after.items()]
        return {**alone.move(merged, kept), "learned": learned}

    def restore(merged: int, kept: int, moved: Any) -> None:
        was = {pk: (before, after) for pk, before, after in moved.get("learned", [])}
        back = [one for one in _locked(kept) if one.pk in was and _known(one) == was[one.pk][1]]
        for one in back:
            for name, text in was[one.pk][0].items():
                setattr(one, name, parse_datetime(text) if text and name.endswith("_at") else text)
        Attendance.objects.bulk_update(back, FIELDS)
        alone.restore(merged, kept, moved)

    return Part(alone.key, alone.label, alone.fields, alone.count, move, restore)


def _locked(membership: int) -> list[Attendance]:
    return list(Attendance.objects.filter(membership=membership).order_by("pk").select_for_update())


def _learn(one: Attendance, other: Attendance) -> bool:
    """Let the one know what the other knows better; whether it has learned anything."""
    before = _known(one)
    if BEST.index(other.answer) < BEST.index(one.answer):
        one.answer, one.answered_at = other.answer, other.answered_at
    if other.came_at is not None and (one.came_at is None or other.came_at < one.came_at):
        one.came_at, one.seen_by_id = other.came_at, other.seen_by_id
    one.reminded_at = one.reminded_at or other.reminded_at
    return _known(one) != before


def _known(row: Attendance) -> dict[str, Any]:
    """What the row knows, as JSON has it."""
    values = {name: getattr(row, name) for name in KNOWN}
    return {
        name: value.isoformat() if hasattr(value, "isoformat") else value for name, value in values.items()
    }
