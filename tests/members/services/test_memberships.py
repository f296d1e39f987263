import threading
from contextlib import suppress
from datetime import timedelta

import pytest
from django.db import connection, transaction

from kernel import activity
from kernel.activity import Activity
from kernel.errors import Refused
from members.actors import Actor
from members.models import AuditEntry, Membership, MembershipChange
from members.roles import Role, Status
from members.services import memberships, numbers, standing
from tests import make
from tests.make import EARLY, SITE

pytestmark = pytest.mark.django_db
LATER = EARLY + timedelta(days=3)


@pytest.fixture
def told(monkeypatch):
    """What is published while the test runs, with the product's subscribers left aside."""
    heard: list[Activity] = []
    monkeypatch.setattr(activity, "_subscribers", [heard.extend])
    return heard


def test_enrol_gives_the_next_number_and_tells(told):
    community = make.community()
    told.clear()
    user = make.person(name="Ada Adler")
    member = memberships.enrol(community=community, user=user, at=LATER, by=SITE)
    assert (member.number, member.status, member.role, member.tier.key) == (2, "active", "member", "user")
    assert (member.name, member.sort_key, member.joined_at) == ("Ada Adler", "ada adler", LATER)
    assert told == [Activity(community.id, 2, "joined", LATER, dedupe="joined:2")]
    assert list(member.changes.values_list("kind", "before", "after", "at")) == [
        ("status", "", "active", LATER),
        ("role", "", "member", LATER),
    ]


@pytest.mark.parametrize(
    ("name", "shown"),
    [("Bob \u202eevil\u2069", "Bob evil"), ("\u202e", "#2"), ("מִיכָאֵל 👨‍👩‍👧", "מִיכָאֵל 👨‍👩‍👧")],
)
def test_no_name_turns_the_words_around_it(name, shown):
    assert make.member(make.community(), name=name).display_name == shown


def test_enrol_tells_who_invited(told):
    community = make.community()
    inviter = make.member(community)
    told.clear()
    invitee = memberships.enrol(
        community=community, user=make.person(), at=LATER, invited_by=inviter, by=SITE
    )
    assert invitee.invited_by == inviter
    assert [(fact.member, fact.verb, fact.target) for fact in told] == [(3, "joined", 2)]


def test_enrol_refuses_who_is_a_member_already(told):
    member = make.member(make.community())
    told.clear()
    with pytest.raises(Refused, match="You are a member already"):
        memberships.enrol(community=member.community, user=member.user, at=LATER, by=SITE)
    assert told == []
    assert Membership.objects.of(member.community_id).count() == 2


def test_coming_back_keeps_number_and_day_of_joining(told):
    member = make.member(make.community())
    standing.act("leave", membership=member, at=LATER, by=SITE, reason="moved away")
    told.clear()
    back = memberships.enrol(
        community=member.community, user=member.user, at=LATER + timedelta(days=1), by=SITE
    )
    assert (back.pk, back.number, back.joined_at, back.left_at) == (member.pk, 2, EARLY, None)
    assert [fact.verb for fact in told] == ["resumed"]
    assert list(back.changes.filter(kind="status").values_list("before", "after", "reason")) == [
        ("", "active", ""),
        ("active", "left", "moved away"),
        ("left", "active", ""),
    ]


def test_who_was_removed_does_not_come_back_by_themselves(told):
    member = make.member(make.community())
    standing.act("remove", membership=member, at=LATER, by=SITE, reason="spam")
    with pytest.raises(Refused, match="its staff can take you back"):
        memberships.enrol(community=member.community, user=member.user, at=LATER, by=SITE)
    member.refresh_from_db()
    assert member.status == Status.REMOVED


def test_the_last_owner_stays_owner(told):
    community = make.community()
    owner = Membership.objects.of(community.id).get()
    for attempt in (
        lambda: standing.act("leave", membership=owner, at=LATER, by=SITE),
        lambda: memberships.change_role(membership=owner, role=Role.MEMBER, at=LATER, by=SITE),
        lambda: standing.act("remove", membership=owner, at=LATER, by=SITE, reason="gone"),
    ):
        with pytest.raises(Refused, match="A community needs an owner"):
            attempt()
    owner.refresh_from_db()
    assert (owner.role, owner.status) == ("owner", "active")


def test_a_second_owner_frees_the_first():
    community = make.community()
    first = Membership.objects.of(community.id).get()
    second = make.member(community)
    memberships.change_role(membership=second, role=Role.OWNER, at=LATER, by=SITE)
    standing.act("leave", membership=first, at=LATER, by=SITE)
    assert list(Membership.objects.of(community.id).order_by("number").values_list("role", "status")) == [
        ("owner", "left"),
        ("owner", "active"),
    ]


def test_an_owner_who_cannot_sign_in_does_not_free_the_last():
    community = make.community()
    owner = Membership.objects.of(community.id).get()
    brought = memberships.add(community=community, at=LATER, by=SITE, external_id="x", role=Role.OWNER)
    with pytest.raises(Refused, match="A community needs an owner"):
        standing.act("leave", membership=owner, at=LATER, by=SITE)
    standing.act("remove", membership=brought, at=LATER, by=SITE, reason="never came")
    assert list(Membership.objects.of(community.id).counted()) == [owner]


def test_an_owner_is_removed_by_an_owner_alone():
    community = make.community()
    first = Membership.objects.of(community.id).get()
    second, manager = make.member(community, role=Role.OWNER), make.member(community, role=Role.MANAGER)
    by = Actor.person(manager.user, manager)
    for end in ("leave", "remove", "restrict", "ban"):
        with pytest.raises(Refused, match="Only an owner"):
            standing.act(end, membership=second, at=LATER, by=by, reason="mine now")
    second.refresh_from_db()
    assert second.status == Status.ACTIVE
    standing.act("remove", membership=second, at=LATER, by=Actor.person(first.user, first), reason="agreed")
    second.refresh_from_db()
    assert second.status == Status.REMOVED


def test_coming_back_gives_no_role():
    community = make.community()
    host = make.member(community, role=Role.HOST)
    standing.act("leave", membership=host, at=LATER, by=SITE)
    back = memberships.enrol(community=community, user=host.user, at=LATER + timedelta(days=1), by=SITE)
    back.refresh_from_db()
    assert (back.role, back.status) == ("member", "active")
    assert list(back.changes.filter(kind="role").values_list("before", "after")) == [
        ("", "host"),
        ("host", "member"),
    ]


def test_change_role_is_kept_and_audited():
    community = make.community()
    owner = Membership.objects.of(community.id).get()
    member = make.member(community)
    by = Actor.person(owner.user, owner)
    memberships.change_role(membership=member, role=Role.HOST, at=LATER, by=by)
    memberships.change_role(membership=member, role=Role.HOST, at=LATER, by=by)
    change = MembershipChange.objects.get(membership=member, kind="role", at=LATER)
    assert (change.before, change.after, change.by) == ("member", "host", owner)
    entry = AuditEntry.objects.get(action="member.role_changed")
    assert (entry.actor, entry.object_id, entry.before, entry.after) == (
        owner.user,
        "2",
        {"role": "member"},
        {"role": "host"},
    )


def test_add_enters_a_member_without_an_account(told):
    community = make.community()
    member = memberships.add(community=community, at=LATER, by=SITE, name="李雷", external_id="x1")
    assert (member.number, member.user, member.sort_key) == (2, None, "li lei")
    with pytest.raises(Refused) as refusal:
        memberships.add(community=community, at=LATER, by=SITE, name="Other", external_id="x1")
    assert (refusal.value.field, refusal.value.code) == ("external_id", "taken")
    assert Membership.objects.of(community.id).count() == 2


def test_add_refuses_a_joining_to_come():
    with pytest.raises(Refused, match="in the future"):
        memberships.add(community=make.community(), at=EARLY, by=SITE, name="Ada", joined_at=LATER)


def test_update_changes_what_differs_and_search_follows():
    member = make.member(make.community(), name="Ada Adler")
    memberships.update(membership=member, at=LATER, by=SITE, name="李雷", city="")
    found = Membership.objects.of(member.community_id)
    assert list(found.search("李雷")) == [member]
    assert list(found.search("ada adler")) == []
    entry = AuditEntry.objects.get(action="member.changed")
    assert (entry.before, entry.after) == ({"name": "Ada Adler"}, {"name": "李雷"})


@pytest.mark.django_db(transaction=True)
def test_numbers_are_taken_only_with_what_they_are_for():
    community = make.community()
    with pytest.raises(RuntimeError):
        numbers.take(community_id=community.id)
    with suppress(ZeroDivisionError), transaction.atomic():
        assert list(numbers.take(community_id=community.id, count=2)) == [2, 3]
        raise ZeroDivisionError
    with transaction.atomic():
        assert list(numbers.take(community_id=community.id)) == [2]


@pytest.mark.django_db(transaction=True)
def test_numbers_are_dense_under_concurrency():
    community = make.community()
    taken: list[int] = []

    def take():
        try:
            with transaction.atomic():
                taken.extend(numbers.take(community_id=community.id, count=3))
        finally:
            connection.close()

    threads = [threading.Thread(target=take) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(taken) == list(range(2, 20))


@pytest.mark.django_db(transaction=True)
def test_a_person_who_joins_twice_at_once_is_one_member():
    community = make.community()
    user = make.person()
    outcomes: list[str] = []

    def enrol():
        try:
            memberships.enrol(community=community, user=user, at=LATER, by=SITE)
            outcomes.append("in")
        except Refused as refusal:
            outcomes.append(refusal.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=enrol) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["already_member"] * 3 + ["in"]
    assert Membership.objects.of(community.id).filter(user=user).count() == 1
