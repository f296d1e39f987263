"""Bulk acts: exactly the members asked for, once, whatever is cut off meanwhile; taken back from exactly those."""

from datetime import timedelta

import pytest

from kernel.errors import Refused
from members.actors import Actor
from members.models import AuditEntry, BulkAct, Membership, MembershipChange, Tier
from members.roles import Role
from members.selectors import bulk as read
from members.services import bulk, memberships
from tests import make
from tests.security.races import together

pytestmark = pytest.mark.django_db

LATER = make.EARLY + timedelta(days=1)


def clock():
    return LATER


@pytest.fixture
def community(monkeypatch):
    monkeypatch.setattr(bulk, "CHUNK", dict.fromkeys(bulk.CHUNK, 2))
    community = make.community("lantern", owner=make.person(name="Ada"))
    for n in range(5):
        memberships.add(
            community=community, at=make.EARLY, by=make.SITE, name=f"M{n}", tags=["old"] if n else ["vip"]
        )
    return community


def members(community):
    return Membership.objects.of(community.pk)


def begin(community, kind, by=make.SITE, of=None, **options):
    return bulk.begin(
        community=community,
        kind=kind,
        options=options,
        members=members(community) if of is None else of,
        asked={"all": []},
        at=make.EARLY,
        by=by,
    )


def carried_out(act):
    return bulk.carry_out(bulk_id=act.pk, now=clock)


def counts(act):
    return act.state, act.changed, act.unchanged, act.refused


def tags(community):
    return list(members(community).order_by("pk").values_list("tags", flat=True))


def tiers(community):
    return list(members(community).order_by("pk").values_list("tier__key", flat=True))


def test_a_tag_is_given_where_it_is_not_and_each_member_s_entry_says_so(community):
    act = carried_out(begin(community, "tag", tag="vip"))
    assert counts(act) == ("done", 5, 1, 0)
    assert tags(community) == [["vip"], ["vip"], *[["old", "vip"]] * 4]
    entries = AuditEntry.objects.filter(action="member.changed").order_by("id")
    assert [(entry.object_id, entry.before, entry.after) for entry in entries][1:3] == [
        ("3", {"tags": ["old"]}, {"tags": ["old", "vip"]}),
        ("4", {"tags": ["old"]}, {"tags": ["old", "vip"]}),
    ]
    done = AuditEntry.objects.get(action="bulk.finished")
    assert done.after == {"changed": 5, "unchanged": 1, "refused": 0}


def test_a_tag_is_taken_away(community):
    act = carried_out(begin(community, "untag", tag="old"))
    assert counts(act) == ("done", 4, 2, 0)
    assert tags(community) == [[], ["vip"], [], [], [], []]


def test_undo_takes_it_from_those_it_was_given_and_whom_nobody_changed_since(community):
    act = carried_out(begin(community, "tag", tag="vip"))
    again, other = members(community).get(name="M2"), members(community).get(name="M3")
    for given in (["old"], ["old", "vip"]):
        memberships.update(membership=again, at=LATER, by=make.SITE, tags=given)
    memberships.update(membership=other, at=LATER, by=make.SITE, tags=["old", "vip", "new"], city="Lyon")
    back = carried_out(bulk.undo(act=act, at=LATER, by=make.SITE))
    assert counts(back) == ("done", 4, 0, 1)
    assert tags(community) == [[], ["vip"], ["old"], ["old", "vip"], ["old", "new"], ["old"]]
    assert [(one.name, one.code) for one in read.refused(back)] == [("M2", "changed_since")]
    for again_undone in (act, back):
        with pytest.raises(Refused):
            bulk.undo(act=again_undone, at=LATER, by=make.SITE)


def test_a_tier_keeps_its_history_and_is_taken_back_to_each_one_s_own(community):
    user, other = Tier.objects.of(community.pk)[:2]
    members(community).filter(name="M0").update(tier=None)
    act = carried_out(begin(community, "tier", tier=other.key, reason="A gift"))
    assert counts(act) == ("done", 6, 0, 0)
    assert set(tiers(community)) == {other.key}
    notes = MembershipChange.objects.filter(kind="tier").order_by("id")
    assert [(note.before, note.after, note.reason) for note in notes][:2] == [
        (user.key, other.key, "A gift"),
        ("", other.key, "A gift"),
    ]
    assert AuditEntry.objects.filter(action="member.tier_changed").count() == 6
    moved = members(community).get(name="M4")
    memberships.change_tier(membership=moved, tier=user, at=LATER, by=make.SITE)
    memberships.change_tier(membership=moved, tier=other, at=LATER, by=make.SITE)
    back = carried_out(bulk.undo(act=act, at=LATER, by=make.SITE))
    assert counts(back) == ("done", 5, 0, 1)
    assert tiers(community) == [user.key, None, user.key, user.key, user.key, other.key]


def test_a_tier_takes_as_many_as_it_has_places(community):
    small = Tier.objects.create(community=community, key="small", name="Small", rank=90, capacity=3)
    memberships.change_tier(membership=members(community).get(name="M4"), tier=small, at=LATER, by=make.SITE)
    act = carried_out(begin(community, "tier", tier="small"))
    assert counts(act) == ("done", 2, 1, 3)
    assert [(one.name, one.words) for one in read.refused(act)] == [
        (name, "The tier is full.") for name in ("M1", "M2", "M3")
    ]
    assert small.memberships.count() == 3


def test_an_act_upon_memberships_tells_whom_it_does_not_fit(community):
    manager = make.member(community, role=Role.MANAGER, name="Max")
    act = begin(community, "status", Actor.person(manager.user, manager), act="remove", reason="Spam")
    act = carried_out(act)
    assert counts(act) == ("done", 5, 0, 2)
    assert [(one.name, one.code) for one in read.refused(act)] == [
        ("Ada", "owners_only"),
        ("Max", "yourself"),
    ]
    assert members(community).filter(status="removed").count() == 5
    with pytest.raises(Refused):
        bulk.undo(act=act, at=LATER, by=make.SITE)


def test_an_act_that_was_cut_off_goes_on_where_it_stopped(community, monkeypatch):
    act = begin(community, "tag", tag="new")
    done, real = [], bulk.bulk_changes.tag

    def dies_in_the_second_piece(**piece):
        outcome = real(**piece)
        done.append(piece["members"])
        if len(done) == 2:
            raise KeyboardInterrupt
        return outcome

    monkeypatch.setattr(bulk.bulk_changes, "tag", dies_in_the_second_piece)
    with pytest.raises(KeyboardInterrupt):
        carried_out(act)
    act.refresh_from_db()
    assert (act.state, act.done, act.changed) == ("running", 2, 2)
    assert members(community).filter(tags__contains=["new"]).count() == 2
    assert bulk.sweep(at=LATER + timedelta(minutes=1)) == 0
    assert bulk.sweep(at=LATER + timedelta(minutes=3)) == 1
    assert counts(carried_out(act)) == ("done", 6, 0, 0)
    assert done[1] == done[2]
    assert AuditEntry.objects.filter(action="member.changed").count() == 6
    assert counts(carried_out(act)) == ("done", 6, 0, 0)


def test_an_act_that_never_gets_on_is_given_up(community, monkeypatch):
    act = begin(community, "tag", tag="new")

    def breaks(**_piece):
        raise RuntimeError

    monkeypatch.setattr(bulk.bulk_changes, "tag", breaks)
    for _attempt in range(bulk.ATTEMPTS):
        with pytest.raises(RuntimeError):
            carried_out(act)
    act = carried_out(act)
    assert (act.state, act.failure, act.done) == ("failed", "attempts", 0)
    assert AuditEntry.objects.filter(action="bulk.failed").count() == 1


def test_who_lost_the_right_meanwhile_changes_nobody(community):
    manager = make.member(community, role=Role.MANAGER)
    act = begin(community, "tag", Actor.person(manager.user, manager), tag="new")
    Membership.objects.filter(pk=manager.pk).update(role=Role.MEMBER)
    act = carried_out(act)
    assert (act.state, act.failure, act.done) == ("failed", "no_longer_allowed", 0)
    assert members(community).filter(tags__contains=["new"]).count() == 0


@pytest.mark.parametrize(
    ("kind", "options", "code"),
    [
        ("tag", {"tag": " "}, "tag"),
        ("tag", {"tag": "a, b"}, "tag"),
        ("tag", {"tag": "x" * 81}, "tag"),
        ("tier", {"tier": "nonsense"}, "unknown"),
        ("status", {"act": "apply"}, "unknown"),
        ("status", {"act": "ban"}, "required"),
        ("nonsense", {}, "unknown"),
    ],
)
def test_what_is_refused_begins_nothing(community, kind, options, code):
    with pytest.raises(Refused) as refusal:
        begin(community, kind, **options)
    assert refusal.value.code == code
    assert BulkAct.objects.count() == 0


def test_nobody_and_who_may_not(community):
    with pytest.raises(Refused) as refusal:
        begin(community, "tag", tag="x", of=members(community).none())
    assert refusal.value.code == "nobody"
    moderator = make.member(community, role=Role.MODERATOR)
    by = Actor.person(moderator.user, moderator)
    with pytest.raises(Refused):
        begin(community, "tag", by, tag="x")
    assert begin(community, "status", by, act="restrict", reason="Spam").total == 7


@pytest.mark.django_db(transaction=True)
def test_two_acts_an_edit_and_two_workers_at_once_lose_nothing(community):
    owner = members(community).get(role=Role.OWNER)
    manager = make.member(community, role=Role.MANAGER)
    first = begin(community, "tag", Actor.person(owner.user, owner), tag="a")
    second = begin(community, "tag", Actor.person(manager.user, manager), tag="b")
    edited = members(community).get(name="M2")
    together(
        lambda: carried_out(first),
        lambda: carried_out(first),
        lambda: carried_out(second),
        lambda: memberships.update(membership=edited, at=LATER, by=make.SITE, city="Lyon"),
    )
    for act in (first, second):
        act = carried_out(act)
        assert counts(act) == ("done", 7, 0, 0)
    assert members(community).filter(tags__contains=["a", "b"]).count() == 7
    edited.refresh_from_db()
    assert edited.city == "Lyon"
    assert AuditEntry.objects.filter(action="member.changed").count() == 15
