"""Two members writing at one instant, to one another and at first: one conversation, no deadlock, a true count."""

from functools import partial

import pytest

from communities.models import Circle, Conversation, DirectMessage, Side
from communities.services import circles, comments, message_blocks, messages, posts
from members.models import Message
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
        messages.write(author=other, to=one, body="Go on", at=EARLY)


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
