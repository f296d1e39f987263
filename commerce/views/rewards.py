"""Rewards for who brought whom, at the desk."""

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.views import View

from commerce.models import ReferralReward
from commerce.selectors import rewards
from kernel.doors import Desk
from kernel.money import Money
from kernel.tenancy import TenantRequest

PAGE = 50


class Rewards(Desk, View):
    permission = "money.view"

    def get(self, request: TenantRequest) -> HttpResponse:
        community = request.community
        page = Paginator(rewards.at_the_desk(community.id), PAGE).get_page(request.GET.get("page"))
        context = {
            "page_obj": page,
            "rows": [
                (one, Money(one.amount, one.currency), rewards.TONES.get(ReferralReward.State(one.state), ""))
                for one in page
            ],
            "totals": rewards.totals(community.id),
        }
        return render(request, "commerce/desk/rewards.html", context)
