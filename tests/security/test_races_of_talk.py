"""Answering, hiding and taking back at one instant, on real connections: one outcome, no deadlock, a true count."""

from functools import partial

import pytest

from communities.models import Circle, Comment
from communities.services import circles, comments, posts
from tests import make
from tests.make import EARLY, SITE
from tests.security.races import together

pytestmark = pytest.mark.django_db(transaction=True)


def inside(circle):
    member = make.member(circle.community)
    circles.put_in(circle=circle, membership=member, at=EARLY, by=SITE)
    return member


@pytest.mark.parametrize("act", ["hide", "remove"])
def test_what_is_answered_while_it_goes(act):
    circle = Circle.objects.of(make.community().pk)[0]
    author, people = inside(circle), [inside(circle) for _n in range(3)]
    post = posts.write(circle=circle, author=author, body="Who?", at=EARLY)
    for _round in range(8):
        comment = comments.write(post=post, author=author, body="I", at=EARLY)
        going = {
            "hide": partial(comments.hide, comment=comment, reason="No", at=EARLY, by=SITE),
            "remove": partial(comments.remove, comment=comment, author=author, at=EARLY),
        }[act]
        answers = [
            partial(comments.write, post=post, author=one, parent=comment, body="You?", at=EARLY)
            for one in people
        ]
        outcomes = together(going, *answers)
        assert {one for one in outcomes if isinstance(one, str)} <= {"gone"}
        post.refresh_from_db()
        there = Comment.objects.filter(post=post, removed_at=None, hidden_at=None)
        assert post.comment_count == there.count()
        Comment.objects.filter(post=post).delete()
        post.comment_count = 0
        post.save(update_fields=["comment_count"])
