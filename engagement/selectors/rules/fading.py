from datetime import timedelta

from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from engagement.models import WeekAct
from engagement.models.standing import Risk
from engagement.selectors import tried
from engagement.selectors.rules.rule import MOST, Asked, Found, Rule
from kernel import words
from members.models import Membership

#: Whom staff wrote to in so many days is left in peace.
PEACE = timedelta(days=28)


class Fading(Rule):
    """Members at risk with whom nobody of the staff has tried anything lately, the greatest loss of score first."""

    key = "fading"
    figure = "at_risk"
    lift = 0.12
    icon = "clock"
    act = _("Write to them")
    everybody = f"at_risk={Risk.FADING.value}"

    def find(self, asked: Asked) -> Found | None:
        data = asked.figure(self.figure)
        listed = [row["number"] for row in data["members"]] if data else []
        members = Membership.objects.of(asked.community.pk).counted().filter(number__in=listed)
        here = {one.number: one for one in members.exclude(user=None)}
        spoken_to = tried.of(asked.community, here.values(), since=asked.at - PEACE)
        numbers = [number for number in listed if number in here and number not in spoken_to]
        return Found(numbers[:MOST], numbers[MOST:]) if numbers else None

    def words(self, act: WeekAct) -> str:
        many = len(act.people)
        return ngettext(
            "Write to %(n)s member who came regularly and hardly does any more.",
            "Write to %(n)s members who came regularly and hardly do any more.",
            many,
        ) % {"n": words.number(many)}

    def reason(self, act: WeekAct) -> str:
        return str(
            _(
                "In the last four weeks they came less than a third as often as before, and nobody of the staff has written."
            )
        )

    def opening(self, member: Membership, beside: Membership | None) -> str:
        return gettext(
            "Hello %(name)s, we have seen less of you lately. Is everything well, and is there something you miss here?"
        ) % {"name": member.display_name}
