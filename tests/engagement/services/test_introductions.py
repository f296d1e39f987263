"""Two members are brought together: only those who may be, both told in their language, once, and looked at afterwards."""

from datetime import timedelta

import pytest

from communities.models import Block
from communities.services import measures, messages
from engagement.models import Introduction
from engagement.selectors import introductions as seen
from engagement.selectors import loading
from engagement.services import introductions, refresh
from kernel.activity import Activity, publish
from kernel.clock import now
from kernel.errors import Refused
from members.actors import Actor
from members.models import AuditEntry, Membership, Message, Notification
from members.roles import Role
from members.services import merging, profiles, standing
from tests import make

pytestmark = pytest.mark.django_db


@pytest.fixture
def place():
    return make.community("lantern", owner=make.person(name="Ada"))


@pytest.fixture
def by(place):
    owner = Membership.objects.get(community=place, number=1)
    return Actor.person(owner.user, owner)


def person(place, name, language="", **profile):
    member = make.member(place, name=name)
    member.user.language = language
    member.user.save(update_fields=["language"])
    return profiles.present(membership=member, at=make.EARLY, **profile) if profile else member


def refused(code, act=introductions.introduce, **given):
    with pytest.raises(Refused) as refusal:
        act(at=now(), **given)
    assert refusal.value.code == code


def act_of(member, target, at, place, key):
    publish(
        Activity(community_id=place.pk, member=member.number, verb="commented", at=at, target=target.number, dedupe=key)
    )  # fmt: skip


def test_both_are_told_in_their_own_language_with_what_both_show(place, by):
    bob = person(place, "Bob", interests=["Tea", "Go"], shown=["interests"], city="Oslo")
    lin = person(place, "林", "zh-hans", interests=["tea", "go"], shown=["interests", "city"], city="Oslo")
    row = introductions.introduce(one=lin, other=bob, at=now(), by=by)
    assert (row.low, row.high, row.state, row.by) == (bob.number, lin.number, "made", 1)
    assert row.why == {"shared_neighbours": 0, "shared_interests": 2, "same_city": False}
    english, chinese = (Message.objects.get(membership=one, kind="introduction.made") for one in (bob, lin))
    assert english.subject == "Ada would like you to meet 林"
    assert "You both like: Tea, Go." in english.text and "Oslo" not in english.text
    assert f"/c/lantern/messages/with/{lin.number}/" in english.text
    assert (chinese.language, "你们都喜欢：tea、go" in chinese.text) == ("zh-hans", True)
    told = Notification.objects.filter(kind="introduction.made")
    assert sorted(told.values_list("membership__number", flat=True)) == [bob.number, lin.number]
    entry = AuditEntry.objects.get(action="introduction.made")
    assert (entry.object_id, entry.values.after) == (str(row.key), {"low": bob.number, "high": lin.number})


def test_who_closed_themselves_in_any_way_is_introduced_to_nobody(place, by):
    bob = person(place, "Bob")
    people = {
        name: person(place, name)
        for name in ("Blocks", "Nobody", "Circles", "Hidden", "Quiet", "Muted", "Gone")
    }
    Block.objects.create(by=people["Blocks"], whom=bob, at=make.EARLY)
    messages.wish(member=people["Nobody"], who="nobody")
    messages.wish(member=people["Circles"], who="circles")
    people["Hidden"] = profiles.present(membership=people["Hidden"], at=now(), listed=False)
    standing.act("restrict", membership=people["Quiet"], at=now(), by=by, reason="Spam")
    measures.mute(membership=people["Muted"], hours=5, reason="Loud", at=now(), by=by)
    standing.act("leave", membership=people["Gone"], at=now(), by=make.SITE)
    for name, other in people.items():
        refused("closed", one=bob, other=Membership.objects.get(pk=other.pk), by=by), name
    refused("same", one=bob, other=bob, by=by)
    assert (Introduction.objects.count(), Message.objects.filter(kind="introduction.made").count()) == (0, 0)
    # A mute ends by itself.
    later = now() + timedelta(hours=6)
    assert introductions.introduce(one=bob, other=people["Muted"], at=later, by=by).state == "made"


def test_nobody_but_who_may_does_it(place):
    bob, cleo = person(place, "Bob"), person(place, "Cleo")
    for role in (Role.MEMBER, Role.TREASURER):
        member = make.member(place, role=role)
        for act in (introductions.introduce, introductions.set_aside):
            with pytest.raises(Refused):
                act(one=bob, other=cleo, at=now(), by=Actor.person(member.user, member))
    assert Introduction.objects.count() == 0


def test_once_and_not_who_is_in_touch(place, by):
    bob, cleo, dan = person(place, "Bob"), person(place, "Cleo"), person(place, "Dan")
    introductions.introduce(one=bob, other=cleo, at=now(), by=by)
    refused("already", one=cleo, other=bob, by=by)
    refused("already", introductions.set_aside, one=cleo, other=bob, by=by)
    act_of(dan, bob, now() - timedelta(days=3), place, "a")
    refused("in_touch", one=bob, other=dan, by=by)
    assert Message.objects.filter(kind="introduction.made").count() == 2


def test_set_aside_they_are_proposed_no_more_until_somebody_takes_it_up(place, by):
    bob, cleo = person(place, "Bob"), person(place, "Cleo")
    row = introductions.set_aside(one=cleo, other=bob, at=now(), by=by)
    assert introductions.set_aside(one=bob, other=cleo, at=now(), by=by) == row
    assert Message.objects.filter(kind="introduction.made").count() == 0
    one, other = loading.Stored(place.pk).belonging.apart
    assert (one.tolist(), other.tolist()) == ([bob.number], [cleo.number])
    introductions.take_up(row=row, at=now(), by=by)
    assert loading.Stored(place.pk).belonging.apart[0].tolist() == []
    actions = AuditEntry.objects.filter(object_kind="introduction").order_by("id")
    assert list(actions.values_list("action", flat=True)) == [
        "introduction.set_aside",
        "introduction.taken_up_again",
    ]
    made = introductions.introduce(one=bob, other=cleo, at=now(), by=by)
    refused("already", introductions.take_up, row=made, by=by)


def test_a_pair_that_was_set_aside_can_be_introduced_after_all(place, by):
    bob, cleo = person(place, "Bob"), person(place, "Cleo")
    introductions.set_aside(one=cleo, other=bob, at=now() - timedelta(days=3), by=by)
    row = introductions.introduce(one=bob, other=cleo, at=now(), by=by)
    assert (Introduction.objects.get(), Introduction.objects.get().state) == (row, "made")


def test_what_followed_is_seen_within_28_days_whoever_began(place, by):
    people = {name: person(place, name) for name in ("Bob", "Cleo", "Dan", "Eve", "Fay")}
    bob, cleo, dan, eve, fay = people.values()
    then = now() - timedelta(days=40)
    for other in (cleo, dan, eve, fay):
        introductions.introduce(one=bob, other=other, at=then, by=by)
    act_of(cleo, bob, then + timedelta(days=5), place, "c")
    act_of(bob, dan, then + timedelta(days=32), place, "d")
    act_of(bob, eve, then - timedelta(days=100), place, "e")
    act_of(fay, bob, then + timedelta(days=3), place, "f")
    Membership.objects.filter(pk=fay.pk).update(user=None)
    fay.refresh_from_db()
    kept = merging.merge(kept=make.member(place, name="Fay too"), merged=fay, at=now(), by=by).kept
    refresh.refresh(community_id=place.pk, at=now())
    assert introductions.look_back(community=place) == 2
    assert introductions.look_back(community=place) == 0
    told = {str(one.other): one.followed for one in seen.with_people(place, list(seen.rows(place)), at=now())}
    assert told == {
        "Cleo": "In touch, 5 days later.", "Dan": "Not in touch within 28 days.",
        "Eve": "Not in touch within 28 days.", str(kept): "In touch, 3 days later.",
    }  # fmt: skip
    assert seen.outcome(place) == (4, 2)
