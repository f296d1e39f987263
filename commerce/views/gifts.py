"""Gifts: given, kept an eye on, and taken by their codes; at the desk, all of them."""

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import segno
from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views import View

from commerce.models import Gift, Invoice
from commerce.selectors import gifts as found
from commerce.selectors import plans
from commerce.services import gift_orders, gifts
from commerce.views.entrance import Entrance
from commerce.views.own import Own
from kernel.clock import now
from kernel.doors import Desk
from kernel.errors import Refused
from kernel.tenancy import TenantRequest
from members import doors
from members.actors import Actor
from members.models import Membership

PAGE, SHOWN = 50, 100


class Give(Own):
    """Choose a plan, say for whom, and pay: for members."""

    def get(self, request: Any) -> HttpResponse:
        return self._page({}, {})

    def post(self, request: Any) -> HttpResponse:
        given = {name: request.POST.get(name, "") for name in ("plan", "periods", "name", "email", "message")}
        try:
            plan = next(
                (one for one in found.to_give(request.community.id) if str(one.key) == given["plan"]), None
            )
            if plan is None:
                raise Refused(_("This plan is not offered."), code="not_offered", field="plan")
            gift = gift_orders.buy(
                giver=request.membership,
                plan=plan,
                periods=int(given["periods"]) if given["periods"] in _NUMBERS else 0,
                recipient_name=given["name"],
                recipient_email=given["email"],
                message=given["message"],
                at=now(),
                by=self.by,
            )
        except Refused as refusal:
            return self._page(given, {refusal.field or "plan": str(refusal)})
        if gift.invoice.status == Invoice.Status.OPEN:
            return redirect("commerce:pay", gift.invoice.pay_token)
        messages.success(request, _("Your gift is ready."))
        return redirect("commerce:gifts", request.community.slug)

    def _page(self, given: dict[str, str], refused: dict[str, str]) -> HttpResponse:
        offered = [(plan, plans.per(plan)) for plan in found.to_give(self.request.community.id)]
        context = {
            "community": self.request.community,
            "plans": offered,
            "given": given,
            "refused": refused,
            "most": gift_orders.MOST_PERIODS,
        }
        return render(self.request, "commerce/own/give.html", context)


_NUMBERS = {str(n) for n in range(1, 100)}


class Gifts(Own):
    """What one has given and was given, and where each stands."""

    def get(self, request: Any) -> HttpResponse:
        at = now()
        context = {
            "community": request.community,
            "given": [found.told(gift, at) for gift in found.given_by(request.membership)[:SHOWN]],
            "taken": [found.told(gift, at) for gift in found.taken_by(request.membership)[:SHOWN]],
        }
        return render(request, "commerce/own/gifts.html", context)

    def post(self, request: Any) -> HttpResponse:
        """Take back a gift that was not paid for yet."""
        mine = found.given_by(request.membership)
        gift = next((one for one in mine[:SHOWN] if str(one.key) == request.POST.get("gift", "")), None)
        if gift is None:
            raise Http404
        try:
            gift_orders.revoke(gift=gift, reason=_("Taken back by who gave it."), at=now(), by=self.by)
        except Refused as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, _("It is settled."))
        return redirect("commerce:gifts", request.community.slug)


class Card(Own):
    """A gift as a card to be printed, with its code: for who gives it, once it is paid."""

    http_method_names = ["get"]

    def get(self, request: Any, gift_key: Any) -> HttpResponse:
        gift = found.given_by(request.membership).filter(key=gift_key).exclude(paid_at=None).first()
        if gift is None:
            raise Http404
        link = settings.SITE_ADDRESS + reverse("commerce:gift", args=[request.community.slug, gift.code])
        context = {
            "community": request.community,
            "gift": gift,
            "link": link,
            "per": plans.per(gift.plan),
            "qr": _qr(link),
        }
        response = render(request, "commerce/own/gift_card.html", context)
        response["Cache-Control"] = "no-store"
        return response


class Take(Entrance):
    """Whoever holds the code of a gift may take it."""

    template_name = "commerce/gift.html"
    found: Gift

    def look(self) -> Gift | None:
        return found.by_code(self.kwargs["gift_code"], self.request.community.pk)

    def shown(self) -> dict[str, Any]:
        gift, membership = self.found, self.request.membership
        given = found.told(gift, now())
        return {
            "gift": gift,
            "plan": gift.plan,
            "per": plans.per(gift.plan),
            "giver": gift.giver,
            "state": given.state,
            "own": membership is not None and membership.pk == gift.giver_id,
            "mine": membership is not None and membership.pk == gift.redeemed_by_id,
        }

    def enter(self, said: dict[str, Any] | None) -> Membership:
        request, code = self.request, self.kwargs["gift_code"]
        given: dict[str, Any] = {"code": code, "at": now(), "by": Actor.of_request(request)}
        if said is None:
            gift = gifts.redeem(membership=request.membership, **given)
        else:
            gift = gifts.come(community=request.community, user=request.user, said=said, **given)
        assert gift.redeemed_by is not None
        self.begun = gift.begins_on is not None
        return gift.redeemed_by

    def welcome(self, membership: Membership) -> str:
        if self.begun:
            return _("The gift is yours. Enjoy it!")
        return _("The gift is yours: it begins when what you have now is over. No day is lost.")


class DeskGifts(Desk, View):
    permission = "money.view"

    def get(self, request: TenantRequest) -> HttpResponse:
        at, state, asked = now(), request.GET.get("state", ""), _key(request.GET.get("gift", ""))
        rows = found.at_the_desk(request.community.id, state, at)
        if asked is not None:
            # Whoever was about to take it back, and had to prove who they are.
            rows = rows.filter(key=asked)
        page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
        context = {
            "page_obj": page,
            "rows": [found.told(gift, at) for gift in page],
            "state": state,
            "asked": asked,
            "reason": request.GET.get("reason", "")[:240],
            "states": found.State.choices,
            "acts": request.membership.may(gift_orders.MANAGE),
        }
        return render(request, "commerce/desk/gifts.html", context)


class RevokeGift(Desk, View):
    """Take a gift back that nobody has taken, and send its money back: where there is any, whoever has not proven lately who
    they are proves it first, and finds the reason as they wrote it."""

    permission = gift_orders.MANAGE
    http_method_names = ["post"]

    def post(self, request: TenantRequest, gift_key: Any) -> HttpResponse:
        rows = Gift.objects.filter(community=request.community.id, key=gift_key)
        gift = rows.select_related("plan", "community").first()
        if gift is None:
            raise Http404
        if gift.paid_at is not None and not doors.recently_proven(request):
            page = reverse("commerce:desk_gifts", args=[request.community.slug])
            filled = {"gift": gift.key, "reason": request.POST.get("reason", "")[:240]}
            return doors.prove_first(request, f"{page}?{urlencode(filled)}")
        try:
            reason = request.POST.get("reason", "")
            gift_orders.revoke(gift=gift, reason=reason, at=now(), by=Actor.of_request(request))
        except Refused as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, _("The gift is taken back, and its money on its way."))
        return redirect("commerce:desk_gifts", request.community.slug)


def _key(written: str) -> UUID | None:
    try:
        return UUID(written)
    except ValueError:
        return None


def _qr(content: str) -> SafeString:
    code = segno.make(content, error="m", micro=False)
    return SafeString(code.svg_inline(border=2, dark="#000", light="#fff", lineclass=None, omitsize=True))
