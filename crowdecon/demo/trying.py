"""Experiments in the demo communities: one that is over, one stopped early, one that runs.

By the services that operators, newcomers and the sweep use, at the instants at which it happened. Who comes to a demo
community is drawn beforehand; who opens the form to join and goes again, put off by what is asked, comes about here.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random

from django.db import transaction

from communities.models import Community
from communities.services import questions
from engagement.models import Assignment, Experiment
from engagement.selectors.trials import trials
from engagement.services import arms, experiments
from kernel.trials import Piece
from members.actors import Actor
from members.models import Membership, User
from members.roles import Role, Status
from members.services import invitation_mail, mail

BY = Actor.site("demo")
#: How many of a hundred who open the form go again, with everything asked and with one question less.
PUT_OFF = {"A": 0.5, "B": 0.15}
INVITERS = 14
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Words:
    """What is tried, in the community's language: without the first question, with another second one, and by another
    subject of the letter of invitation."""

    fewer: str
    other: str
    question: str
    letter: str
    subject: str


#: By the community's address; the others try nothing, as many do.
TRIED = {
    "lantern": Words(
        fewer="One question less",
        other="A warmer question",
        question="Which book would you open first?",
        letter="A subject with the reason in it",
        subject="{inviter} reads in {community} and thinks of you",
    ),
    "dawn-runners": Words(
        fewer="少问一个问题",
        other="问得亲切一点",
        question="你平时在哪儿跑？",
        letter="标题里说清楚为什么",
        subject="{inviter}想约你一起跑步：{community}",
    ),
}


class Opening:
    """Who opens the form to join while what is asked is tried; nobody does where nothing is."""

    def __init__(self, community: Community, random: Random) -> None:
        self.community, self.random = community, random
        self.words = TRIED.get(community.slug)
        self.running: Experiment | None = None
        self.begun = self.visitors = 0
        self.again_at: datetime | None = None

    def who(self, *, joins_at: datetime, otherwise: Callable[[], User]) -> User:
        """Who joins at that instant, having opened the form a little before, after those who opened it and went again.
        While nothing is tried nobody knows who opens it, and who joins is made `otherwise`."""
        opened = joins_at - timedelta(minutes=self.random.randint(20, 50))
        self._go_on(opened)
        if self.running is None:
            return otherwise()
        while True:
            visitor = self._visitor()
            questions.opened(community=self.community, user=visitor, membership=None, at=opened)
            found = Assignment.objects.filter(experiment=self.running, user=visitor).first()
            if found is None or self.random.random() >= PUT_OFF[found.arm]:
                return visitor
            opened += timedelta(minutes=1)

    def _go_on(self, at: datetime) -> None:
        """The sweep comes by, and the operators decide."""
        arms.fill()
        if self.running is not None:
            self.running.refresh_from_db()
            self._close(self.running, at)
        elif self.words is not None and self.begun < 2 and (self.again_at is None or at >= self.again_at):
            self.running = self._start(self.words, at)
            self.begun += 1

    def _start(self, words: Words, at: datetime) -> Experiment:
        first, *rest = trials.get("join-questions").in_force(self.community)
        if self.begun == 0:
            tried = words.fewer, replace(first, asked=False, required=False), 0.3
        else:
            tried = words.other, replace(first, text=words.question), 0.15
        title, changed, least = tried
        seed = self.random.getrandbits(48)
        return _run(
            self.community, "join-questions", title, [changed, *rest], base=0.5, least=least, seed=seed, at=at
        )

    def _close(self, running: Experiment, at: datetime) -> None:
        """The first goes on to its end; the second is stopped after two weeks."""
        if self.begun == 1:
            over = experiments.end(experiment_id=running.pk, at=at)
        else:
            over = running.started_at is not None and at >= running.started_at + 14 * DAY
            if over:
                experiments.stop(experiment=running, at=at, by=BY)
        if over:
            self.running, self.again_at = None, at + 10 * DAY

    def _visitor(self) -> User:
        """Nobody can sign in as them: no password, and an address of a domain that cannot exist."""
        self.visitors += 1
        email = f"{self.community.slug}-visitor-{self.visitors}@demo.invalid"
        return User.objects.create_user(email, None, language=self.community.language)


def invite(*, community: Community, at: datetime, random: Random) -> None:
    """Members have invited friends by letter in the last days, while two subjects of it are tried."""
    words = TRIED.get(community.slug)
    if words is None or not community.members_invite:
        return
    language = community.language
    here = (
        Membership.objects.of(community.pk).filter(role=Role.MEMBER, status=Status.ACTIVE).exclude(user=None)
    )
    members = list(here.select_related("user", "community").order_by("number"))
    with transaction.atomic(), mail.withheld():
        standing = trials.get("invitation").in_force(community)
        b = [
            replace(one, text=words.subject) if one.key == f"{language}.subject" else one for one in standing
        ]
        begun = at - 9 * DAY
        seed = random.getrandbits(48)
        _run(community, "invitation", words.letter, b, base=0.2, least=0.2, seed=seed, at=begun)
        for n, member in enumerate(random.sample(members, min(len(members), INVITERS))):
            assert member.user is not None
            for friend in range(random.randint(1, 3)):
                invitation_mail.send(
                    community=community,
                    inviter=member,
                    email=f"{community.slug}-friend-{n}-{friend}@demo.invalid",
                    language=language,
                    at=begun + timedelta(hours=12 * n + 2 * friend + 1),
                    by=Actor.person(member.user, member),
                )


def _run(
    community: Community,
    trial: str,
    title: str,
    b: Sequence[Piece],
    *,
    base: float,
    least: float,
    seed: int,
    at: datetime,
) -> Experiment:
    planned = experiments.plan(
        community=community,
        trial=trial,
        title=title,
        b=b,
        base=base,
        least=least,
        at=at,
        by=BY,
        seed=seed,
    )
    return experiments.start(experiment=planned, at=at, by=BY)
