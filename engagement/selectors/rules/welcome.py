from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from engagement.models import WeekAct
from engagement.selectors import newcomers
from engagement.selectors.rules.rule import MOST, Asked, Found, Rule
from kernel import words
from members.models import Membership


class Welcome(Rule):
    """Newcomers of the last 7 days who have not done anything yet."""

    key = "welcome"
    figure = "activation"
    lift = 0.2
    icon = "members"
    act = _("Say hello")

    def find(self, asked: Asked) -> Found | None:
        numbers = newcomers.quiet_numbers(asked.community, at=asked.at)
        return Found(numbers[:MOST], numbers[MOST:]) if numbers else None

    def words(self, act: WeekAct) -> str:
        many = len(act.people)
        return ngettext(
            "Welcome %(n)s newcomer who has not done anything yet.",
            "Welcome %(n)s newcomers who have not done anything yet.",
            many,
        ) % {"n": words.number(many)}

    def reason(self, act: WeekAct) -> str:
        if act.value is None:
            return str(_("Whoever is welcomed in the first days stays more often."))
        return _("Of those who joined before them, %(share)s did something within 7 days.") % {
            "share": words.percent(act.value)
        }

    def opening(self, member: Membership, beside: Membership | None) -> str:
        return gettext("Welcome, %(name)s! What brought you here, and what would you like to find?") % {
            "name": member.display_name
        }
