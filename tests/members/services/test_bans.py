"""A banned person is known by every address they confirmed, however it is written."""

import pytest
from allauth.account.models import EmailAddress

from communities.services import joining
from kernel.errors import Refused
from members.actors import Actor
from members.models import AuditEntry, Membership
from members.roles import Role
from members.services import bans, memberships, standing
from tests import make
from tests.make import EARLY, SITE

pytestmark = pytest.mark.django_db


def banned(community, email):
    member = make.member(community, email=email)
    standing.act("ban", membership=member, at=EARLY, by=SITE, reason="Spam.")
    return member


def enrol(community, user):
    return memberships.enrol(community=community, user=user, at=EARLY, by=SITE)


def join(community, user):
    return joining.join(community=community, user=user, answers={}, at=EARLY, by=SITE)


@pytest.fixture
def community():
    community = make.community(type="tool")
    community.join_questions.all().delete()
    community.join_policy = "open"
    community.save()
    return community


@pytest.mark.parametrize(
    ("written", "mailbox"),
    [
        ("Ada@Example.ORG", "ada@example.org"),
        (" ada+news@example.org ", "ada@example.org"),
        ("a.d.a@example.org", "a.d.a@example.org"),
        ("A.D.A+x+y@gmail.com", "ada@gmail.com"),
        ("a.da@googlemail.com", "ada@gmail.com"),
        ("+ada@example.org", "+ada@example.org"),
    ],
)
def test_the_mailbox_behind_an_address(written, mailbox):
    assert bans.mailbox(written) == mailbox


@pytest.mark.parametrize("way", [enrol, join])
@pytest.mark.parametrize(
    ("theirs", "again"),
    [
        ("ada.lovelace@gmail.com", "AdaLovelace@gmail.com"),
        ("ada.lovelace@gmail.com", "a.dalovelace+club@googlemail.com"),
        ("ada@example.org", "ADA+two@example.org"),
    ],
)
def test_another_account_of_the_same_mailbox_stays_outside(community, way, theirs, again):
    banned(community, theirs)
    before = Membership.objects.count()
    with pytest.raises(Refused) as refusal:
        way(community, make.person(again))
    assert (refusal.value.code, Membership.objects.count()) == ("ended", before)


@pytest.mark.parametrize("way", [enrol, join])
def test_a_second_confirmed_address_tells_on_either_side(community, way):
    member = banned(community, "ada@example.org")
    EmailAddress.objects.create(user=member.user, email="work@example.org", verified=True)
    other = make.person("other@example.org")
    EmailAddress.objects.create(user=other, email="Work@example.org", verified=True)
    with pytest.raises(Refused) as refusal:
        way(community, other)
    assert refusal.value.code == "ended"


@pytest.mark.parametrize("way", [enrol, join])
def test_an_address_that_nobody_confirmed_proves_nothing(community, way):
    member = banned(community, "ada@example.org")
    EmailAddress.objects.create(user=member.user, email="bob@example.org", verified=False)
    bob, eve = make.person("bob@example.org"), make.person("eve@example.org")
    EmailAddress.objects.create(user=eve, email="ada@example.org", verified=False)
    assert [way(community, bob).status, way(community, eve).status] == ["active", "active"]


def test_who_left_and_is_banned_elsewhere_in_the_meantime_does_not_come_back(community):
    left = make.member(community, email="ada@gmail.com")
    standing.act("leave", membership=left, at=EARLY, by=SITE)
    banned(community, "a.d.a@gmail.com")
    for way in (enrol, join):
        with pytest.raises(Refused) as refusal:
            way(community, left.user)
        assert refusal.value.code == "ended"
    left.refresh_from_db()
    assert left.status == "left"


def test_a_ban_is_of_one_community_and_ends_when_staff_take_back(community):
    member = banned(community, "ada@example.org")
    elsewhere = make.community()
    assert enrol(elsewhere, make.person("ada+x@example.org")).status == "active"
    standing.act("take_back", membership=member, at=EARLY, by=SITE, reason="A mistake.")
    assert enrol(community, make.person("ada+y@example.org")).status == "active"


def test_a_ban_reaches_every_account_of_theirs_that_is_here_or_on_the_way(community):
    ada = make.member(community, email="ada@example.org")
    here = make.member(community, email="ada+club@example.org")
    applied = memberships.enrol(
        community=community, user=make.person("ADA+x@example.org"), at=EARLY, status="applied", by=SITE
    )
    left, bob = (
        make.member(community, email="ada+left@example.org"),
        make.member(community, email="bob@example.org"),
    )
    standing.act("leave", membership=left, at=EARLY, by=SITE)
    make.member(make.community(), email="ada+far@example.org")
    standing.act("ban", membership=ada, at=EARLY, by=SITE, reason="Spam.")
    statuses = dict(Membership.objects.of(community.pk).values_list("pk", "status"))
    assert [statuses[one.pk] for one in (ada, here, applied, left, bob)] == [
        "banned", "banned", "banned", "left", "active",
    ]  # fmt: skip
    logged = AuditEntry.objects.filter(action="member.ban").order_by("id").values_list("object_id", flat=True)
    assert list(logged) == [str(one.number) for one in (ada, here, applied)]
    assert Membership.objects.get(user__email="ada+far@example.org").status == "active"


def test_staff_do_not_shut_themselves_out_with_an_account_for_trying_things_out(community):
    manager = make.member(community, email="eve@example.org", role=Role.MANAGER)
    trial = make.member(community, email="eve+trial@example.org")
    by = Actor.person(manager.user, manager)
    standing.act("ban", membership=trial, at=EARLY, by=by, reason="A trial.")
    manager.refresh_from_db()
    assert manager.status == "active"
