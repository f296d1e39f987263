"""What an operator finds in a demo community: an experiment that is over, one stopped early, and one that runs."""

from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from communities.services import joining
from crowdecon.demo import trying
from engagement.models import Experiment
from engagement.selectors import experiments as seen
from members.actors import Actor
from members.models import Invitation, Message
from members.services import mail
from tests import make

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.mark.django_db
def test_a_demo_community_tries_words():
    early = AT - timedelta(days=160)
    community = make.community("dawn-runners", at=early, language="zh-hans")
    opening = trying.Opening(community, Random(3))
    with mail.withheld():
        # One a day until all are assigned; then when it has ended, as the next one begins, in its midst, and at its end.
        for day in (*range(1, 66), 80, 91, 92, 93, 106):
            at = early + timedelta(days=day)
            user = opening.who(joins_at=at, otherwise=make.person)
            answers = {
                one.pk: one.options[0] if one.options else "…" for one in community.join_questions.all()
            }
            joining.join(
                community=community, user=user, answers=answers, at=at, by=Actor.person(user), name="Ada"
            )
    trying.invite(community=community, at=AT, random=Random(3))

    ended, stopped, runs = Experiment.objects.of(community.pk).order_by("started_at")
    assert [one.state for one in (ended, stopped, runs)] == ["ended", "stopped", "running"]
    # With one question less more join: that is how it is drawn, and the size is enough to see it.
    result = seen.result(ended)
    assert result.first.units == result.second.units == ended.size
    assert result.low > 0
    assert 0 < stopped.assigned < stopped.total and seen.result(stopped) is None
    assert runs.assignments.count() == trying.INVITERS
    assert Invitation.objects.of(community.pk).mails().count() >= trying.INVITERS
    assert not Message.objects.filter(community=community).exists()


@pytest.mark.django_db
def test_the_others_try_nothing():
    community = make.community("somewhere", at=AT)
    person = make.person()
    assert trying.Opening(community, Random(1)).who(joins_at=AT, otherwise=lambda: person) == person
    trying.invite(community=community, at=AT, random=Random(1))
    assert not Experiment.objects.exists()
