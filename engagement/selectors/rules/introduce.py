from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from engagement.models import WeekAct
from engagement.selectors.rules.rule import MOST, Asked, Found, Rule
from kernel import words


class Introduce(Rule):
    """Pairs who have most in common and were never in touch, each member in one pair; where that figure is counted."""

    key = "introduce"
    figure = "introductions"
    lift = 0.1
    icon = "ties"
    act = _("Introduce them")

    def find(self, asked: Asked) -> Found | None:
        data = asked.figure(self.figure)
        beside: dict[int, int] = {}
        for one, other in (row["members"] for row in (data or {}).get("pairs", [])):
            if one not in beside and other not in beside:
                beside |= {one: other, other: one}
        numbers = list(beside)
        if not numbers:
            return None
        chosen = {str(number): beside[number] for number in numbers[:MOST]}
        return Found(numbers[:MOST], numbers[MOST:], about={"beside": chosen})

    def words(self, act: WeekAct) -> str:
        pairs = len(act.people) // 2
        return ngettext(
            "Introduce %(n)s pair of members to one another.",
            "Introduce %(n)s pairs of members to one another.",
            pairs,
        ) % {"n": words.number(pairs)}

    def reason(self, act: WeekAct) -> str:
        return str(_("They share friends, interests or a city, and have never been in touch."))
