"""The kinds of file that bring members: our own, and those of other tools as they come."""

from django.utils.translation import gettext_lazy as _

from kernel import imports
from kernel.imports import ImportKind, Job, Load
from members.imports_from.ghost import Ghost
from members.imports_from.mailchimp import Mailchimp
from members.services import member_rows
from members.services.member_import import MemberLoad


class Members(ImportKind):
    key = "members"
    title = _("Members")
    hint = _("One row a member. A member who is here already, by the id in the file, is brought up to date.")
    columns = member_rows.COLUMNS
    sample = (
        ("u1", "2026-01-05T09:00:00+08:00", "Lin Yue", "lin@example.org", "", "", "", "active")
        + ("Hangzhou", "CN", "30.25", "120.17", "tea;hiking", "", ""),
        ("u2", "2026-02-11", "Ada Byron", "", "u1", "", "", "left")
        + ("London", "GB", "", "", "", "", "2026-05-30"),
    )
    keeps_unknown = True
    chunk = 1000

    def open(self, job: Job) -> Load:
        return MemberLoad(job)


def register() -> None:
    for kind in (Members(), Ghost(), Mailchimp()):
        imports.add(kind)
