"""Two members writing at one instant, to one another and at first: one conversation, no deadlock, a true count."""

from datetime import time, timedelta
from functools import partial

import pytest

from communities.models import Circle, Conversation, DirectMessage, Side
from communities.services import circles, comments, message_blocks, messages, posts
from members.models import Message, Notification, Waiting
from members.services import hours, meanwhile, notifications
from tests import make
from tests.make import EARLY, SITE
from tests.security.races import together

pytestmark = pytest.mark.django_db(transaction=True)


def write(author, to):
    return partial(messages.write, author=author, to=to, body="Hello", at=EARLY)


def test_who_write_to_one_another_first_at_once_have_one_conversation():
    community = make.community()
    one, other = make.member(community), make.member(community)
    outcomes = together(write(one, other), write(other, one), write(one, other))
    assert [str(made) for made in outcomes] == ["Hello"] * 3
    assert (Conversation.objects.count(), DirectMessage.objects.count()) == (1, 3)
    unread = dict(Side.objects.values_list("membership", "unread"))
    assert unread == {one.pk: 1, other.pk: 2}
    assert Message.objects.filter(kind="message.received").count() == 2


def test_a_message_and_a_block_come_one_after_the_other():
    community = make.community()
    one, other = make.member(community), make.member(community)
    for _round in range(4):
        before = DirectMessage.objects.count()
        block = partial(message_blocks.block, by=other, whom=one, at=EARLY)
        _blocked, wrote = together(block, write(one, other))
        assert DirectMessage.objects.count() == before + (wrote != "closed")
        message_blocks.lift(by=other, whom=one)
        # Both have written: neither waits for an answer, whoever was first.
        messages.write(author=other, to=one, body="Go on", at=EARLY)
        messages.write(author=one, to=other, body="Yes", at=EARLY)


def test_whoever_writes_and_answers_at_once_waits_for_nobody_in_a_ring():
    community = make.community()
    circle = Circle.objects.of(community.pk)[0]
    one, other = make.member(community), make.member(community)
    for member in (one, other):
        circles.put_in(circle=circle, membership=member, at=EARLY, by=SITE)
    post = posts.write(circle=circle, author=one, body="Who?", at=EARLY)
    messages.write(author=one, to=other, body="Hi", at=EARLY)
    messages.write(author=other, to=one, body="Hi", at=EARLY)
    for _round in range(6):
        answer = partial(comments.write, post=post, author=other, body="I", at=EARLY)
        assert not [
            out for out in together(answer, write(one, other), write(other, one)) if isinstance(out, str)
        ]


def in_one_circle(many):
    community = make.community(timezone="UTC")
    circle = Circle.objects.of(community.pk)[0]
    people = [make.member(community) for _n in range(many)]
    for member in people:
        circles.put_in(circle=circle, membership=member, at=EARLY, by=SITE)
    return circle, people


def test_what_three_answer_at_once_is_one_notice_and_one_letter():
    circle, (author, *others) = in_one_circle(4)
    post = posts.write(circle=circle, author=author, body="Who?", at=EARLY)
    together(*(partial(comments.write, post=post, author=one, body="I", at=EARLY) for one in others))
    notice = Notification.objects.get(kind="talk.answered")
    assert (notice.times, sorted(notice.actors)) == (3, [one.number for one in others])
    letter = Message.objects.get(kind="talk.answered")
    assert (letter.pk, " and 2 others answered you" in letter.subject) == (notice.letter, True)


def test_what_waits_is_written_once_while_more_comes_and_while_it_is_read():
    circle, (author, *others) = in_one_circle(4)
    hours.keep_quiet(user=author.user, begins=time(0), ends=time(23, 59))
    post = posts.write(circle=circle, author=author, body="Who?", at=EARLY)
    later = EARLY + timedelta(days=2)
    for one in others:
        comments.write(post=post, author=one, body="I", at=EARLY)
        write = partial(meanwhile.write_due, now=lambda: later, budget=timedelta(seconds=5))
        more = partial(comments.write, post=post, author=others[0], body="And", at=EARLY)
        read = partial(notifications.mark_read, user_id=author.user_id, at=EARLY)
        before = Message.objects.filter(kind="talk.answered").count()
        together(write, write, more)
        assert Message.objects.filter(kind="talk.answered").count() == before + 1
        together(read, write, more)
        notifications.mark_read(user_id=author.user_id, at=EARLY)
        assert Waiting.objects.count() == 0
