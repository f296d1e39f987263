"""The kind of file that brings activities."""

from django.utils.translation import gettext_lazy as _

from communities.models import Community
from engagement.services import activities
from engagement.services.activities import Intake
from kernel import imports
from kernel.imports import ImportKind, Job, Load, Row, Verdict


class ActivityLoad(Load):
    def __init__(self, job: Job) -> None:
        community = Community.objects.get(pk=job.community.id)
        self.intake = Intake(community=community, at=job.at, by=job.by, batch=job.id)

    def take(self, rows: list[Row]) -> list[Verdict]:  # type: ignore[override]
        return self.intake.take(rows)


class Activities(ImportKind):
    key = "activities"
    title = _("Activities")
    hint = _("One row an act: who did what, when, and towards whom. Members come first.")
    columns = activities.COLUMNS
    sample = (
        ("u1", "posted", "2026-01-06T10:30:00+08:00", "", "post:1", "General", "", "a1"),
        ("u2", "commented", "2026-02-12T08:15:00Z", "u1", "post:1", "General", "", "a2"),
    )
    retractable = True
    chunk = 25_000

    def open(self, job: Job) -> Load:
        return ActivityLoad(job)


def register() -> None:
    imports.add(Activities())
