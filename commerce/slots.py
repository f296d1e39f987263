"""What this app hangs into pages that gather from every app."""

from typing import Any

from commerce.models import Invoice, Plan, Subscription
from commerce.selectors import own, plans, subscriptions
from kernel import slots
from kernel.tenancy import TenantRequest


def register() -> None:
    slots.add("face.aside", query=prices, template="commerce/_prices.html")
    slots.add("own.aside", query=own_dues, template="commerce/own/_card.html")
    slots.add(
        "member.aside",
        query=member_dues,
        template="commerce/desk/_member.html",
        permission="money.view",
    )


def prices(request: TenantRequest, subject: Any) -> dict[str, Any] | None:
    """What a visitor would pay, cheapest tier first; None where nothing is asked."""
    offered = Plan.objects.of(request.community.id).offered().select_related("tier")
    found = [(plan, plans.per(plan)) for plan in offered.order_by("tier__rank", "position", "id")]
    return {"prices": found} if found else None


def own_dues(request: TenantRequest, membership: Any) -> dict[str, Any] | None:
    """A member's plan, or that there are plans to take; None in a community that asks for nothing."""
    mine = Subscription.objects.live().of_person(membership).select_related("plan").first()
    if mine is None and not Plan.objects.of(request.community.id).offered().exists():
        return None
    return {"subscription": mine}


def member_dues(request: TenantRequest, member: Any) -> dict[str, Any] | None:
    """At the desk: a member's plan, how far it is paid, what is owed and what they have as credit."""
    mine = Subscription.objects.live().of_person(member).select_related("plan", "next_plan").first()
    owed = Invoice.objects.filter(membership=member).unpaid().order_by("due_on").first()
    return {
        "member": member,
        "subscription": mine,
        "paid_until": own.last_day(mine) if mine else None,
        "tone": subscriptions.TONES.get(Subscription.Status(mine.status), "") if mine else "",
        "owed": owed,
        "credits": own.credits_of(member),
    }
