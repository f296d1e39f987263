"""What a rule is: it looks at stored figures and says what is worth doing, with whom, and what to expect of it."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, ClassVar

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import ngettext

from communities.models import Community
from engagement.models import WeekAct
from engagement.selectors.aftermath import Aftermath
from kernel import words
from members.models import Membership

#: An act of a week is about at most so many people: more than somebody can write to is no act.
MOST = 10


@dataclass(frozen=True)
class Asked:
    """The community and the moment for which a rule is asked; `figure` gives the data of the last refresh by a figure's key,
    None where there are none."""

    community: Community
    at: datetime
    figure: Callable[[str], Any]


@dataclass(frozen=True)
class Found:
    """Whom an act is about, whom it leaves alone of those who are as fit (both by number), and how much comes of each of
    those it is about where it works. `about` is what its words need to know."""

    people: list[int]
    others: list[int] = field(default_factory=list)
    each: float = 1
    about: dict[str, Any] = field(default_factory=dict)

    def without(self, resting: Collection[int]) -> "Found":
        """The same without these, and without whoever stands beside one of them; who comes next takes their place."""
        beside = self.about.get("beside", {})
        fit = [
            number
            for number in (*self.people, *self.others)
            if number not in resting and beside.get(str(number)) not in resting
        ]
        many = len(self.people)
        return replace(self, people=fit[:many], others=fit[many:])


class Rule(ABC):
    """A figure's module brings its own: a subclass, put on the shelf with `rules.add`.

    `lift` is what is expected as long as the community has seen nothing of its own: of those the act is about, how many
    more `follow` in the week after than would without it, as a share.
    """

    key: ClassVar[str]
    figure: ClassVar[str]
    lift: ClassVar[float]
    icon: ClassVar[str] = "spark"
    #: What the way to each of them is called.
    act: ClassVar[str | Promise]
    #: What is asked of the member table for all whom it may be about, not those few alone; "" where no filter knows them.
    everybody: ClassVar[str] = ""
    #: Whether that way is to write to them, which takes somebody who signs in.
    writes: ClassVar[bool] = True

    @abstractmethod
    def find(self, asked: Asked) -> Found | None:
        """What is worth doing now; None where there is nothing."""

    @abstractmethod
    def words(self, act: WeekAct) -> str:
        """What to do, in one sentence."""

    @abstractmethod
    def reason(self, act: WeekAct) -> str:
        """Why, in one sentence."""

    def url(self, act: WeekAct, community: Community, number: int) -> str:
        """Where it is done for one of the people: the page that writes to them, unless a rule knows better."""
        return reverse("communities:conversation", args=[community.slug, number])

    def opening(self, member: Membership, beside: Membership | None) -> str:
        """What may be written to one of the people, who stands `beside` another or nobody, in the language in force; ""
        where a rule proposes nothing."""
        return ""

    def named(self, community: Community, acts: Sequence[WeekAct], *, at: datetime) -> dict[int, list[int]]:
        """By key of each of these acts of the rule, whom of its people it may still be told to be about."""
        return {act.pk: act.people for act in acts}

    def followed(self, act: WeekAct, numbers: Collection[int], after: Aftermath) -> set[int]:
        """Of these, who did in the days after what the act was for: were active, unless a rule hopes for more."""
        return after.active(numbers)

    def outcome(self, people: int, followed: int) -> str:
        """In one sentence how many of those it was about did so."""
        return ngettext(
            "Of the %(n)s it was about, %(followed)s was active in the 7 days after.",
            "Of the %(n)s it was about, %(followed)s were active in the 7 days after.",
            followed,
        ) % {"n": words.number(people), "followed": words.number(followed)}
