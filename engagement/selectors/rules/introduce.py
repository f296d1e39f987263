from collections.abc import Collection

from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

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

    def followed(self, act: WeekAct, numbers: Collection[int], after: Aftermath) -> set[int]:
        beside = act.about["beside"]
        return after.in_touch({number: beside[str(number)] for number in numbers})

    def outcome(self, people: int, followed: int) -> str:
        return ngettext(
            "Of %(n)s pairs, %(followed)s was in touch in the 7 days after.",
            "Of %(n)s pairs, %(followed)s were in touch in the 7 days after.",
            followed // 2,
        ) % {"n": words.number(people // 2), "followed": words.number(followed // 2)}
