"""Invitations by e-mail and their bounds."""

from datetime import timedelta

import pytest

from communities.services import settings as community_settings
from engagement.models import Fact
from kernel.errors import Refused
from members.actors import Actor
from members.models import DeadAddress, Invitation, Membership, Message, OptOut
from members.roles import Role
from members.services import invitation_mail, invitations, standing
from tests import make
from tests.make import EARLY, SITE
from tests.security.races import together

NOW = EARLY + timedelta(days=60)


def member_of(community, **fields) -> Membership:
    membership = make.member(community, **fields)
    return Membership.objects.select_related("community", "user").get(pk=membership.pk)


@pytest.fixture
def bob(db):
    return member_of(make.community("lantern"), name="Bob")


def send(inviter, email="mei@example.org", *, at=NOW, **more) -> Invitation:
    return invitation_mail.send(
        community=inviter.community,
        inviter=inviter,
        email=email,
        at=at,
        by=Actor.person(inviter.user, inviter),
        **more,
    )


def refusal(inviter, email="mei@example.org", **more) -> tuple[str, str]:
    before = Invitation.objects.count(), Message.objects.count(), Fact.objects.count()
    with pytest.raises(Refused) as refused:
        send(inviter, email, **more)
    assert (Invitation.objects.count(), Message.objects.count(), Fact.objects.count()) == before
    return refused.value.code, refused.value.field


def test_a_letter_in_the_language_of_whom_it_goes_to(bob, settings):
    sent = send(bob, " Mei@Example.org ", language="zh-hans", note="我们周日见。\n小心台阶")
    letter = Message.objects.get(kind="invitation")
    assert (letter.address, letter.language, letter.state) == ("mei@example.org", "zh-hans", "queued")
    assert f"/i/{sent.code}" in letter.text and "我们周日见。\n小心台阶" in letter.text
    assert "Bob" in letter.subject
    assert (sent.limit, sent.expires_at) == (1, NOW + timedelta(days=30))


def test_the_language_of_an_account_goes_before_the_community_s(bob):
    person = make.person("mei@example.org")
    type(person).objects.filter(pk=person.pk).update(language="zh-hans")
    send(bob)
    assert Message.objects.get(kind="invitation").language == "zh-hans"
    send(bob, "ada@example.org")
    assert Message.objects.get(kind="invitation", address="ada@example.org").language == "en"


def test_it_is_a_fact_that_names_invitation_and_channel(bob):
    host = member_of(bob.community, role=Role.HOST)
    one, two = send(bob), send(host, "ada@example.org", campaign="spring/2")
    facts = Fact.objects.filter(verb="invited").order_by("member")
    assert [(f.member, f.target, f.object_kind, f.object_id, f.staff, f.occurred_at) for f in facts] == [
        (bob.number, None, "invitation", f"{one.pk}/email/", False, NOW),
        (host.number, None, "invitation", f"{two.pk}/email/spring/2", True, NOW),
    ]


def test_whoever_signs_up_with_the_address_is_found_without_opening_the_link(bob):
    sent = send(bob)
    person = make.person("Mei@example.org")
    claim = invitations.claimed(user=person, community=bob.community, at=NOW)
    assert (claim.invited_by, claim.channel, claim.invitation) == (bob, "email", sent)
    late = NOW + timedelta(days=31)
    assert invitations.claimed(user=person, community=bob.community, at=late) is None


def test_never_twice_to_one_address_in_thirty_days_whoever_sends(bob):
    send(bob)
    cleo = member_of(bob.community)
    assert refusal(cleo, "MEI@example.org", at=NOW + timedelta(days=29)) == ("not_now", "email")
    send(cleo, at=NOW + timedelta(days=30))
    other = member_of(make.community())
    send(other, at=NOW + timedelta(days=29))


def test_never_to_somebody_who_asked_for_no_mail_or_whose_address_is_dead(bob):
    common = {"community": bob.community, "at": EARLY}
    OptOut.objects.create(address="mei@example.org", kind="invitation", **common)
    DeadAddress.objects.create(community=bob.community, address="Ada@example.org", at=EARLY)
    assert refusal(bob) == ("not_now", "email")
    assert refusal(bob, "ada@example.org") == ("not_now", "email")


def test_members_are_not_told_whose_an_address_is(bob):
    known = member_of(bob.community, email="ada@example.org")
    host = member_of(bob.community, role=Role.HOST)
    send(bob)
    words = set()
    for email in ("ada@example.org", "mei@example.org"):
        with pytest.raises(Refused) as refused:
            send(bob, email)
        words.add(str(refused.value))
    assert len(words) == 1
    with pytest.raises(Refused, match="somebody who is here"):
        send(host, known.user.email)


def test_who_left_may_be_invited_again_and_who_was_banned_not(bob):
    gone, banned = member_of(bob.community), member_of(bob.community)
    standing.act("leave", membership=gone, at=EARLY, by=SITE)
    standing.act("ban", membership=banned, at=EARLY, by=SITE, reason="x")
    send(bob, gone.user.email)
    assert refusal(bob, banned.user.email) == ("not_now", "email")


@pytest.mark.parametrize("email", ["", "mei", "mei@", "a@b@c.org", "mei@example.org\nBcc: x@y.org"])
def test_what_is_no_address(bob, email):
    assert refusal(bob, email) == ("email", "email")


@pytest.mark.parametrize("note", ["see https://x.example", "www.x.example", "buy at cheap.top now"])
def test_a_member_s_note_holds_no_links(bob, note):
    assert refusal(bob, note=note) == ("link", "note")
    send(member_of(bob.community, role=Role.HOST), note=note)


def test_so_many_a_day_and_member(bob, monkeypatch):
    monkeypatch.setattr(invitation_mail, "A_DAY_BY_MEMBER", 2)
    for n in range(2):
        send(bob, f"p{n}@example.org", at=NOW + timedelta(hours=n))
    assert refusal(bob, at=NOW + timedelta(hours=23)) == ("too_many", "")
    assert invitation_mail.left_today(bob, at=NOW + timedelta(hours=24)) == 1
    send(bob, at=NOW + timedelta(hours=24))
    host = member_of(bob.community, role=Role.HOST)
    for n in range(3):
        send(host, f"h{n}@example.org", at=NOW)


def test_so_many_a_day_and_community(bob, monkeypatch):
    monkeypatch.setattr(invitation_mail, "A_DAY", 2)
    for n in range(2):
        send(member_of(bob.community), f"p{n}@example.org")
    assert refusal(bob) == ("too_many", "")


def test_only_where_members_may_and_campaigns_only_by_those_who_manage(bob):
    assert refusal(bob, campaign="spring") == ("no_longer_allowed", "")
    community_settings.update(community=bob.community, at=EARLY, by=SITE, members_invite=False)
    assert refusal(bob) == ("no_longer_allowed", "")


def test_several_at_once_each_by_itself(bob):
    outcomes = invitation_mail.send_all(
        community=bob.community,
        inviter=bob,
        emails=["mei@example.org", "", "mei@example.org ", "no", "ada@example.org"],
        at=NOW,
        by=Actor.person(bob.user, bob),
    )
    assert [(one.email, one.refusal and one.refusal.code) for one in outcomes] == [
        ("mei@example.org", None),
        ("no", "email"),
        ("ada@example.org", None),
    ]
    assert Message.objects.filter(kind="invitation").count() == 2


@pytest.mark.django_db(transaction=True)
def test_two_at_once_write_one_letter():
    community = make.community()
    senders = [member_of(community) for _n in range(3)]
    outcomes = together(*[lambda one=one: send(one).kind for one in senders])
    assert sorted(outcomes) == ["email", "not_now", "not_now"]
    assert Message.objects.filter(kind="invitation").count() == 1
