"""A member's dues: the plans there are, the one they have, what they owe and have paid."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.views import View

from commerce import timelines
from commerce.models import Invoice, Plan, Subscription
from commerce.selectors import groups as sits
from commerce.selectors import own, rewards
from commerce.selectors import plans as found
from commerce.services import groups, ledger, mandates, plans, subscriptions
from commerce.services.quotes import Quote
from kernel.clock import now
from kernel.doors import SignedIn
from kernel.errors import Refused
from kernel.money import Money
from members.actors import Actor

#: Invoices shown on the page of one's dues.
SHOWN = 50
#: Moments of one's money and plans shown there.
LATEST = 20


@dataclass(frozen=True)
class Choice:
    """A plan that can be taken; `first` is what the first period costs with a coupon, None without one."""

    plan: Plan
    per: str
    first: Money | None = None


class Own(SignedIn, View):
    """The door: for who stands in any relation to the community, let in or on the way. To all others it is not there."""

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.user.is_authenticated and request.membership is None:
            raise Http404
        return super().dispatch(request, *args, **kwargs)

    @cached_property
    def subscription(self) -> Subscription | None:
        return subscriptions.live_of(self.request.membership)

    @property
    def by(self) -> Actor:
        return Actor.of_request(self.request)

    def to_dues(self) -> HttpResponse:
        return redirect("commerce:dues", self.request.community.slug)


class Plans(Own):
    """The plans that a member can take, and to whom has one, to change to."""

    def get(self, request: Any) -> HttpResponse:
        coupon = request.GET.get("coupon", "").strip()[:40]
        choices, refused = self._choices(coupon)
        context = {
            "community": request.community,
            "choices": choices,
            "coupon": coupon.upper(),
            "coupon_refused": refused,
            "subscription": self._begun(),
            "quantity": self.subscription.quantity if self.subscription else 2,
        }
        return render(request, "commerce/own/plans.html", context)

    def post(self, request: Any) -> HttpResponse:
        begun = self._begun()
        try:
            plan = self._wanted()
            given: dict[str, Any] = {"plan": plan, "quantity": self._quantity(plan), "at": now()}
            if begun is None:
                coupon = request.POST.get("coupon", "")
                taken = subscriptions.subscribe(
                    membership=request.membership, coupon=coupon, by=self.by, **given
                )
                return self._on(taken)
            if request.POST.get("agreed") != "yes":
                quote = subscriptions.quote(membership=request.membership, **given)
                return self._ask(begun, quote)
            return self._on(subscriptions.change_plan(subscription=begun, by=self.by, **given))
        except Refused as refusal:
            messages.error(request, str(refusal))
            return redirect("commerce:plans", request.community.slug)

    def _begun(self) -> Subscription | None:
        """The plan that runs: one that nobody has paid yet is simply taken anew."""
        mine = self.subscription
        return mine if mine and mine.status != Subscription.Status.PENDING else None

    def _wanted(self) -> Plan:
        rows = plans.offered_to(self.request.membership)
        key = self.request.POST.get("plan", "")
        plan = next((one for one in rows if str(one.key) == key), None)
        if plan is None:
            raise Refused(_("This plan is not offered."), code="not_offered", field="plan")
        return plan

    def _quantity(self, plan: Plan) -> int:
        """As it was asked; whatever is no number of seats is refused by the service in its words."""
        given = self.request.POST.get("quantity", "1")
        return int(given) if plan.group and given.isascii() and given.isdigit() and len(given) < 6 else 1

    def _choices(self, coupon: str) -> tuple[list[Choice], str]:
        """With a coupon, what each would cost at first; and why it is good for none of them."""
        membership, at = self.request.membership, now()
        choices, reasons = [], []
        for plan in plans.offered_to(membership):
            first = None
            if coupon and self._begun() is None:
                try:
                    first = subscriptions.quote(membership=membership, plan=plan, coupon=coupon, at=at).total
                except Refused as refusal:
                    reasons.append(str(refusal))
            choices.append(Choice(plan, found.per(plan), first))
        good = any(choice.first is not None for choice in choices)
        return choices, "" if good or not reasons else reasons[0]

    def _ask(self, begun: Subscription, quote: Quote) -> HttpResponse:
        lines = [(line.words, Money(line.gross, quote.currency)) for line in quote.lines]
        context = {
            "community": self.request.community,
            "subscription": begun,
            "quote": quote,
            "lines": lines,
            "per": found.per(quote.plan),
        }
        return render(self.request, "commerce/own/change.html", context)

    def _on(self, taken: Subscription) -> HttpResponse:
        """To the payment, where one is due; to the dues where none is."""
        owed = taken.invoices.filter(status=Invoice.Status.OPEN).order_by("-id").first()
        if owed is not None:
            return redirect("commerce:pay", owed.pay_token)
        if taken.status == Subscription.Status.TRIALING:
            messages.success(self.request, _("Your trial has begun. Welcome!"))
        else:
            messages.success(self.request, _("It is settled."))
        return self.to_dues()


class Dues(Own):
    """Where one's dues stand, what can be done about them, and every invoice."""

    def get(self, request: Any) -> HttpResponse:
        membership = request.membership
        invoices = list(own.invoices_of(membership)[:SHOWN])
        context = {
            "community": request.community,
            "subscription": self.subscription,
            "standing": own.standing(self.subscription, invoices),
            "invoices": invoices,
            "credits": own.credits_of(membership),
            "latest": timelines.latest(membership, LATEST),
            "mandates": own.mandates_of(membership),
            "seat": sits.seat_of(membership),
            "rewards": [(one, Money(one.amount, one.currency)) for one in rewards.of(membership)],
            "credit_lines": [(ledger.KINDS[one.kind], one) for one in rewards.credit_of(membership)],
        }
        return render(request, "commerce/own/dues.html", context)

    def post(self, request: Any) -> HttpResponse:
        act = {
            "cancel": self._cancel,
            "resume": self._resume,
            "pause": self._pause,
            "forget": self._forget,
            "leave_seat": self._leave_seat,
        }
        wanted = act.get(request.POST.get("act", ""))
        if wanted is None:
            raise Http404
        try:
            wanted()
        except Refused as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, _("It is settled."))
        return self.to_dues()

    @property
    def _mine(self) -> Subscription:
        if self.subscription is None:
            raise Refused(_("You have taken no plan here."), code="ended")
        return self.subscription

    def _cancel(self) -> None:
        reason = self.request.POST.get("reason", "").strip()[:240]
        subscriptions.cancel(subscription=self._mine, reason=reason, at=now(), by=self.by)

    def _resume(self) -> None:
        subscriptions.resume(subscription=self._mine, at=now(), by=self.by)

    def _pause(self) -> None:
        subscriptions.pause(subscription=self._mine, at=now(), by=self.by)

    def _leave_seat(self) -> None:
        seat = sits.seat_of(self.request.membership)
        if seat is None:
            raise Refused(_("You sit on no seat of a group."), code="free")
        groups.leave(seat=seat, at=now(), by=self.by)

    def _forget(self) -> None:
        wanted = self.request.POST.get("mandate", "")
        mine = own.mandates_of(self.request.membership)
        mandate = next((one for one in mine if str(one.key) == wanted), None)
        if mandate is None:
            raise Http404
        mandates.forget(mandate, at=now(), by=self.by)
