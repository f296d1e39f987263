"""What is decided of an application: once, by who may, and told in the community's words."""

from datetime import timedelta

import pytest

from communities.models import Application, Community, Reference
from communities.services import applications, joining, letters, references
from kernel.errors import Refused
from members.actors import Actor
from members.models import AuditEntry, Membership, Message
from members.roles import Role
from members.services import standing
from tests import make
from tests.make import EARLY, SITE

pytestmark = pytest.mark.django_db

LATER = EARLY + timedelta(days=1)


@pytest.fixture
def community():
    made = make.community()
    Community.objects.update(join_policy="application", references_asked=3)
    made.join_questions.all().delete()
    return Community.objects.get(pk=made.pk)


def apply(community, at=EARLY, **more):
    person = make.person(name="Noor")
    member = joining.join(community=community, user=person, answers={}, at=at, by=SITE, **more)
    return Application.objects.get(membership=member)


def decide(application, decision, at=LATER, by=SITE, **more):
    return applications.decide(application=application, decision=decision, at=at, by=by, **more)


def refused(act):
    with pytest.raises(Refused) as refusal:
        act()
    return refusal.value.code


def leave_places(community, many):
    tier = community.tiers.get(is_default=True)
    tier.capacity = tier.memberships.filter(status="active").count() + many
    tier.save()
    return tier


def statuses(*found):
    return [Membership.objects.get(pk=one.membership_id).status for one in found]


def test_a_decision_is_kept_told_and_logged(community):
    keeper = Membership.objects.get()
    application = decide(apply(community), "reject", by=Actor.person(keeper.user, keeper), reason=" Full. ")
    assert (application.state, application.reason, application.decided_by, application.decided_at) == (
        "rejected",
        "Full.",
        keeper,
        LATER,
    )
    assert application.message == (
        "Dear Noor,\n\nthank you for applying to Lantern. We cannot take you in this time. Full."
    )
    letter = Message.objects.get(kind="application.decided")
    assert "We cannot take you in this time. Full." in letter.text
    entry = AuditEntry.objects.get(action="member.reject")
    assert entry.after == {"status": "rejected", "reason": "Full."}


def test_an_approval_for_a_full_tier_puts_in_line(community):
    first, second, third = (apply(community, at=EARLY + timedelta(hours=n)) for n in range(3))
    tier = leave_places(community, 1)
    assert [decide(one, "approve").decision for one in (first, second)] == ["approve", "wait"]
    assert refused(lambda: decide(second, "approve")) == "full"
    tier.capacity += 1
    tier.save()
    # The place is the second one's, who was first in line.
    assert decide(third, "approve").decision == "wait"
    assert decide(second, "approve").decision == "approve"
    assert statuses(first, second, third) == ["active", "active", "waiting"]


def test_where_places_are_free_nobody_is_put_in_line(community):
    application = apply(community)
    leave_places(community, 1)
    assert refused(lambda: decide(application, "wait")) == "places_free"
    leave_places(community, 0)
    assert decide(application, "wait").state == "waiting"
    assert refused(lambda: decide(application, "wait")) == "decided"


def test_a_place_that_frees_is_offered_to_the_first_in_line(community):
    leave_places(community, 0)
    first = decide(apply(community), "approve")
    second = decide(apply(community), "approve", at=LATER + timedelta(hours=1))
    assert applications.offer_places(at=LATER) == 0
    leave_places(community, 1)
    assert applications.offer_places(at=LATER) == 1
    first.refresh_from_db()
    assert (first.state, first.decision, first.offered_at) == ("approved", "offer", LATER)
    assert "it is kept for you for a week" in first.message
    assert statuses(first, second) == ["approved", "waiting"]
    # The offer holds the place: nobody else comes in by it.
    assert applications.offer_places(at=LATER) == 0
    assert decide(apply(community), "approve").decision == "wait"


def test_a_tier_that_holds_any_number_keeps_nobody_waiting(community):
    tier = leave_places(community, 0)
    waiting = [decide(apply(community), "approve") for _n in range(2)]
    tier.capacity = None
    tier.save()
    assert applications.offer_places(at=LATER) == 2
    assert statuses(*waiting) == ["approved", "approved"]
    assert refused(lambda: decide(apply(community), "wait")) == "places_free"


@pytest.mark.parametrize(("role", "code"), [(Role.MODERATOR, "no_longer_allowed"), (Role.MANAGER, None)])
def test_who_may_decide(community, role, code):
    application = apply(community)
    member = make.member(community, role=role)
    by = Actor.person(member.user, member)
    if code:
        assert refused(lambda: decide(application, "approve", by=by)) == code
        assert statuses(application) == ["applied"]
    else:
        assert decide(application, "approve", by=by).state == "approved"


def test_what_was_decided_or_withdrawn_is_not_decided_again(community):
    application = apply(community)
    seen = application.made_at
    leave_places(community, 0)
    decide(application, "wait")
    leave_places(community, 1)
    assert refused(lambda: decide(application, "approve", seen=seen)) == "decided"
    assert decide(application, "approve", at=LATER + timedelta(hours=1), seen=LATER).state == "approved"
    other = apply(community)
    standing.act("withdraw", membership=other.membership, at=LATER, by=SITE)
    assert refused(lambda: decide(other, "approve")) == "withdrawn"


@pytest.mark.parametrize(
    ("act", "state"),
    [("approve", "approved"), ("reject", "rejected"), ("ban", "rejected"), ("wait", "waiting")],
)
def test_by_whichever_door_the_application_follows(community, act, state):
    application = apply(community)
    standing.act(act, membership=application.membership, at=LATER, by=SITE, reason="So.")
    application.refresh_from_db()
    assert application.state == state


def test_who_left_and_applies_again_keeps_what_was_before(community):
    first = decide(apply(community), "approve")
    member = Membership.objects.get(pk=first.membership_id)
    standing.act("leave", membership=member, at=LATER, by=SITE)
    leave_places(community, 0)
    joining.join(community=community, user=member.user, answers={}, at=LATER, by=SITE)
    second = Application.objects.exclude(pk=first.pk).get()
    decide(second, "approve")
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.state, second.state) == ("approved", "waiting")


def test_only_declared_placeholders_are_filled(community):
    text = "{name} {community} {reason} {0} {name.__class__} {secret}"
    filled = letters.fill(text, name="{reason}", community="L", reason="R")
    assert filled == "{reason} L R {0} {name.__class__} {secret}"
    for own in ("{secret}", "{name.x}", "{}"):
        assert refused(lambda own=own: letters.check(own)) == "unknown"


def test_every_decision_has_words_in_every_language(settings):
    for language, _name in settings.LANGUAGES:
        for decision in ("approve", "wait", "reject", "offer"):
            text = letters.own_words(decision, language)
            letters.check(text)
            assert "{name}" in text and "{community}" in text
            assert language == "en" or text != letters.own_words(decision, "en")


def test_a_word_is_asked_of_members_alone_and_said_once(community):
    friend = make.member(community, email="ada@example.org")
    gone = make.member(community, email="gone@example.org")
    standing.act("leave", membership=gone, at=EARLY, by=SITE)
    application = apply(community, named=["ada@example.org", "gone@example.org", "nobody@example.org"])
    reference = Reference.objects.get()
    assert (reference.member, application.named[2]) == (friend, "nobody@example.org")
    assert Message.objects.get(kind="application.reference").address == "ada@example.org"
    by = Actor.person(friend.user, friend)

    def say(by=by):
        return references.answer(reference=reference, vouches=True, words="Yes", at=LATER, by=by)

    assert refused(lambda: say(by=SITE)) == "not_yours"
    assert say().answered_at == LATER
    assert refused(say) == "answered"
