from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from communities.models import Community
from engagement.models import WeekAct
from engagement.selectors import introductions
from engagement.selectors.aftermath import Aftermath
from engagement.selectors.rules.rule import MOST, Asked, Found, Rule
from kernel import words
from members.models import Membership


class Introduce(Rule):
    """Pairs who have most in common and were never in touch, each member in one pair; where that figure is counted."""

    key = "introduce"
    figure = "introductions"
    lift = 0.1
    icon = "ties"
    act = _("Introduce them")

    def find(self, asked: Asked) -> Found | None:
        # As things stand now: whoever closed themselves to the other since is no pair.
        pairs = introductions.pairs(asked.community, asked.figure(self.figure), at=asked.at)
        beside: dict[int, int] = {}
        for one, other in ((pair.one.number, pair.other.number) for pair in pairs):
            if one not in beside and other not in beside:
                beside |= {one: other, other: one}
        numbers = list(beside)
        if not numbers:
            return None
        partner = {str(number): other for number, other in beside.items()}
        return Found(numbers[:MOST], numbers[MOST:], about={"beside": partner})

    def words(self, act: WeekAct) -> str:
        pairs = len(act.people) // 2
        return ngettext(
            "Introduce %(n)s pair of members to one another.",
            "Introduce %(n)s pairs of members to one another.",
            pairs,
        ) % {"n": words.number(pairs)}

    def reason(self, act: WeekAct) -> str:
        return str(_("They share friends, interests or a city, and have never been in touch."))

    def opening(self, member: Membership, beside: Membership | None) -> str:
        if beside is None:
            return ""
        return gettext("Hello %(name)s, do you know %(other)s? You two have much in common.") % {
            "name": member.display_name,
            "other": beside.display_name,
        }

    def named(self, community: Community, acts: Sequence[WeekAct], *, at: datetime) -> dict[int, list[int]]:
        """Pairs that may still be introduced: nobody is told of two one of whom has left, or wants nothing of the other."""
        pairs = {act.pk: {n: _pair(n, act.about["beside"]) for n in act.people} for act in acts}
        told = introductions.nameable(community, {two for of in pairs.values() for two in of.values()}, at=at)
        return {key: [number for number, two in of.items() if two in told] for key, of in pairs.items()}

    def followed(self, act: WeekAct, numbers: Collection[int], after: Aftermath) -> set[int]:
        beside = act.about["beside"]
        return after.in_touch({number: beside[str(number)] for number in numbers})

    def outcome(self, people: int, followed: int) -> str:
        return ngettext(
            "Of %(n)s pairs, %(followed)s was in touch in the 7 days after.",
            "Of %(n)s pairs, %(followed)s were in touch in the 7 days after.",
            followed // 2,
        ) % {"n": words.number(people // 2), "followed": words.number(followed // 2)}


def _pair(number: int, beside: dict[str, Any]) -> tuple[int, int]:
    other = int(beside[str(number)])
    return min(number, other), max(number, other)
