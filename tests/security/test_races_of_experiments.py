"""Assigned at once: nobody twice, no place twice, and never more than the size."""

import pytest

from communities.services import questions
from engagement.models import Assignment, Experiment
from engagement.services import arms, experiments
from kernel.errors import Refused
from members.services import mail_templates
from tests import make
from tests.engagement import trying
from tests.security.races import together

pytestmark = pytest.mark.django_db(transaction=True)

AT = make.EARLY


def test_many_at_once_take_one_place_each_up_to_the_size():
    community = make.community()
    running = trying.running(community, "join-questions", size=4)
    people = [make.person() for _n in range(6)]

    def opens(person):
        return lambda: questions.opened(community=community, user=person, membership=None, at=AT)

    # Each of them in two tabs.
    together(*(opens(person) for person in people for _tab in range(2)))
    assert Assignment.objects.count() == 6
    together(*(opens(make.person()) for _n in range(6)))
    rows = list(Assignment.objects.order_by("place"))
    assert [row.place for row in rows] == list(range(8))
    assert len({row.user_id for row in rows}) == 8
    assert [row.arm for row in rows] == [arms.arm_of(running.seed, n) for n in range(8)]
    assert sorted(row.arm for row in rows) == ["A"] * 4 + ["B"] * 4
    found = Experiment.objects.get()
    assert (found.assigned, found.full_at) == (8, AT)


def test_of_two_that_start_with_the_same_words_one_runs():
    community = make.community()
    planned = [trying.an_experiment(community, title=f"Try {n}") for n in range(3)]

    def starts(one):
        return lambda: str(experiments.start(experiment=one, at=AT, by=make.SITE).started_at)

    came = together(*(starts(one) for one in planned))
    assert sorted(came) == [str(AT), "running", "running"]
    assert Experiment.objects.filter(state="running").count() == 1


def test_words_are_changed_before_the_start_or_not_at_all():
    community = make.community()
    planned = trying.an_experiment(community)
    words = {
        "community": community,
        "kind": "member.welcome",
        "language": "en",
        "subject": "New",
        "body": "New",
    }

    def change():
        mail_templates.save(at=AT, by=make.SITE, **words)
        return "changed"

    came = together(change, lambda: experiments.start(experiment=planned, at=AT, by=make.SITE).state)
    found = Experiment.objects.get()
    assert found.state == "running"
    assert came[0] in ("changed", "being_tried")
    assert (found.a[0]["text"] == "New") == (came[0] == "changed")
    with pytest.raises(Refused):
        change()
