"""The letter that welcomes: the newcomer is assigned as it is written."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.utils.translation import gettext_lazy as _

from communities.models import Community
from engagement.selectors import outcomes
from engagement.selectors.outcomes import Seen
from engagement.selectors.trials.base import History, span
from engagement.selectors.trials.invitation import judged
from engagement.selectors.trials.letter import Letter
from kernel import trials
from members.models import Message


class Welcomes(Letter):
    key, subject, icon = "welcome", trials.WELCOME, "heart"
    label = _("The welcome")
    unit = _(
        "Each newcomer is assigned as their welcome is written. Who comes by a decision on an application gets the "
        "letter of that decision instead, and is not assigned."
    )
    outcome = _(
        "Whether they take part within 7 days: write, answer, react, sign up or come. Looking around alone is not "
        "counted, since joining is a visit already."
    )
    counts = _("acts of taking part")
    people = _("newcomers")
    within = timedelta(days=7)
    more = _("Of 100 newcomers, %(low)s to %(high)s more take part with B than with A.")
    fewer = _("Of 100 newcomers, %(low)s to %(high)s fewer take part with B than with A.")
    unclear = _(
        "No difference can be told: of 100 newcomers, with B %(low)s fewer or %(high)s more may take part."
    )

    def history(self, community: Community, *, at: datetime) -> History:
        since, until, days = span(community, at=at, within=self.within)
        written = Message.objects.filter(
            community_id=community.pk, kind=self.subject, created_at__gt=since, created_at__lte=until
        ).exclude(membership=None)
        met = written.order_by("-created_at").values_list("membership__number", "created_at")
        return judged(self, community.pk, [(int(number), at) for number, at in met], days)

    def counted(self, community_id: int, units: Sequence[Seen]) -> dict[int, int]:
        return outcomes.took_part(community_id, units, self.within)
