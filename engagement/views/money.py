"""Money at the desk, at a glance: what came, what is late, what will come, what is owed for, and what recurs."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.views import View

from engagement.selectors import figures, treasury
from engagement.selectors.figures import Question
from engagement.selectors.treasury import Purse, Span
from kernel.clock import local_day, now
from kernel.doors import Desk
from kernel.metrics import metrics
from kernel.money import Money as Amount
from kernel.tenancy import TenantRequest
from members.models import Tier

#: The pictures show so many months.
MONTHS = 12


class Money(Desk, View):
    """The books as they stand now, one currency at a time, and the stored figures of recurring revenue and dues."""

    permission = "money.view"

    def get(self, request: TenantRequest) -> HttpResponse:
        community = request.community
        today = local_day(now(), community.zone)
        purses = treasury.purses(community, today=today)
        context: dict[str, Any] = {"purses": purses, "may_plan": request.membership.may("plans.manage")}
        if purses:
            context |= {"purse": _chosen(purses, request.GET.get("currency", "")), "span": Span.of(today)}
            context |= self._figures(context["purse"].currency)
        return render(request, "engagement/money.html", context)

    def _figures(self, currency: str) -> dict[str, Any]:
        community = self.request.community
        questions = {key: Question.of(metrics.get(key), {}) for key in ("mrr", "dues")}
        stored = figures.latest(community=community, questions=questions.values())
        found = {key: stored.get((key, question.asked)) for key, question in questions.items()}
        mrr = _of(found["mrr"].data if found["mrr"] else {}, currency, "months", "value")
        dues = _of(found["dues"].data if found["dues"] else {}, currency, "months", "now")
        tiers = dict(Tier.objects.of(community.pk).values_list("key", "name"))
        value = next(iter(mrr["value"]), None)
        return {
            "mrr": mrr,
            "dues": dues,
            "mrr_finding": metrics.get("mrr").finding(mrr),
            "dues_finding": metrics.get("dues").finding(dues),
            "value": value,
            "worth": _worth(value),
            "tiers": {"names": tiers},
            "months": {"last": MONTHS, "currency": currency},
            "as_of": found["mrr"].as_of if found["mrr"] else None,
        }


def _chosen(purses: list[Purse], currency: str) -> Purse:
    """The currency that is asked for; else the community's own, or the first in which anything moved."""
    asked = [one for one in purses if one.currency == currency]
    return next(iter([*asked, *(one for one in purses if one.moved), *purses]))


def _worth(value: Any) -> list[Amount]:
    """What a subscription brings, and the limits of its interval; nothing where that is not known."""
    if value is None or value["value"] is None:
        return []
    return [Amount.parse(value[name], value["currency"]) for name in ("value", "low", "high")]


def _of(data: Any, currency: str, *names: str) -> dict[str, Any]:
    """The rows of one currency alone; what knows no currency stays as it is."""
    mine = {name: [row for row in data.get(name, []) if row["currency"] == currency] for name in names}
    return {**data, **mine}
