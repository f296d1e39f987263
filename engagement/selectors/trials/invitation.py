"""The letter by which members invite: who invites is assigned, however many letters they send."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db.models import Min
from django.utils.translation import gettext_lazy as _

from communities.models import Community
from engagement.selectors import outcomes
from engagement.selectors.outcomes import Seen
from engagement.selectors.trials.base import MOST, History, span
from engagement.selectors.trials.letter import Letter
from kernel import trials
from members.models import Invitation
from members.roles import Role


class Invitations(Letter):
    key, subject, icon = "invitation", trials.INVITATION, "mail"
    label = _("The letter of invitation")
    unit = _(
        "Whoever invites by e-mail is assigned, with their first letter: all their letters read the same."
    )
    outcome = _(
        "Whether anybody joins by a letter of theirs within 30 days of that first letter: yes or no for each who "
        "invites, however many letters they send."
    )
    counts = _("people who joined by their letters")
    people = _("members who invite")
    within = timedelta(days=30)
    more = _("Of 100 who invite, %(low)s to %(high)s more bring somebody with B than with A.")
    fewer = _("Of 100 who invite, %(low)s to %(high)s fewer bring somebody with B than with A.")
    unclear = _(
        "No difference can be told: of 100 who invite, with B %(low)s fewer or %(high)s more may bring somebody."
    )

    def history(self, community: Community, *, at: datetime) -> History:
        since, until, days = span(community, at=at, within=self.within)
        sent = Invitation.objects.of(community.pk).mails().filter(sent_at__gt=since, sent_at__lte=until)
        first = (
            sent.filter(inviter__role=Role.MEMBER)
            .values_list("inviter__number")
            .annotate(first=Min("sent_at"))
            .order_by("-first")
        )
        return judged(self, community.pk, list(first), days)

    def counted(self, community_id: int, units: Sequence[Seen]) -> dict[int, int]:
        return outcomes.brought(community_id, units, self.within)


def judged(trial: Letter, community_id: int, met: Sequence[tuple[int, datetime]], days: float) -> History:
    """How it went for these, of whom the latest `MOST` are looked at; the others count as they do."""
    units = [Seen(place, (number,), at) for place, (number, at) in enumerate(met[:MOST])]
    good = len(trial.counted(community_id, units))
    if len(met) > MOST:
        good = round(good * len(met) / MOST)
    return History(days, len(met), good)
