"""What the demo communities talk of these days: threads, answers, reactions, votes and a few reports, by the services
that members use."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from random import Random

from django.db import transaction

from communities import emoji
from communities.models import Circle, Comment, Community, Post
from communities.services import acceptances, comments, messages, polls, posts, reactions, reports, votes
from crowdecon.demo import names
from crowdecon.demo.profiles import Profile, Thread
from members.actors import Actor
from members.models import Membership
from members.roles import COUNTED, Role
from members.services import mail

#: How many of a circle's members are about.
ABOUT = 40


@transaction.atomic
def begin(*, community: Community, profile: Profile, at: datetime, random: Random) -> None:
    """Each thread is begun a day after the one before, in the circles in turn; the last one today."""
    rooms = [_Room(circle, random) for circle in Circle.objects.of(community.id)[:2]]
    with mail.withheld():
        for n, thread in enumerate(profile.threads):
            room = rooms[n % len(rooms)]
            begun = at - timedelta(days=len(profile.threads) - n - 1, hours=random.randint(5, 9))
            room.talk(thread, begun)
        rooms[0].report(names.REPORTS[profile.language], at)


@transaction.atomic
def exchange_messages(*, community: Community, profile: Profile, at: datetime) -> None:
    """What the two whom a visitor of the demo signs in as, the owner and a member, have received of others."""
    here = (
        Membership.objects.of(community.id).filter(status__in=COUNTED, user__isnull=False).order_by("number")
    )
    first, readers = here.filter(role=Role.OWNER), here.filter(role=Role.MEMBER)
    with mail.withheld():
        for reader, friend in zip((first[0], readers[0]), readers[1:3], strict=False):
            for n, words in enumerate(names.NOTES[profile.language]):
                author, to = (reader, friend) if n % 2 else (friend, reader)
                body = words.format(one=profile.interests[0])
                messages.write(author=author, to=to, body=body, at=at - timedelta(hours=9 - n))


class _Room:
    """A circle, and who is about in it."""

    def __init__(self, circle: Circle, random: Random) -> None:
        self.circle = circle
        self.random = random
        inside = Membership.objects.filter(circle_memberships__circle=circle, status__in=COUNTED)
        self.voices = list(inside.select_related("user").order_by("number")[:ABOUT])
        self.emoji = [kind.emoji for kind in emoji.of(circle.community)]

    def talk(self, thread: Thread, begun: datetime) -> None:
        author, *others = self.random.sample(self.voices, len(self.voices))
        ask = polls.Ask(thread.options) if thread.options else None
        post = posts.write(
            circle=self.circle,
            author=author,
            title=thread.title,
            body=thread.body,
            at=begun,
            asks=thread.asks,
            poll=ask,
        )
        said = [
            comments.write(post=post, author=voice, body=words, at=begun + timedelta(minutes=40 * m))
            for m, (words, voice) in enumerate(zip(thread.answers, others, strict=False), start=1)
        ]
        later = begun + timedelta(minutes=40 * len(said) + 20)
        if thread.helped is not None:
            assert author.user is not None  # Only people are in circles here, no records of a file.
            acceptances.accept(comment=said[thread.helped], at=later, by=Actor.person(author.user, author))
        for voice in others[: len(others) // 2]:
            if ask:
                self._vote(post, voice, later)
            self._react(post, said, voice, later)

    def report(self, words: Sequence[tuple[str, str]], at: datetime) -> None:
        """Members report the newest answers, the first of them twice: the queue of those who keep order is not empty."""
        answers = Comment.objects.filter(post__circle=self.circle).order_by("-created_at", "-id")
        for answer, wrong in zip(answers.select_related("author", "post"), (words, words[1:]), strict=False):
            readers = [voice for voice in self.voices if voice.pk != answer.author_id]
            for n, ((reason, told), reader) in enumerate(zip(wrong, readers[-4:], strict=False)):
                hence = at - timedelta(hours=3, minutes=20 * n)
                reports.make(written=answer, reporter=reader, reason=reason, words=told, at=hence)

    def _vote(self, post: Post, voice: Membership, at: datetime) -> None:
        options = list(post.poll.options.values_list("pk", flat=True))
        votes.cast(post=post, member=voice, options=[self.random.choice(options)], at=at)

    def _react(self, post: Post, said: Sequence[Comment], voice: Membership, at: datetime) -> None:
        """One of three likes how it began, and one of six what somebody said to it."""
        # The first of the set come to mind first.
        chosen = self.emoji[
            min(self.random.randrange(len(self.emoji)), self.random.randrange(len(self.emoji)))
        ]
        if self.random.random() < 1 / 3:
            reactions.give(on=post, member=voice, emoji=chosen, at=at)
        others = [comment for comment in said if comment.author_id != voice.pk]
        if others and self.random.random() < 1 / 6:
            reactions.give(on=self.random.choice(others), member=voice, emoji=chosen, at=at)
