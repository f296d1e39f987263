"""What is asked on joining: who opens the form is assigned."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from communities.models import Community, JoinQuestion
from engagement.selectors import outcomes
from engagement.selectors.outcomes import Seen
from engagement.selectors.trials.base import History, Trial, span
from kernel import trials
from kernel.trials import Piece
from members.models import Membership
from members.roles import NOT_JOINED


class JoinQuestions(Trial):
    """The pieces are the questions there are: put otherwise, asked or not, to be answered or not."""

    key, subject, icon = "join-questions", trials.JOIN_QUESTIONS, "file"
    label = gettext_lazy("The questions on joining")
    unit = gettext_lazy(
        "Whoever opens the form to join is assigned, once they have signed in and if they never were a member."
    )
    outcome = gettext_lazy(
        "Whether they are a member within 14 days of opening the form, with whatever decision and dues that takes."
    )
    counts = gettext_lazy("memberships")
    people = gettext_lazy("people who open the form")
    within = timedelta(days=14)
    more = gettext_lazy("Of 100 who open the form, %(low)s to %(high)s more join with B than with A.")
    fewer = gettext_lazy("Of 100 who open the form, %(low)s to %(high)s fewer join with B than with A.")
    unclear = gettext_lazy(
        "No difference can be told: of 100 who open the form, with B %(low)s fewer or %(high)s more may join."
    )
    unknown = gettext_lazy("Nobody keeps who opens the form and goes again: say what you expect.")

    def in_force(self, community: Community) -> list[Piece]:
        rows = JoinQuestion.objects.filter(community=community)
        return [Piece(f"question.{row.pk}", row.text, True, row.required) for row in rows]

    def name(self, piece: Piece) -> str:
        return _("Question")

    def history(self, community: Community, *, at: datetime) -> History:
        since, until, days = span(community, at=at, within=self.within)
        rows = Membership.objects.of(community.pk).exclude(status__in=NOT_JOINED).exclude(user=None)
        return History(days, None, rows.filter(joined_at__gt=since, joined_at__lte=until).count())

    def counted(self, community_id: int, units: Sequence[Seen]) -> dict[int, int]:
        return outcomes.joined(community_id, units, self.within)
