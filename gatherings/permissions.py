"""What each role may do with gatherings."""

from django.utils.translation import gettext_lazy as _

from kernel import permissions
from members.roles import Role


def register() -> None:
    hosts = (Role.OWNER, Role.MANAGER, Role.HOST)
    permissions.add("events.manage", roles=hosts, label=_("Plan and change gatherings"))
    permissions.add("events.admit", roles=[*hosts, Role.MODERATOR], label=_("Let people in at the door"))
    permissions.add(
        "events.settings", roles=[Role.OWNER, Role.MANAGER], label=_("Say who may plan gatherings")
    )
