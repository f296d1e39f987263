"""The kinds of file that bring what was written: our own, and those of other tools as they come."""

from django.utils.translation import gettext_lazy as _

from communities.imports_from.discord import Discord
from communities.imports_from.slack import Slack
from communities.services import talk_import
from kernel import imports
from kernel.imports import ImportKind, Job, Load


class Talk(ImportKind):
    key = "talk"
    title = _("Posts and comments")
    hint = _(
        "One row a message, what is answered before what answers it. Sending it twice brings nothing twice."
    )
    columns = talk_import.COLUMNS
    sample = (
        (
            "1",
            "General",
            "u1",
            "Lin Yue",
            "lin@example.org",
            "2026-01-06T10:30:00+08:00",
            "Tea",
            "Which **one**?",
            "",
        ),
        ("2", "General", "u2", "Ada Byron", "", "2026-01-06T04:15:00Z", "", "Oolong.", "1"),
    )

    def open(self, job: Job) -> Load:
        return talk_import.TalkLoad(job)


def register() -> None:
    for kind in (Talk(), Slack(), Discord()):
        imports.add(kind)
