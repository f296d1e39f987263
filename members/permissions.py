"""What each role may do in the rooms of this app."""

from django.utils.translation import gettext_lazy as _

from kernel import permissions
from members.roles import STAFF_ROLES, Role

MANAGERS = (Role.OWNER, Role.MANAGER)


def register() -> None:
    permissions.add("desk.enter", roles=STAFF_ROLES, label=_("Enter the desk"))
    permissions.add("members.view", roles=STAFF_ROLES, label=_("See every member"))
    permissions.add("members.change", roles=MANAGERS, label=_("Add and change members"))
    permissions.add("members.fields", roles=MANAGERS, label=_("Make and change member fields"))
    permissions.add("members.merge", roles=MANAGERS, label=_("Merge duplicates and undo it"))
    permissions.add("members.note", roles=STAFF_ROLES, label=_("Write notes on members"))
    permissions.add(
        "members.discipline", roles=[*MANAGERS, Role.MODERATOR], label=_("Restrict members and lift it")
    )
    permissions.add(
        "members.dues", roles=[*MANAGERS, Role.TREASURER], label=_("Change members for their dues")
    )
    permissions.add("members.change_role", roles=[Role.OWNER], label=_("Give and take roles"))
    permissions.add("tiers.manage", roles=MANAGERS, label=_("Make and change tiers"))
    permissions.add("invitations.send", roles=list(Role.values), label=_("Invite people"))
    permissions.add(
        "invitations.manage", roles=[*MANAGERS, Role.HOST], label=_("Make and end links that invite")
    )
    permissions.add(
        "mail.manage", roles=MANAGERS, label=_("Change the words of letters and see what was sent")
    )
    permissions.add("imports.run", roles=MANAGERS, label=_("Import files"))
    permissions.add("audit.view", roles=MANAGERS, label=_("Read the audit log"))
