"""The rows behind an experiment: as they were counted at its end, and not a moment before."""

from datetime import timedelta

import pytest

from engagement.models import Assignment, Experiment
from engagement.selectors import experiment_rows as seen
from engagement.services import arms, experiments
from kernel.errors import Refused
from members.actors import Actor
from members.models import Invitation, Membership
from members.services import erasure, invitation_mail, merging
from tests import make
from tests.engagement import trying
from tests.engagement.services.test_experiments import AT, DAY, acts

pytestmark = pytest.mark.django_db


def rows(community, experiment):
    experiment.refresh_from_db()
    return list(seen.sheet(community, experiment))


def test_one_row_for_each_who_was_assigned():
    community = make.community("lantern", timezone="Asia/Shanghai")
    experiment = trying.running(community, size=4)
    members = [make.member(community, at=AT + n * DAY) for n in range(8)]
    for n, member in enumerate(members[:3]):
        for k in range(n):
            acts(community, member, AT + n * DAY + timedelta(hours=1 + k))
    # One leaves for good, one comes a second time under another address: each was assigned.
    erasure.erase(membership=members[2], at=AT + 8 * DAY, by=make.SITE)
    Membership.objects.filter(pk=members[7].pk).update(user=None)
    members[7].refresh_from_db()
    merging.merge(kept=members[1], merged=members[7], at=AT + 8 * DAY, by=make.SITE)
    arms.fill()
    assert experiments.end(experiment_id=experiment.pk, at=AT + 14 * DAY)

    found = rows(community, experiment)
    local = [(AT + n * DAY).astimezone(community.zone).date() for n in range(8)]
    drawn = [arms.arm_of(experiment.seed, n) for n in range(8)]
    assert [row[:4] for row in found] == [
        [member.number, drawn[n], n // 4 + 1, local[n]] for n, member in enumerate(members)
    ]
    assert [row[4:] for row in found] == [
        [0, "no"], [1, "yes"], [2, "yes"], [0, "no"], [0, "no"], [0, "no"], [0, "no"], [None, ""],
    ]  # fmt: skip
    # The rows are what the result was counted from, and what happens later changes neither.
    for arm in "AB":
        mine = [row for row in found if row[1] == arm and row[5]]
        assert [len(mine), sum(row[5] == "yes" for row in mine)] == experiment.result[arm.lower()]
    acts(community, members[0], AT + timedelta(hours=2))
    assert rows(community, experiment) == found


def test_one_who_brings_many_is_one_row_and_one_yes():
    community = make.community("lantern")
    four = [make.member(community) for _n in range(4)]
    experiment = trying.running(community, "invitation", size=2)
    for n, member in enumerate(four):
        by = Actor.person(member.user, member)
        for k in range(6 if n == 2 else 1):
            invitation_mail.send(
                community=community, inviter=member, email=f"{n}-{k}@example.org", at=AT, by=by
            )
    for _n in range(5):
        new = make.member(community, at=AT + DAY)
        Membership.objects.filter(pk=new.pk).update(invited_by=four[2], channel=Invitation.Kind.EMAIL)
    arms.fill()
    assert experiments.end(experiment_id=experiment.pk, at=AT + 30 * DAY)
    assert [row[4:] for row in rows(community, experiment)] == [[0, "no"], [0, "no"], [5, "yes"], [0, "no"]]


@pytest.mark.parametrize("state", ["planned", "running", "full", "stopped"])
def test_nobody_is_told_a_row_before_the_end(state):
    community = make.community("lantern")
    experiment = trying.an_experiment(community)
    if state != "planned":
        Experiment.objects.filter(pk=experiment.pk).update(size=2)
        experiments.start(experiment=experiment, at=AT, by=make.SITE)
        for _n in range(4 if state == "full" else 3):
            acts(community, make.member(community), AT + DAY)
        arms.fill()
        assert Assignment.objects.count() == (4 if state == "full" else 3)
    if state == "stopped":
        experiments.stop(experiment=experiment, at=AT + DAY, by=make.SITE)
    experiment.refresh_from_db()
    for rows_of in (seen.assigned, lambda one: seen.sheet(community, one)):
        with pytest.raises(Refused) as refused:
            rows_of(experiment)
        assert refused.value.code == "not_now"
