from collections.abc import Collection
from datetime import timedelta

from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from engagement.models import WeekAct
from engagement.selectors.aftermath import Aftermath
from engagement.selectors.rules.rule import MOST, Asked, Found, Rule
from kernel import words
from members.models import Invitation, Membership
from members.roles import Role

#: Members bring others soon or hardly ever: K looks at their first 30 days, and so does this.
NEW = timedelta(days=30)
#: Who came on so many days of the last 28 has seen enough to tell a friend.
AT_HOME = 3


class Invite(Rule):
    """Members of the last 30 days who come often and have not invited anybody yet, where members may."""

    key = "invite"
    figure = "referral_k"
    lift = 0.1
    icon = "growth"
    act = _("Ask them")

    def find(self, asked: Asked) -> Found | None:
        if not asked.community.members_invite:
            return None
        here = Membership.objects.of(asked.community.pk)
        invited = Invitation.objects.of(asked.community.pk).sent().filter(inviter__isnull=False)
        found = (
            here.counted()
            .filter(role=Role.MEMBER, joined_at__gt=asked.at - NEW, standing__active_days__gte=AT_HOME)
            .exclude(user=None)
            .exclude(pk__in=invited.values("inviter"))
            .exclude(pk__in=here.exclude(invited_by=None).values("invited_by"))
            .order_by("-standing__active_days", "joined_at", "number")
        )
        numbers = list(found.values_list("number", flat=True))
        return Found(numbers[:MOST], numbers[MOST:]) if numbers else None

    def words(self, act: WeekAct) -> str:
        many = len(act.people)
        return ngettext(
            "Ask %(n)s new member who comes often to invite a friend.",
            "Ask %(n)s new members who come often to invite a friend.",
            many,
        ) % {"n": words.number(many)}

    def reason(self, act: WeekAct) -> str:
        if act.value is None:
            return str(
                _("Whoever brings somebody does it in the first weeks, and these have not been asked.")
            )
        return _(
            "A new member brings %(k)s others on average within 30 days; these have invited nobody yet."
        ) % {"k": words.number(round(act.value, 2))}

    def opening(self, member: Membership, beside: Membership | None) -> str:
        return gettext(
            "Hello %(name)s, it is good to see you here so often. Who else would like it here? You find a link of your own "
            "to pass on under “%(room)s”."
        ) % {"name": member.display_name, "room": gettext("My tree")}

    def followed(self, act: WeekAct, numbers: Collection[int], after: Aftermath) -> set[int]:
        return after.invited(numbers)

    def outcome(self, people: int, followed: int) -> str:
        return ngettext(
            "Of the %(n)s it was about, %(followed)s invited or brought somebody in the 7 days after.",
            "Of the %(n)s it was about, %(followed)s invited or brought somebody in the 7 days after.",
            followed,
        ) % {"n": words.number(people), "followed": words.number(followed)}
