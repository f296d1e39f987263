"""What this app hangs into pages of the apps below it."""

import json
from typing import Any
from urllib.parse import urlencode

from django.utils.translation import gettext_lazy as _

from communities.models import Community
from engagement import today
from engagement.columns import RISK_TONES, TONES
from engagement.models.standing import Risk, Stage
from engagement.selectors import newcomers, portrait, retraction, timeline
from engagement.services.week_acts import DECIDE
from gatherings import access as event_access
from gatherings.models import Event
from kernel import imports, slots, timelines
from kernel.clock import local_day, now
from kernel.tenancy import TenantRequest
from kernel.timelines import Source
from members.models import ImportRun, Membership
from members.selectors import merged


def register() -> None:
    slots.add(
        "member.main", query=_portrait, template="engagement/member/_portrait.html", permission="figures.view"
    )
    timelines.add(
        Source("acts", _("What they did"), timeline.read, "engagement/member/_deed.html", "members.view")
    )
    slots.add(
        "import.run",
        query=_retraction,
        template="engagement/imports/_retract.html",
        permission="facts.retract",
    )
    slots.add("home.main", query=_own_days, template="engagement/home/_own_days.html")
    slots.add("event.main", query=_of_gathering, template="engagement/_gathering_door.html")
    slots.add(
        "today.figures", query=_figures, template="engagement/today/_figures.html", permission="figures.view"
    )
    slots.add("today.worth", query=_week, template="engagement/today/_week.html", permission="members.view")
    slots.add(
        "today.main", query=_quiet, template="engagement/today/_newcomers.html", permission="members.view"
    )
    slots.add(
        "today.aside", query=_stages, template="engagement/today/_stages.html", permission="figures.view"
    )


def _figures(request: TenantRequest, community: Community) -> dict[str, Any]:
    gathered = today.of(request)
    return {"tiles": gathered.tiles, "fresh": gathered.fresh}


def _week(request: TenantRequest, community: Community) -> dict[str, Any] | None:
    """What is most worth doing this week, where anything is."""
    acts = today.of(request).acts
    if not (acts.now or acts.seen):
        return None
    return {"acts": acts, "may_decide": request.membership.may(DECIDE)}


def _quiet(request: TenantRequest, community: Community) -> dict[str, Any] | None:
    quiet = today.of(request).quiet
    lately = {"all": [{"field": "joined", "is": "last_days", "value": newcomers.DAYS}]}
    query = urlencode({"rules": json.dumps(lately), "sort": "-joined"})
    return {"quiet": quiet, "lately": query} if quiet.count else None


def _stages(request: TenantRequest, community: Community) -> dict[str, Any] | None:
    """How many members stand at each stage, in the order of the stages, and how many are fading, each leading to its members."""
    standings = today.of(request).standings
    counts = standings.stages
    if not counts:
        return None
    stages = [
        {"key": stage.value, "name": stage.label, "count": counts.get(stage.value, 0)} for stage in Stage
    ]
    return {"stages": stages, "fading": standings.fading}


def _of_gathering(request: TenantRequest, event: Event) -> dict[str, Any] | None:
    """The way to an event's figures, for whom they are."""
    viewer = request.membership
    may = viewer is not None and (viewer.may("figures.view") or event_access.hosts(viewer, event))
    return (
        {"community": request.community, "event": event} if may and event.state in event_access.TOLD else None
    )


def _portrait(request: TenantRequest, member: Membership) -> dict[str, Any] | None:
    """Stage, risk, active days and score; nothing of a member about whom nothing is known yet."""
    community, day = request.community, local_day(now(), request.community.zone)
    standing = portrait.standing(member)
    strip = portrait.strip(community=community, number=member.number, until=day)
    if standing is None and not strip.active:
        return None
    score = None
    if standing is not None and standing.score:
        score = portrait.score(
            community=community,
            standing=standing,
            number=member.number,
            also=merged.numbers_of(member),
            today=day,
        )
    return {
        "standing": standing,
        "stage": _stage(standing),
        "risk": _risk(standing),
        "strip": strip,
        "score": score,
    }


def _retraction(request: TenantRequest, run: ImportRun) -> dict[str, Any] | None:
    """The way to take back what a file brought, or when that was done."""
    if not (imports.kinds.get(run.kind).retractable and run.created):
        return None
    return {"run": run, "retraction": retraction.of(run)}


def _own_days(request: TenantRequest, member: Membership) -> dict[str, Any]:
    """What a member sees of themselves: on which days they were here."""
    day = local_day(now(), request.community.zone)
    return {"strip": portrait.strip(community=request.community, number=member.number, until=day)}


def _stage(standing: Any) -> dict[str, str] | None:
    if standing is None or not standing.stage:
        return None
    return {"words": str(Stage(standing.stage).label), "tone": TONES.get(standing.stage, "info")}


def _risk(standing: Any) -> dict[str, Any] | None:
    """Whether they come as they did; nothing of whom the figure says nothing."""
    if standing is None or not standing.at_risk:
        return None
    fades = standing.at_risk == Risk.FADING
    return {
        "words": standing.get_at_risk_display(),
        "tone": RISK_TONES.get(standing.at_risk, ""),
        "fades": fades,
    }
