from collections.abc import Collection
from datetime import timedelta

from django.db.models import Count, Max, QuerySet
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from communities.models import Community
from engagement.models import WeekAct
from engagement.selectors.aftermath import Aftermath
from engagement.selectors.rules.rule import Asked, Found, Rule
from gatherings.models import Event, EventHost
from kernel import words
from members.models import Membership

#: Hosts of gatherings of the last half-year are asked.
LATELY = timedelta(days=182)
USUAL = 5


class AskHost(Rule):
    """Where no gathering is announced: the host whose gatherings of the last half-year most people came to."""

    key = "host"
    figure = "events"
    lift = 0.3
    icon = "events"
    act = _("Ask them")

    def find(self, asked: Asked) -> Found | None:
        data = asked.figure(self.figure)
        if not data or not data["held"]:
            return None
        events = Event.objects.of(asked.community.pk).standing()
        if events.filter(starts_at__gte=asked.at).exists():
            return None
        lately = events.filter(starts_at__gte=asked.at - LATELY)
        rows = (
            EventHost.objects.filter(event__in=lately, membership__in=_asked_for(asked.community))
            .values("membership__number")
            .annotate(came=Count("event__attendances__came_at"), last=Max("event__starts_at"))
            .order_by("-came", "-last", "membership__number")
        )
        hosts = [row["membership__number"] for row in rows]
        if not hosts:
            return None
        each = data["mean_rsvps"] or USUAL
        return Found(hosts[:1], hosts[1:], each=each, about={"held": data["held"]})

    def words(self, act: WeekAct) -> str:
        return str(_("Ask a host for the next gathering."))

    def reason(self, act: WeekAct) -> str:
        return _("None is announced, and %(held)s were held: most people came to theirs lately.") % {
            "held": words.number(act.about["held"])
        }

    def opening(self, member: Membership, beside: Membership | None) -> str:
        return gettext(
            "Hello %(name)s, people liked to come to your gatherings. Would you hold the next one? I am glad to help."
        ) % {"name": member.display_name}

    def followed(self, act: WeekAct, numbers: Collection[int], after: Aftermath) -> set[int]:
        return after.announced(numbers)

    def outcome(self, people: int, followed: int) -> str:
        return ngettext(
            "Of the %(n)s it was about, %(followed)s announced a gathering in the 7 days after.",
            "Of the %(n)s it was about, %(followed)s announced a gathering in the 7 days after.",
            followed,
        ) % {"n": words.number(people), "followed": words.number(followed)}


def _asked_for(community: Community) -> QuerySet[Membership]:
    return Membership.objects.of(community.pk).counted().exclude(user=None)
