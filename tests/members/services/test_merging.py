"""Two records of one person become one member, and two again."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from communities.models import Circle, CircleMembership
from communities.services import circle_hosts, circles, joining
from kernel.errors import Refused
from members.actors import Actor
from members.models import (
    AuditEntry,
    ErasureRequest,
    Invitation,
    Membership,
    Merge,
    Note,
    OptOut,
    TwoPeople,
)
from members.roles import Role
from members.selectors import directory, forest
from members.selectors import merged as records
from members.services import (
    erasure,
    invitations,
    inviters,
    memberships,
    merging,
    notes,
    person_export,
    standing,
)
from tests import make

pytestmark = pytest.mark.django_db
LATER = make.EARLY + timedelta(days=30)
DAY = timedelta(days=1)
FIELDS = [field.attname for field in Membership._meta.concrete_fields]


@pytest.fixture
def place():
    return make.community("lantern")


@pytest.fixture
def kept(place):
    return make.member(place, name="Li Lei", email="lilei@example.org", at=make.EARLY + 5 * DAY)


@pytest.fixture
def record(place):
    return memberships.add(
        community=place,
        at=LATER,
        by=make.SITE,
        joined_at=make.EARLY + DAY,
        external_id="u-7",
        name="Li, Lei",
        city="杭州",
        interests=["tea"],
        tags=["old"],
        custom={"size": "M"},
    )


def everything(place):
    """Every row that a merge may touch, as it stands."""
    return {
        "members": list(Membership.objects.records_of(place.pk).order_by("pk").values_list(*FIELDS)),
        "circles": list(CircleMembership.objects.order_by("pk").values_list()),
        "notes": list(Note.objects.order_by("pk").values_list()),
        "outs": list(OptOut.objects.order_by("pk").values_list()),
    }


def lived_in(place, kept, record):
    """What both have by the way: circles, one of them shared, notes, an invitee, letters switched off."""
    first, second = list(Circle.objects.of(place.pk)[:2])
    for circle, member in ((first, kept), (first, record), (second, record)):
        circles.put_in(circle=circle, membership=member, at=LATER, by=make.SITE)
    for circle in (first, second):
        circle_hosts.appoint(circle=circle, membership=record, at=LATER, by=make.SITE)
    notes.write(membership=record, text="Called twice", at=LATER, by=make.SITE)
    OptOut.objects.create(community=place, membership=record, channel="mail", kind="digest", at=LATER)
    brought = make.member(place, at=LATER)
    inviters.correct(membership=brought, inviter=record, reason="told", at=LATER, by=make.SITE)
    return first, second, brought


def test_a_record_becomes_the_member_and_all_of_it_is_undone(place, kept, record):
    memberships.update(membership=kept, tags=["new"], custom={"team": "red"}, at=LATER, by=make.SITE)
    kept.refresh_from_db()
    first, second, brought = lived_in(place, kept, record)
    before = everything(place)

    done = merging.merge(kept=kept, merged=record, at=LATER, by=make.SITE, choices={"name": "merged"})

    kept.refresh_from_db()
    brought.refresh_from_db()
    assert (kept.name, kept.city, kept.tags, kept.interests) == ("Li, Lei", "杭州", ["new", "old"], ["tea"])
    assert kept.custom == {"team": "red", "size": "M"}
    assert kept.joined_at == make.EARLY + DAY
    assert brought.invited_by_id == kept.pk
    assert set(kept.circle_memberships.values_list("circle", flat=True)) == {first.pk, second.pk}
    assert kept.circle_memberships.filter(is_host=True).count() == 2
    assert [note.text for note in kept.notes.all()] == ["Called twice"]
    assert kept.opt_outs.filter(kind="digest").exists()
    record.refresh_from_db()
    assert record.merged_into_id == kept.pk and not record.is_admitted and not record.may("members.view")
    assert not record.circle_memberships.exists()
    which = {"merge": str(done.pk)}
    both = {"interests": ["tea"], "tags": ["new", "old"]}
    about = AuditEntry.objects.filter(action="member.merged").order_by("object_id")
    assert [(entry.object_id, entry.after) for entry in about] == [
        (str(kept.number), {"other": record.number, "name": "Li, Lei", "city": "杭州"} | both | which),
        (str(record.number), {"into": kept.number} | which),
    ]

    merging.undo(merge=done, at=LATER + 29 * DAY, by=make.SITE)
    assert everything(place) == before
    done.refresh_from_db()
    assert done.undone_at == LATER + 29 * DAY
    with pytest.raises(Refused, match="undone"):
        merging.undo(merge=done, at=LATER, by=make.SITE)


def test_a_merged_record_is_on_no_list(place, kept, record):
    Membership.objects.filter(pk=record.pk).update(user=make.person())
    record.refresh_from_db()
    merging.hold_both(kept, record)
    merging.carry_out(kept=kept, merged=record, choices={}, at=LATER, by=make.SITE)
    here = {place.founded_by_id, kept.user_id}
    assert set(Membership.objects.of(place.pk).values_list("user", flat=True)) == here
    assert list(directory.matching(community=place, wanted=directory.Wanted(text="Li, Lei"))) == []
    assert forest.search(place, "Li, Lei", most=5) == []
    assert records.of_number(place.pk, record.number) == kept
    assert records.numbers(place.pk) == {record.number: kept.number}
    with pytest.raises(Refused) as refused:
        joining.join(community=place, user=record.user, answers={}, at=LATER, by=make.SITE)
    assert refused.value.code == "merged"
    for refuse in (
        lambda: standing.act("leave", membership=record, at=LATER, by=make.SITE),
        lambda: memberships.update(membership=record, city="Rome", at=LATER, by=make.SITE),
        lambda: notes.write(membership=record, text="No", at=LATER, by=make.SITE),
    ):
        with pytest.raises(Refused) as refused:
            refuse()
        assert refused.value.code == "merged"


def test_what_was_changed_since_stays_when_a_merge_is_undone(place, kept, record):
    first, second, brought = lived_in(place, kept, record)
    done = merging.merge(kept=kept, merged=record, at=LATER, by=make.SITE)
    kept.refresh_from_db()
    memberships.update(membership=kept, city="Lyon", tags=["old", "mine"], at=LATER, by=make.SITE)
    circles.leave(circle=second, membership=kept)
    inviters.correct(membership=brought, inviter=None, reason="nobody", at=LATER, by=make.SITE)
    merging.undo(merge=done, at=LATER, by=make.SITE)
    for one in (kept, record, brought):
        one.refresh_from_db()
    assert (kept.city, kept.tags, kept.interests) == ("Lyon", ["mine"], [])
    assert (record.city, record.tags) == ("杭州", ["old"])
    assert list(record.circle_memberships.values_list("circle", flat=True)) == [first.pk]
    assert brought.invited_by is None


def test_who_is_not_to_be_merged(place, kept, record):
    other = make.member(place)
    gone = memberships.add(community=place, at=LATER, by=make.SITE, name="Gone")
    standing.act("leave", membership=gone, at=LATER, by=make.SITE)
    banned = memberships.add(community=place, at=LATER, by=make.SITE, name="Banned")
    standing.act("ban", membership=banned, at=LATER, by=make.SITE, reason="spam")
    asked = memberships.add(community=place, at=LATER, by=make.SITE, name="Asked")
    ErasureRequest.objects.create(user=other.user, membership=asked, asked_at=LATER, due_at=LATER)
    erased = memberships.add(community=place, at=LATER, by=make.SITE, name="Erased")
    erasure.erase(membership=erased, at=LATER, by=make.SITE)
    applied = make.member(place)
    Membership.objects.filter(pk=applied.pk).update(status="applied")
    before = everything(place)
    for into, one, code in (
        (kept, kept, "same"),
        (kept, other, "both_sign_in"),
        (record, kept, "keep_the_other"),
        (gone, record, "keep_the_other"),
        (kept, banned, "discipline"),
        (kept, asked, "erasing"),
        (kept, erased, "erased"),
        (applied, record, "not_joined"),
        (kept, Membership.objects.get(user=place.founded_by), "last_owner"),
    ):
        with pytest.raises(Refused) as refused:
            merging.merge(kept=into, merged=one, at=LATER, by=make.SITE)
        assert refused.value.code == code
    with pytest.raises(Refused, match="no such choice"):
        merging.merge(kept=kept, merged=record, at=LATER, by=make.SITE, choices={"role": "merged"})
    host = make.member(place, role=Role.HOST)
    by = Actor.person(host.user, host)
    for refuse in (
        lambda: merging.merge(kept=kept, merged=record, at=LATER, by=by),
        lambda: merging.keep_apart(one=kept, other=record, at=LATER, by=by),
    ):
        with pytest.raises(Refused) as refused:
            refuse()
        assert refused.value.code == "no_longer_allowed"
    assert everything(place)["members"][: len(before["members"])] == before["members"]
    assert not Merge.objects.exists()


def test_inviters_never_go_round_in_a_circle(place, kept, record):
    between = make.member(place)
    inviters.correct(membership=between, inviter=record, reason="told", at=LATER, by=make.SITE)
    inviters.correct(membership=kept, inviter=between, reason="told", at=LATER, by=make.SITE)
    with pytest.raises(Refused) as refused:
        merging.merge(kept=kept, merged=record, at=LATER, by=make.SITE, choices={"inviter": "kept"})
    assert refused.value.code == "loop"
    record.refresh_from_db()
    assert record.merged_into is None
    # The record joined first: who invited them is what it says, and so there is no loop.
    merging.merge(kept=kept, merged=record, at=LATER, by=make.SITE)
    kept.refresh_from_db()
    between.refresh_from_db()
    assert (kept.invited_by, between.invited_by) == (None, kept)


def test_who_brought_themselves_was_invited_by_nobody(place, kept, record):
    inviters.correct(membership=record, inviter=kept, reason="told", at=LATER, by=make.SITE)
    done = merging.merge(kept=kept, merged=record, at=LATER, by=make.SITE)
    kept.refresh_from_db()
    assert kept.invited_by is None
    merging.undo(merge=done, at=LATER, by=make.SITE)
    record.refresh_from_db()
    assert record.invited_by == kept


def test_whoever_comes_by_a_merged_record_comes_by_who_is_kept(place, kept, record):
    link = Invitation.objects.create(
        community=place, kind="personal", code="abc", inviter=record, created_at=LATER
    )
    merging.merge(kept=kept, merged=record, at=LATER, by=make.SITE)
    came = make.person()
    link.refresh_from_db()
    assert invitations.attribute(user=came, invitation=link, at=LATER)
    claim = invitations.claimed(user=came, community=place, at=LATER)
    assert claim.invited_by == kept
    assert not invitations.attribute(user=kept.user, invitation=link, at=LATER)
    # Whoever still holds the old row in hand writes it: the database gives who is kept.
    late = memberships.enrol(community=place, user=came, at=LATER, by=make.SITE, invited_by=record)
    assert Membership.objects.get(pk=late.pk).invited_by_id == kept.pk


def test_merges_are_undone_in_turn_and_in_time(place, kept, record):
    second = memberships.add(
        community=place, at=LATER, by=make.SITE, joined_at=make.EARLY + 2 * DAY, name="Lei"
    )
    before = everything(place)
    one = merging.merge(kept=kept, merged=record, at=LATER, by=make.SITE)
    two = merging.merge(kept=kept, merged=second, at=LATER + DAY, by=make.SITE)
    assert records.merges(kept) == [two, one] and records.numbers_of(kept) == [record.number, second.number]
    for merge, at, code in ((one, LATER + DAY, "later_first"), (two, LATER + 31 * DAY, "too_late")):
        with pytest.raises(Refused) as refused:
            merging.undo(merge=merge, at=at, by=make.SITE)
        assert refused.value.code == code
    merging.undo(merge=two, at=LATER + DAY, by=make.SITE)
    merging.undo(merge=one, at=LATER + DAY, by=make.SITE)
    assert everything(place) == before


def test_the_database_refuses_what_the_service_would(place, kept, record):
    merging.merge(kept=kept, merged=record, at=LATER, by=make.SITE)
    other, elsewhere = make.member(place), make.member(make.community())
    for pk, into in (
        (other.pk, record.pk),
        (other.pk, elsewhere.pk),
        (kept.pk, record.pk),
        (other.pk, other.pk),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            Membership.objects.filter(pk=pk).update(merged_into=into)


def test_erasing_a_person_erases_their_records_and_what_a_merge_remembers(place, kept, record):
    lived_in(place, kept, record)
    done = merging.merge(kept=kept, merged=record, at=LATER, by=make.SITE)
    kept.refresh_from_db()
    person = person_export.of(kept.user)
    assert [each.number for each in person.places] == sorted([kept.number, record.number])
    erasure.erase(membership=kept, at=LATER, by=make.SITE)
    for one in (kept, record):
        one.refresh_from_db()
        assert one.erased_at == LATER and (one.name, one.email, one.city) == ("", "", "")
    done.refresh_from_db()
    assert (done.before, done.after, done.moved, done.undo_until) == ({}, {}, {}, None)
    assert records.numbers(place.pk) == {record.number: kept.number}
    with pytest.raises(Refused) as refused:
        merging.undo(merge=done, at=LATER, by=make.SITE)
    assert refused.value.code == "erased"


def test_that_two_are_two_is_noted_once(place, kept, record):
    merging.keep_apart(one=kept, other=record, at=LATER, by=make.SITE)
    merging.keep_apart(one=record, other=kept, at=LATER, by=make.SITE)
    assert list(TwoPeople.objects.values_list("first_id", "second_id")) == [(kept.pk, record.pk)]
    assert AuditEntry.objects.filter(action="member.kept_apart").count() == 1
