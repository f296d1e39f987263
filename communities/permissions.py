"""What each role may do in the rooms of this app."""

from django.utils.translation import gettext_lazy as _

from kernel import permissions
from members.roles import Role


def register() -> None:
    permissions.add("settings.change", roles=[Role.OWNER, Role.MANAGER], label=_("Change the settings"))
    permissions.add(
        "circles.manage", roles=[Role.OWNER, Role.MANAGER, Role.MODERATOR], label=_("Make and change circles")
    )
    permissions.add(
        "circles.admit",
        roles=[Role.OWNER, Role.MANAGER, Role.MODERATOR, Role.HOST],
        label=_("Let members into closed circles"),
    )
    permissions.add(
        "posts.moderate",
        roles=[Role.OWNER, Role.MANAGER, Role.MODERATOR],
        label=_("Keep order among what members write"),
    )
    permissions.add("api_keys.manage", roles=[Role.OWNER], label=_("Make and end API keys"))
