"""What each role may do with figures and the facts behind them."""

from django.utils.translation import gettext_lazy as _

from kernel import permissions
from members.permissions import MANAGERS
from members.roles import STAFF_ROLES, Role


def register() -> None:
    permissions.add("figures.view", roles=STAFF_ROLES, label=_("Read figures"))
    permissions.add(
        "members.introduce",
        roles=[*MANAGERS, Role.MODERATOR, Role.HOST],
        label=_("Introduce members to one another"),
    )
    # Who sees the money: a cost tells of it.
    permissions.add("spends.manage", roles=[*MANAGERS, Role.TREASURER], label=_("Enter what channels cost"))
    permissions.add("facts.retract", roles=MANAGERS, label=_("Retract facts written by mistake"))
