"""Answering, hiding and taking back at one instant, on real connections: one outcome, no deadlock, a true count."""

from datetime import timedelta
from functools import partial

import pytest
from django.core.files.storage import FileSystemStorage
from django.core.files.uploadedfile import SimpleUploadedFile

from communities.models import Attachment, Circle, Comment, Option, Post, Reaction, Vote
from communities.services import acceptances, attachments, circles, comments, posts, reactions, reports, votes
from communities.services.polls import Ask
from engagement.models import Fact
from members.actors import Actor
from members.models import Membership
from tests import make
from tests.make import EARLY, SITE
from tests.security.races import together, while_it_waits

pytestmark = pytest.mark.django_db(transaction=True)


def inside(circle):
    # Of old: they write more within the hour than a newcomer may.
    member = make.member(circle.community, at=EARLY - timedelta(days=30))
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


def test_two_who_answer_each_other_on_two_posts():
    circle = Circle.objects.of(make.community().pk)[0]
    ada, bo = inside(circle), inside(circle)
    of_ada = posts.write(circle=circle, author=ada, body="Who?", at=EARLY)
    of_bo = posts.write(circle=circle, author=bo, body="Who?", at=EARLY)
    for _round in range(12):
        outcomes = together(
            partial(comments.write, post=of_ada, author=bo, body="I", at=EARLY),
            partial(comments.write, post=of_bo, author=ada, body="I", at=EARLY),
        )
        assert [type(one) for one in outcomes] == [Comment, Comment]


def test_a_double_tap_is_one_reaction_and_one_fact():
    circle = Circle.objects.of(make.community().pk)[0]
    post = posts.write(circle=circle, author=inside(circle), body="Who?", at=EARLY)
    people = [inside(circle) for _n in range(3)]
    taps = [
        partial(reactions.give, on=post, member=one, emoji="👍", at=EARLY)
        for one in people
        for _n in range(2)
    ]
    assert together(*taps) == [None] * 6
    assert sorted(Reaction.objects.values_list("member", flat=True)) == [one.pk for one in people]
    assert Fact.objects.filter(verb="reacted").count() == 3


def test_reactions_while_the_post_is_hidden_and_answered():
    circle = Circle.objects.of(make.community().pk)[0]
    author, bo, cy = (inside(circle) for _n in range(3))
    for _round in range(3):
        post = posts.write(circle=circle, author=author, body="Who?", at=EARLY)
        outcomes = together(
            partial(reactions.give, on=post, member=bo, emoji="👍", at=EARLY),
            partial(posts.hide, post=post, reason="No", at=EARLY, by=SITE),
            partial(comments.write, post=post, author=cy, body="I", at=EARLY),
            partial(reactions.give, on=post, member=cy, emoji="👍", at=EARLY),
        )
        assert {one for one in outcomes if isinstance(one, str)} <= {"gone"}


def test_two_answers_accepted_at_once_are_one():
    circle = Circle.objects.of(make.community().pk)[0]
    asker, bo, host = (inside(circle) for _n in range(3))
    circle.circle_memberships.filter(membership=host).update(is_host=True)
    for _round in range(3):
        post = posts.write(circle=circle, author=asker, body="Who?", asks=True, at=EARLY)
        answers = [comments.write(post=post, author=bo, body="I", at=EARLY) for _n in range(2)]
        outcomes = together(
            *(
                partial(acceptances.accept, comment=one, at=EARLY, by=Actor.person(by.user, by))
                for one, by in zip(answers, (asker, host), strict=True)
            ),
            partial(comments.remove, comment=answers[0], author=bo, at=EARLY),
        )
        assert {one for one in outcomes if isinstance(one, str)} <= {"answered", "gone"}
        post.refresh_from_db()
        assert post.accepted in (None, answers[1])


def test_a_ballot_sent_twice_and_a_poll_that_is_changed_meanwhile():
    circle = Circle.objects.of(make.community().pk)[0]
    author, bo = inside(circle), inside(circle)
    for _round in range(3):
        post = posts.write(circle=circle, author=author, body="Tea?", poll=Ask(("Yes", "No")), at=EARLY)
        yes = Option.objects.get(poll__post=post, text="Yes").pk
        ballots = [partial(votes.cast, post=post, member=bo, options={yes}, at=EARLY) for _n in range(3)]
        other = {"title": "", "body": "Tea?", "poll": Ask(("Yes", "Never"))}
        outcomes = together(*ballots, partial(posts.change, post=post, author=author, at=EARLY, **other))
        assert {one for one in outcomes if isinstance(one, str)} <= {"voted", "unknown"}
        # Either all of the ballots found what they were for, or none did.
        cast = 0 if "unknown" in outcomes else 1
        assert (
            list(Vote.objects.filter(poll__post=post).values_list("member", "option"))
            == [(bo.pk, yes)] * cast
        )
        assert Fact.objects.filter(verb="voted", object_id=str(post.key)).count() == cast


def test_a_ballot_and_the_end_of_its_poll():
    circle = Circle.objects.of(make.community().pk)[0]
    author, people = inside(circle), [inside(circle) for _n in range(3)]
    for _round in range(3):
        post = posts.write(circle=circle, author=author, body="Tea?", poll=Ask(("Yes", "No")), at=EARLY)
        yes = Option.objects.get(poll__post=post, text="Yes").pk
        ballots = [partial(votes.cast, post=post, member=one, options={yes}, at=EARLY) for one in people]
        *cast, _first, _second = together(
            *ballots, *[partial(votes.close, post=post, author=author, at=EARLY)] * 2
        )
        assert (set(cast) <= {None, "closed"}, (_first, _second)) == (True, (None, None))
        assert Vote.objects.filter(poll__post=post).count() == cast.count(None)


def test_two_who_name_one_another_at_once_do_not_wait_for_each_other():
    circle = Circle.objects.of(make.community().pk)[0]
    ada, bo = inside(circle), inside(circle)
    for _round in range(3):
        outcomes = together(
            *(
                partial(posts.write, circle=circle, author=one, body=f"@#{other.number}", at=EARLY)
                for one, other in ((ada, bo), (bo, ada)) * 2
            )
        )
        assert [one for one in outcomes if isinstance(one, str)] == []
    assert Fact.objects.filter(verb="mentioned").count() == 12


def test_who_joins_a_circle_in_the_moment_in_which_they_rise_to_its_tier():
    community = make.community()
    high = community.tiers.order_by("rank").last()
    circle = circles.create(community=community, name="High", minimum_tier=high, at=EARLY, by=SITE)
    member = make.member(community)
    rises = partial(Membership.objects.filter(pk=member.pk).update, tier=high)
    while_it_waits(rises, partial(circles.join, circle=circle, membership=member, at=EARLY))
    assert list(circle.circle_memberships.values_list("membership", flat=True)) == [member.pk]


@pytest.mark.parametrize(
    ("act", "outcome"), [("comment", "gone"), ("report", "Report"), ("hide", "Post"), ("accept", "NoneType")]
)
def test_who_acts_on_a_post_in_the_moment_in_which_it_is_moved(act, outcome):
    """They wait for it, and find it where it lies by then. Where they would have written below it, they look first."""
    circle, there = Circle.objects.of(make.community().pk)[:2]
    asker, bo = inside(circle), inside(circle)
    post = posts.write(circle=circle, author=asker, body="Who?", asks=True, at=EARLY)
    answer = comments.write(post=post, author=bo, body="I", at=EARLY)
    work = {
        "comment": partial(comments.write, post=post, author=bo, body="You?", at=EARLY),
        "report": partial(reports.make, written=post, reporter=bo, reason="spam", at=EARLY),
        "hide": partial(posts.hide, post=post, reason="No", at=EARLY, by=SITE),
        "accept": partial(acceptances.accept, comment=answer, at=EARLY, by=Actor.person(asker.user, asker)),
    }[act]
    found = while_it_waits(partial(Post.objects.filter(pk=post.pk).update, circle=there), work)
    assert (found if isinstance(found, str) else type(found).__name__) == outcome
    assert (post.comments.count(), Post.objects.get().circle) == (1, there)


@pytest.mark.parametrize("room", ["FILES_OF_A_MEMBER", "FILES_OF_A_COMMUNITY"])
def test_the_last_room_goes_to_one_file(settings, tmp_path, monkeypatch, room):
    monkeypatch.setattr(Attachment._meta.get_field("file"), "storage", FileSystemStorage(tmp_path))
    circle = Circle.objects.of(make.community().pk)[0]
    ada, bo = inside(circle), inside(circle)
    content = b"%PDF-1.7"
    setattr(settings, room, len(content))
    for _round in range(4):
        outcomes = together(
            *(
                partial(attachments.keep, sent=SimpleUploadedFile("a.pdf", content), author=author, at=EARLY)
                for author in (ada, ada if room == "FILES_OF_A_MEMBER" else bo)
            )
        )
        assert sorted(map(str, outcomes)) == ["a.pdf", "full"]
        assert sum(one.is_file() for one in tmp_path.rglob("*")) == 1
        attachments.remove(Attachment.objects.all())
