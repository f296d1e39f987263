"""What this app hangs into its own pages that gather from every app."""

from typing import Any

from kernel import slots
from kernel.tenancy import TenantRequest
from members.models import Membership
from members.selectors import mail
from members.views import merging


def register() -> None:
    slots.add(
        "member.aside", query=merging.part, template="members/merging/_member.html", permission="members.view"
    )
    slots.add("member.aside", query=letters, template="members/mail/_member.html", permission="mail.manage")


def letters(request: TenantRequest, member: Membership) -> dict[str, Any] | None:
    """That the member cannot be reached by mail, where it is so."""
    dead = mail.dead(member)
    if not dead:
        return None
    return {
        "dead": dead,
        "member": member,
        "may_lift": request.membership.may("members.change"),
    }
