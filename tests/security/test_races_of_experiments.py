"""Assigned at once: nobody twice, no place twice, and never more than the size."""

from datetime import timedelta

import pytest
from django.db import transaction

from communities.services import questions
from engagement.models import Assignment, Experiment
from engagement.services import arms, experiments
from kernel.errors import Refused
from kernel.locks import locked
from members.models import AuditEntry, Membership
from members.services import mail_templates
from tests import make
from tests.engagement import trying
from tests.security.races import Session, together

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
    arms.fill()
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


def test_of_two_staff_who_start_the_same_one_is_told_that_it_runs():
    community = make.community()
    planned = trying.an_experiment(community)

    def starts():
        return experiments.start(experiment=planned, at=AT, by=make.SITE).state

    assert sorted(together(starts, starts, starts)) == ["not_now", "not_now", "running"]
    assert AuditEntry.objects.filter(action="experiment.started").count() == 1


def test_nobody_waits_for_somebody_elses_joining_and_what_is_given_up_is_given_again():
    """One is assigned and their transaction goes on; others are assigned meanwhile, whatever those hold that it needs."""
    community = make.community()
    running = trying.running(community, "join-questions", size=4)
    first, second, third = (make.person() for _n in range(3))
    row = make.member(community)

    def opens(person):
        questions.opened(community=community, user=person, membership=None, at=AT)

    def holds_and_opens():
        with transaction.atomic():
            locked(Membership.objects.filter(pk=row.pk)).get()
            opens(second)

    with pytest.raises(RuntimeError), transaction.atomic():
        opens(first)
        # With the experiment's row locked this waits for the first one, and the first for the member's row: for ever.
        Session(holds_and_opens).finish()
        locked(Membership.objects.filter(pk=row.pk)).get()
        raise RuntimeError("The first gives up.")
    assert list(Assignment.objects.values_list("place", "user")) == [(1, second.pk)]
    opens(third)
    found = list(Assignment.objects.order_by("place").values_list("place", "arm", "user"))
    assert found == [
        (0, arms.arm_of(running.seed, 0), third.pk),
        (1, arms.arm_of(running.seed, 1), second.pk),
    ]


def test_the_arms_stay_even_all_the_while_and_the_sweep_finds_the_last():
    """People come at once, round by round, some in two tabs and some of whom give up, while the sweep counts."""
    community = make.community()
    running = trying.running(community, "join-questions", size=12)

    def opens(person, gives_up):
        def go():
            with transaction.atomic():
                questions.opened(community=community, user=person, membership=None, at=AT)
                if gives_up:
                    raise Refused("No.", code="gave_up")

        return go

    for _round in range(6):
        person = make.person()
        come = [(make.person(), False) for _n in range(3)] + [(person, False), (person, False)]
        together(*(opens(*one) for one in come), opens(make.person(), True), arms.fill)
        told = list(Assignment.objects.values_list("arm", flat=True))
        # Two, and one for the place of who gave up, where nobody has taken it yet.
        assert abs(told.count("A") - told.count("B")) <= 3
    while Assignment.objects.count() < 24:
        opens(make.person(), False)()
    opens(make.person(), False)()
    arms.fill()
    found = Experiment.objects.get(pk=running.pk)
    assert (found.assigned, found.full_at, found.matures_at) == (24, AT, AT + timedelta(days=14))
    rows = list(Assignment.objects.order_by("place").values_list("place", "arm"))
    assert rows == [(n, arms.arm_of(running.seed, n)) for n in range(24)]


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
