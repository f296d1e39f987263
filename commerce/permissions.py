"""What each role may do with money."""

from django.utils.translation import gettext_lazy as _

from kernel import permissions
from members.roles import Role


def register() -> None:
    treasurers = (Role.OWNER, Role.TREASURER)
    permissions.add("money.view", roles=[*treasurers, Role.MANAGER], label=_("See the money"))
    permissions.add("money.manage", roles=treasurers, label=_("Take, refund and forgive money"))
    permissions.add("plans.manage", roles=treasurers, label=_("Make and change plans and coupons"))
    permissions.add("money.settings", roles=treasurers, label=_("Change the settings of money"))
    permissions.add("rails.manage", roles=[Role.OWNER], label=_("Connect payment providers"))
