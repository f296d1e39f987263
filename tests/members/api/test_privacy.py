"""What is kept too long, tried by the API: told and not touched."""

from datetime import timedelta

import pytest

from kernel.api.fields import instant
from kernel.clock import now
from members.models import Membership, Message
from members.services import memberships, retention, standing
from tests import api, make

pytestmark = pytest.mark.django_db
NOBODY = {"members": 0, "applicants": 0, "entries": 0, "letters": 0}


@pytest.fixture
def community():
    return make.community()


@pytest.fixture
def program(community) -> api.Program:
    return api.Program(community)


def left(community, name, *, days) -> Membership:
    member = memberships.add(community=community, name=name, at=make.EARLY, by=make.SITE)
    standing.act("leave", membership=member, at=now() - timedelta(days=days), by=make.SITE)
    return Membership.objects.get(pk=member.pk)


def test_without_a_decision_nothing_would_go(community, program):
    left(community, "Ada", days=300)
    assert program.get("privacy/due/").json() == {"counts": NOBODY, "members": [], "applicants": []}


def test_the_dry_run_names_who_would_go_and_removes_nothing(community, program):
    left(community, "Ada", days=10)
    bo, cy = left(community, "Bo", days=100), left(community, "Cy", days=200)
    applicant = memberships.add(community=community, name="Di", at=make.EARLY, by=make.SITE)
    Membership.objects.filter(pk=applicant.pk).update(status="rejected")
    left(make.community(), "Eve", days=300)
    program.patch("privacy/", {"after_leaving": 2, "after_rejection": 1})
    found = program.get("privacy/due/").json()
    assert found == {
        "counts": NOBODY | {"members": 2, "applicants": 1},
        "members": [
            {"number": one.number, "name": one.name, "status": "left", "since": instant(one.left_at)}
            for one in (cy, bo)
        ],
        "applicants": [
            {"number": applicant.number, "name": "Di", "status": "rejected", "since": "2026-01-05T09:00:00Z"}
        ],
    }
    assert program.get("privacy/due/").json() == found
    assert Membership.objects.filter(erased_at=None, name__in=["Ada", "Bo", "Cy", "Di"]).count() == 4
    # And it is what then goes.
    assert retention.clean_up(now=now, budget=timedelta(minutes=1)) == 3
    assert program.get("privacy/due/").json() == {"counts": NOBODY, "members": [], "applicants": []}


def test_entries_and_letters_are_counted(community, program):
    make.member(community)
    Message.objects.update(state="sent", finished_at=now() - timedelta(days=9))
    program.patch("privacy/", {"letters": 7})
    assert program.get("privacy/due/").json()["counts"] == NOBODY | {"letters": Message.objects.count()}


def test_as_many_are_named_as_on_the_desk(community, program, monkeypatch):
    monkeypatch.setattr("members.selectors.retention.SHOWN", 1)
    for n in range(3):
        left(community, f"M{n}", days=100 - n)
    program.patch("privacy/", {"after_leaving": 1})
    found = program.get("privacy/due/").json()
    assert (found["counts"]["members"], [one["name"] for one in found["members"]]) == (3, ["M0"])
