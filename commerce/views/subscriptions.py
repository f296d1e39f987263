"""Who has taken which plan, at the desk; and of one member, all of their dues with what staff may do about them."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.views import View

from commerce.models import Plan, Subscription
from commerce.selectors import own, plans
from commerce.selectors import subscriptions as found
from commerce.services import complimentary, subscriptions
from kernel.clock import local_day, now
from kernel.doors import Desk
from kernel.errors import Refused
from kernel.tenancy import TenantRequest
from members.actors import Actor
from members.models import Membership
from members.selectors import people

PAGE, INVOICES = 50, 20
MANAGE = subscriptions.MANAGE


class Subscriptions(Desk, View):
    permission = "money.view"

    def get(self, request: TenantRequest) -> HttpResponse:
        community = request.community
        wanted = {name: request.GET.get(name, "") for name in ("q", "status", "plan", "kind", "soon")}
        rows = found.at_the_desk(community.id, wanted, today=local_day(now(), community.zone))
        page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
        context = {
            "page_obj": page,
            "rows": [
                (one, own.last_day(one), found.TONES.get(Subscription.Status(one.status), "")) for one in page
            ],
            "wanted": wanted,
            "narrowed": any(wanted.values()),
            "statuses": found.STATUSES,
            "kinds": Subscription.Kind.choices,
            "plans": found.plans_of(community.id),
            "soon": found.SOON,
        }
        part = bool(getattr(request, "htmx", False))
        name = "commerce/desk/_subscriptions.html" if part else "commerce/desk/subscriptions.html"
        return render(request, name, context)


class OfMember(Desk, View):
    permission = "money.view"
    request: Any

    @cached_property
    def member(self) -> Membership:
        member = people.find(community=self.request.community, number=self.kwargs["number"])
        if member is None:
            raise Http404
        member.community = self.request.community
        return member

    @cached_property
    def subscription(self) -> Subscription | None:
        return subscriptions.live_of(self.member)

    def back(self) -> HttpResponse:
        return redirect("commerce:member_dues", self.request.community.slug, self.member.number)


class MemberDues(OfMember):
    """All dues of a member: the plan, what is owed and was paid, their credit."""

    def get(self, request: TenantRequest, number: int) -> HttpResponse:
        member, subscription = self.member, self.subscription
        invoices = list(own.invoices_of(member)[:INVOICES])
        context = {
            "member": member,
            "subscription": subscription,
            "standing": own.standing(subscription, invoices),
            "invoices": invoices,
            "credits": own.credits_of(member),
            "ended": own.ended_of(member),
            "plans": [(plan, plans.per(plan)) for plan in found.to_give(request.community.id)],
            "acts": request.membership.may(MANAGE),
        }
        return render(request, "commerce/desk/member_dues.html", context)


class ActOnMemberDues(OfMember):
    """What staff do for a member: take, give, change, cancel, pause, go on."""

    permission = MANAGE
    http_method_names = ["post"]

    def post(self, request: TenantRequest, number: int) -> HttpResponse:
        act = {
            "begin": self._begin,
            "give": self._give,
            "change": self._change,
            "cancel": self._cancel,
            "pause": self._pause,
            "resume": self._resume,
        }.get(request.POST.get("act", ""))
        try:
            if act is None:
                raise Refused(_("Choose what is to be done."), code="act")
            act({"at": now(), "by": Actor.of_request(request)})
        except Refused as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, _("It is settled."))
        return self.back()

    def _begin(self, given: dict[str, Any]) -> None:
        coupon = self.request.POST.get("coupon", "")
        subscriptions.subscribe(
            membership=self.member, plan=self._plan(), quantity=self._quantity(), coupon=coupon, **given
        )

    def _give(self, given: dict[str, Any]) -> None:
        posted = self.request.POST
        until = None if posted.get("then") == "life" else _day(posted.get("until", ""))
        complimentary.give(
            membership=self.member,
            plan=self._plan(),
            until=until,
            reason=posted.get("reason", ""),
            then_paid=posted.get("then") == "paid",
            **given,
        )

    def _change(self, given: dict[str, Any]) -> None:
        subscriptions.change_plan(
            subscription=self._mine, plan=self._plan(), quantity=self._quantity(), **given
        )

    def _cancel(self, given: dict[str, Any]) -> None:
        reason = self.request.POST.get("reason", "")
        subscriptions.cancel(subscription=self._mine, reason=reason, **given)

    def _pause(self, given: dict[str, Any]) -> None:
        subscriptions.pause(subscription=self._mine, **given)

    def _resume(self, given: dict[str, Any]) -> None:
        subscriptions.resume(subscription=self._mine, **given)

    @property
    def _mine(self) -> Subscription:
        if self.subscription is None:
            raise Refused(_("They have taken no plan."), code="ended")
        return self.subscription

    def _plan(self) -> Plan:
        wanted = self.request.POST.get("plan", "")
        plans = found.to_give(self.request.community.id)
        plan = next((one for one in plans if str(one.key) == wanted), None)
        if plan is None:
            raise Refused(_("Choose a plan."), code="unknown", field="plan")
        return plan

    def _quantity(self) -> int:
        """As it was asked; whatever is no number of seats is refused by the service in its words."""
        given = self.request.POST.get("quantity", "") or "1"
        return int(given) if given.isascii() and given.isdigit() and len(given) < 6 else 0


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Refused(_("Choose a day."), code="day", field="until") from None
