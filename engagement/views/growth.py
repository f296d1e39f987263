"""Growth at the desk: does it grow by itself, and what to do about it."""

from datetime import date
from typing import Any, NamedTuple

from django.db.models import Min
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views import View

from engagement import growth_words
from engagement.metrics.growth_rate import GrowthRate
from engagement.metrics.what_if import LEVERS, WhatIf
from engagement.selectors import growing, newcomers
from engagement.selectors.growing import Growing
from engagement.services import levers as services
from engagement.services.spends import MANAGE
from engagement.views import funnel, pictures
from kernel.clock import local_day
from kernel.doors import Desk
from kernel.errors import Refused
from kernel.tenancy import TenantRequest
from members.models import Membership

TREES = 5


class Lever(NamedTuple):
    """One lever as the page shows it: its name in the address, its label, by how many percent it is moved."""

    name: str
    label: str
    value: int


class Ahead:
    """Where it may go, with the levers as the address has them; `refused` says what is wrong with those."""

    def __init__(self, request: TenantRequest) -> None:
        metric = WhatIf()
        given = {name: request.GET[name] for name in LEVERS if request.GET.get(name)}
        self.refused, changes = "", dict.fromkeys(LEVERS, 0)
        try:
            changes = {name: metric.arguments(given)[name] for name in LEVERS}
        except Refused as refusal:
            self.refused = str(refusal)
        labels = {parameter.name: str(parameter.label) for parameter in metric.parameters}
        self.levers = [Lever(name, labels[name], changes[name]) for name in LEVERS]
        data: Any = services.ahead(community=request.community, changes=changes)
        self.known = data is not None
        self.finding, self.reason, self.measures, self.tested = "", "", [], []
        if data is not None:
            data = metric.readable(data, request.membership.may)
            self.finding, self.reason = metric.finding(data), data["reason"]
            drawn = pictures.what_if(data, {})
            self.measures, self.tested = drawn["measures"], drawn["tested"]


class Growth(Desk, View):
    """The figures of growth as they were last computed, and the verdict they lead to."""

    permission = "figures.view"
    http_method_names = ["get"]

    def get(self, request: TenantRequest) -> HttpResponse:
        ahead = Ahead(request)
        if request.htmx:
            return render(request, "engagement/growth/_ahead.html", {"ahead": ahead})
        asked = request.GET.get("by", "")
        grain = asked if asked in growing.GRAINS else growing.GRAINS[0]
        found = growing.read(request.community, grain=grain, may=request.membership.may)
        together = found.data("referral_k")
        verdict = growth_words.verdict(together, found.data("growth_rate"), self._first_day(found))
        rate = found.told["growth_rate"]
        context = {
            "verdict": verdict,
            "referred": _referred(rate.data) if rate else "",
            "act": self._act(verdict, together),
            "as_of": found.as_of,
            "late": found.late,
            "grain": grain,
            "cohorts": found.cohorts,
            "together": {"together": together[0] if together else None},
            "generations": found.told["generations"],
            "cascades": found.told["cascades"],
            "trees": self._trees(found),
            "ahead": ahead,
            "may_see": request.membership.may("members.view"),
            "channels": found.told["channels"],
            "ways": funnel.ways(found.data("channels") or []),
            "may_spend": request.membership.may(MANAGE),
        }
        return render(request, "engagement/growth.html", context)

    def _first_day(self, found: Growing) -> date | None:
        """When the first member joined: asked only where nobody has been here for long."""
        together = found.data("referral_k")
        if not together or together[0]["k"] is not None or not together[0]["young"]:
            return None
        joined = Membership.objects.of(self.request.community.pk).counted().aggregate(first=Min("joined_at"))
        return local_day(joined["first"], self.request.community.zone) if joined["first"] else None

    def _act(self, verdict: growth_words.Verdict, together: Any) -> dict[str, Any]:
        """The act with its address; without one for whom it does not open."""
        act = verdict.act(together, newcomers.stages(self.request.community))
        url = ""
        if self.request.membership.may(act.permission):
            url = reverse(act.door, args=[self.request.community.slug]) + f"?{act.query}" * bool(act.query)
        return {"words": act.words, "label": act.label, "url": url}

    def _trees(self, found: Growing) -> list[dict[str, Any]]:
        data = found.data("cascades")
        if not data or not data["trees"]:
            return []
        roots = [tree["root"] for tree in data["largest"][:TREES]]
        members = Membership.objects.of(self.request.community.pk).filter(number__in=roots)
        trees: list[dict[str, Any]] = pictures.cascades(data, {one.number: one for one in members})["trees"]
        return trees[:TREES]


def _referred(data: Any) -> str:
    """How many were brought; and what referral comes to, where that can be told."""
    rate = GrowthRate()
    return rate.referred(data) if data["reason"] else rate.finding(data)
