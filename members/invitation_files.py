"""The kind of file that brings invitations."""

from django.utils.translation import gettext_lazy as _

from kernel import imports
from kernel.imports import ImportKind, Job, Load
from members.services import invitation_import
from members.services.invitation_import import InvitationLoad


class Invitations(ImportKind):
    key = "invitations"
    title = _("Invitations")
    hint = _("One row an invitation that was sent. The members come first, with who invited them.")
    columns = invitation_import.COLUMNS
    sample = (
        ("u1", "2026-02-09T18:00:00+08:00", "email", "u2", "i1"),
        ("u1", "2026-02-12", "wechat", "", "i2"),
    )

    def open(self, job: Job) -> Load:
        return InvitationLoad(job)


def register() -> None:
    imports.add(Invitations())
