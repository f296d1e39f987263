"""The kinds of file that bring gatherings, and who came to them."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from gatherings.services import attendance_import, event_import
from kernel import imports
from kernel.imports import ImportKind, Job, Load


class Events(ImportKind):
    key = "events"
    title = pgettext_lazy("kind of file", "Gatherings")
    hint = _(
        "One row a gathering. What is over and was held counts in the figures; what is still to come stands in the calendar "
        "at once, and nobody is told of it."
    )
    columns = event_import.COLUMNS
    sample = (
        (
            "e1", "Supper", "2026-03-02T18:00:00+08:00", "2026-03-02T21:00:00+08:00", "Asia/Shanghai", "Shanghai",
            "31.2304", "121.4737", "", "30", "held", "u1", "Cooks", "24", "2",
        ),
        (
            "e2", "Questions and answers", "2026-04-02T19:00:00", "", "", "", "", "", "https://meet.example/qa", "",
            "cancelled", "", "", "11", "0",
        ),
    )  # fmt: skip
    permission = "events.manage"

    def open(self, job: Job) -> Load:
        return event_import.EventLoad(job)


class Attendances(ImportKind):
    key = "attendances"
    title = pgettext_lazy("kind of file", "Who came to gatherings")
    hint = _(
        "One row a person and gathering: what they answered, or that they came. Whoever answered and came may stand in two "
        "rows. Members and gatherings come first."
    )
    columns = attendance_import.COLUMNS
    sample = (
        ("e1", "u1", "yes", "2026-02-20T09:00:00Z"),
        ("e1", "u1", "attended", "2026-03-02T18:05:00+08:00"),
        ("e1", "u2", "no", ""),
    )
    permission = "events.manage"
    chunk = 5_000

    def open(self, job: Job) -> Load:
        return attendance_import.AttendanceLoad(job)


def register() -> None:
    for kind in (Events(), Attendances()):
        imports.add(kind)
