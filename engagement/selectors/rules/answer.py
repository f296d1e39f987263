from datetime import timedelta

from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from communities.models import Circle, Community, Post
from engagement.models import WeekAct
from engagement.selectors.rules.rule import MOST, Asked, Found, Rule
from kernel import words

#: What waits longer than a day is looked at, back to so many days.
OLDEST, YOUNGEST = timedelta(days=14), timedelta(hours=24)


class Answer(Rule):
    """Members whose thread of the last two weeks nobody has answered, in circles that every member reads."""

    key = "answer"
    figure = "response_time"
    lift = 0.15
    icon = "chat"
    act = _("Answer")
    writes = False

    def find(self, asked: Asked) -> Found | None:
        waiting = (
            Post.objects.of(asked.community.pk)
            .there()
            .filter(
                circle__kind=Circle.Kind.OPEN,
                circle__minimum_tier=None,
                circle__archived_at=None,
                locked_at=None,
                comment_count=0,
                created_at__range=(asked.at - OLDEST, asked.at - YOUNGEST),
            )
            .order_by("-created_at", "-pk")
        )
        posts: dict[int, str] = {}
        for number, key in waiting.values_list("author__number", "key"):
            posts.setdefault(number, str(key))
        numbers = list(posts)
        if not numbers:
            return None
        asked_for = {str(number): posts[number] for number in numbers[:MOST]}
        return Found(numbers[:MOST], numbers[MOST:], about={"posts": asked_for})

    def words(self, act: WeekAct) -> str:
        many = len(act.people)
        return ngettext(
            "Answer %(n)s member whom nobody has answered.",
            "Answer %(n)s members whom nobody has answered.",
            many,
        ) % {"n": words.number(many)}

    def reason(self, act: WeekAct) -> str:
        if act.value is None:
            return str(_("What somebody begins and nobody answers is seldom begun again."))
        return _("%(share)s of threads were answered within a day; theirs have waited longer.") % {
            "share": words.percent(act.value)
        }

    def url(self, act: WeekAct, community: Community, number: int) -> str:
        return reverse("communities:post", args=[community.slug, act.about["posts"][str(number)]])
