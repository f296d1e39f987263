"""Correcting who invited whom, and what the database never takes."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from engagement.models import DirtyDay, Fact
from kernel import locks
from kernel.errors import Refused
from members.actors import Actor
from members.models import AuditEntry, Membership, MembershipChange
from members.roles import Role
from members.services import inviters, memberships
from tests import make
from tests.make import EARLY, SITE

LATER = EARLY + timedelta(days=1)
LOOP = "loop of inviters"


@pytest.fixture
def community(db):
    return make.community()


def chain(community, length: int) -> list[Membership]:
    """Members of whom each invited the next."""
    members: list[Membership] = []
    for _n in range(length):
        before = members[-1] if members else None
        members.append(memberships.add(community=community, at=EARLY, by=SITE, name="m", invited_by=before))
    return members


def test_staff_correct_with_a_reason(community):
    first, second, third = chain(community, 3)
    manager = make.member(community, role=Role.MANAGER)
    DirtyDay.objects.all().delete()
    by = Actor.person(manager.user, manager)
    inviters.correct(membership=third, inviter=first, reason=" It was Ada. ", at=LATER, by=by)
    third.refresh_from_db()
    assert third.invited_by == first
    change = MembershipChange.objects.get(membership=third, kind="inviter")
    assert (change.before, change.after, change.reason, change.by) == (
        f"#{second.number}",
        f"#{first.number}",
        "It was Ada.",
        manager,
    )
    entry = AuditEntry.objects.get(action="member.inviter_changed")
    assert entry.before == {"inviter": second.number}
    assert entry.after == {"inviter": first.number, "reason": "It was Ada."}
    fact = Fact.objects.get(verb="inviter_changed")
    assert (fact.member, fact.target, fact.occurred_at) == (third.number, first.number, LATER)
    assert DirtyDay.objects.get().since == LATER


def test_nobody_can_be_the_answer_and_the_same_again_changes_nothing(community):
    _first, second = chain(community, 2)
    for _n in range(2):
        inviters.correct(membership=second, inviter=None, reason="Came alone.", at=LATER, by=SITE)
    second.refresh_from_db()
    assert second.invited_by is None
    assert Fact.objects.get(verb="inviter_changed").target is None
    assert MembershipChange.objects.filter(kind="inviter").count() == 1


@pytest.mark.parametrize(
    ("to", "reason", "code"),
    [(2, "x", "loop"), (1, "x", "loop"), (0, "x", "own_inviter"), (None, " ", "required")],
)
def test_what_is_refused_changes_nothing(community, to, reason, code):
    members = chain(community, 3)
    inviter = None if to is None else members[to]
    with pytest.raises(Refused) as refused:
        inviters.correct(membership=members[0], inviter=inviter, reason=reason, at=LATER, by=SITE)
    assert refused.value.code == code
    assert Membership.objects.get(pk=members[0].pk).invited_by is None
    assert not MembershipChange.objects.filter(kind="inviter").exists()


def test_who_may_not_change_members_may_not_correct(community):
    first, _second, third = chain(community, 3)
    host = make.member(community, role=Role.HOST)
    with pytest.raises(Refused) as refused:
        inviters.correct(
            membership=third, inviter=first, reason="x", at=LATER, by=Actor.person(host.user, host)
        )
    assert refused.value.code == "no_longer_allowed"


def test_the_database_refuses_a_loop_however_it_is_written(community):
    first, second, third = chain(community, 3)
    with pytest.raises(IntegrityError, match=LOOP), transaction.atomic():
        Membership.objects.filter(pk=first.pk).update(invited_by=third)
    first.invited_by, second.invited_by = second, first
    with pytest.raises(IntegrityError, match=LOOP), transaction.atomic():
        Membership.objects.bulk_update([first, second], ["invited_by"])
    with pytest.raises(IntegrityError, match="not_own_inviter"), transaction.atomic():
        Membership.objects.filter(pk=first.pk).update(invited_by=first)
    # Two who name each other cannot come in either.
    pair = [
        Membership(
            pk=pk, community=community, number=number, status="active", joined_at=EARLY, invited_by_id=to
        )
        for pk, number, to in ((900_001, 901, 900_002), (900_002, 902, 900_001))
    ]
    with pytest.raises(IntegrityError, match=LOOP), transaction.atomic():
        Membership.objects.bulk_create(pair)


def test_turning_a_chain_around_in_one_statement_is_no_loop(community):
    members = chain(community, 4)
    for member, inviter in zip(members, [*members[1:], None], strict=True):
        member.invited_by = inviter
    Membership.objects.bulk_update(members, ["invited_by"])
    assert Membership.objects.get(pk=members[0].pk).invited_by == members[1]


@settings(max_examples=40)
@given(edges=st.lists(st.tuples(st.integers(0, 7), st.integers(0, 7)), max_size=14))
@pytest.mark.django_db(transaction=False)
def test_it_refuses_loops_and_nothing_else(edges):
    with transaction.atomic():
        community = make.community()
        members = [memberships.add(community=community, at=EARLY, by=SITE, name=str(n)) for n in range(8)]
        inviter: dict[int, int] = {}
        for member, to in edges:
            step: int | None = to
            while step is not None and step != member:
                step = inviter.get(step)
            loops = step == member
            try:
                with transaction.atomic():
                    Membership.objects.filter(pk=members[member].pk).update(invited_by=members[to])
            except IntegrityError:
                assert loops
            else:
                assert not loops
                inviter[member] = to
        transaction.set_rollback(True)


@pytest.mark.django_db
def test_the_guard_and_the_service_take_one_lock():
    with connection.cursor() as cursor:
        cursor.execute("SELECT prosrc FROM pg_proc WHERE proname = 'members_refuse_loop'")
        body = cursor.fetchone()[0]
    assert f"pg_advisory_xact_lock({locks._space('inviters')}, home)" in body
