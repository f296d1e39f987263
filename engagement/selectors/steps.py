"""What a figure is good for: the one act that its page offers, for whoever may do it."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as translate
from django.utils.translation import gettext_lazy as _

from commerce.services import plans
from communities.blueprints.wellbeing import COMPONENTS
from communities.models import Community
from engagement.metrics.health import furthest
from engagement.models.standing import Risk, Stage
from engagement.selectors import newcomers
from gatherings.services import chapters
from kernel.metrics import NO_DATA, metrics
from kernel.permissions import May
from members.services import invitations

Words = str | Promise


@dataclass(frozen=True)
class Step:
    """What to do, in a few words that begin with the act, and where."""

    words: str
    url: str


@dataclass(frozen=True)
class Way:
    """A step that is the same whatever the data say: where it leads and what whoever takes it must be allowed to."""

    words: Words
    address: str
    permission: str
    query: str = ""

    def __call__(self, community: Community, data: Any, may: May) -> Step | None:
        if not may(self.permission):
            return None
        return Step(str(self.words), reverse(self.address, args=[community.slug]) + self.query)


def _members(words: Words, **query: str) -> Way:
    return Way(words, "members:desk", "members.view", f"?{urlencode(query)}")


def _joined(days: int) -> str:
    return json.dumps({"all": [{"field": "joined", "is": "last_days", "value": days}]})


DRIFTING = _members(_("Write to those who drift away"), stage=Stage.DRIFTING)
FADING = _members(_("See all who are fading"), at_risk=Risk.FADING)
CORE = _members(_("Ask a regular to host something"), stage=Stage.CORE)
QUIET = _members(_("Ask active members for a post of their own"), stage=Stage.ACTIVE)
KEENEST = _members(_("Thank the keenest"), sort="-score")
WELCOME = _members(_("Welcome the newcomers"), rules=_joined(newcomers.DAYS), sort="-joined")
NEWEST = _members(_("Ask the newest to invite somebody"), rules=_joined(30), sort="-joined")
ANSWER = Way(_("Answer what waits"), "communities:feed", "members.view", "?show=questions")
INVITE = Way(_("Make an invitation"), "members:new_link", invitations.MANAGE)
THANK = Way(_("Thank those who brought others"), "members:forest", "members.view")
REMIND = Way(_("Remind those who are late"), "commerce:late", "money.view")
OFFER = Way(_("Offer a membership plan"), "commerce:desk_plans", plans.MANAGE)
MEET = Way(_("Plan a gathering"), "gatherings:new_event", chapters.MANAGE)
WEAVE = Way(_("Introduce members"), "engagement:ties", "members.introduce", "#introduce")
FOUND = Way(_("Found a chapter"), "gatherings:found_chapter", chapters.MANAGE)


def _where(community: Community, data: Any, may: May) -> Step | None:
    """A chapter where there could be one, else a gathering."""
    return (FOUND if data["suggested"] else MEET)(community, data, may)


def _fading(community: Community, data: Any, may: May) -> Step | None:
    """To those who are fading; where nobody is, to those who come most."""
    return (FADING if data["total"] else KEENEST)(community, data, may)


def _due(key: str) -> Callable[[Community, Any, May], Step | None]:
    """Who is late, once anything was ever to be paid; until then something to pay for."""

    def step(community: Community, data: Any, may: May) -> Step | None:
        headline = metrics.get(key).headline(data)
        nothing = headline is not None and headline.reason == NO_DATA
        return (OFFER if nothing else REMIND)(community, data, may)

    return step


def _furthest(community: Community, data: Any, may: May) -> Step | None:
    """To what the least is reached of: its own page knows what to do."""
    least = furthest(data)
    if least is None or least["reached"] >= 1 or least["figure"] not in metrics:
        return None
    words = translate("See what to do: %(name)s") % {"name": COMPONENTS[least["key"]].name}
    return Step(words, reverse("engagement:figure", args=[community.slug, least["figure"]]))


#: By the key of the figure.
STEPS: Mapping[str, Callable[[Community, Any, May], Step | None]] = {
    "members": INVITE,
    "active_members": DRIFTING,
    "stickiness": CORE,
    "power_curve": CORE,
    "contribution": QUIET,
    "response_time": ANSWER,
    "solved": ANSWER,
    "health": _furthest,
    "activation": WELCOME,
    "retention": WELCOME,
    "growth_accounting": DRIFTING,
    "at_risk": _fading,
    "stage": DRIFTING,
    "score": KEENEST,
    "referral_k": NEWEST,
    "cycle_time": NEWEST,
    "generations": THANK,
    "cascades": THANK,
    "channels": INVITE,
    "growth_rate": NEWEST,
    "what_if": INVITE,
    "dues": _due("dues"),
    "revenue": _due("revenue"),
    "mrr": _due("mrr"),
    "payer_cohorts": _due("payer_cohorts"),
    "self_organisation": CORE,
    "reproduction": QUIET,
    "network": WELCOME,
    "ties": CORE,
    "bridges": WEAVE,
    "introductions": WEAVE,
    "events": MEET,
    "local": _where,
}


def of(key: str, *, community: Community, data: Any, may: May) -> Step | None:
    """What the page of a figure leads to; None where it leads to nothing, or to nothing that its reader may do."""
    found = STEPS.get(key)
    return found(community, data, may) if found else None
