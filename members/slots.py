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
    """Whether the member can be reached, and the latest letters to them."""
    dead, latest = mail.dead(member), mail.latest(member)
    if not dead and not latest:
        return None
    return {
        "dead": dead,
        "letters": latest,
        "member": member,
        "may_lift": request.membership.may("members.change"),
    }
