from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.core import mail as outbox
from django.core.files.uploadedfile import SimpleUploadedFile

from communities.models import Application, ApplicationFile, Circle, CircleMembership, KeptAnswer
from communities.services import api_keys
from engagement.models import Fact
from engagement.services import activities, refresh
from kernel.clock import now
from kernel.errors import Refused
from kernel.imports import Row
from kernel.metrics import metrics
from members.actors import Actor
from members.models import (
    AuditEntry,
    ErasureRequest,
    ImportRun,
    Invitation,
    Membership,
    MembershipChange,
    Message,
    Note,
)
from members.roles import Role, Status
from members.selectors import imports as runs
from members.services import delivery, erasure, imports, memberships, standing
from tests import api, make

pytestmark = pytest.mark.django_db
LATER = make.EARLY + timedelta(days=30)
SECRET = "Zanzibar"
FILE = b"member,joined_at,name,email,invited_by,city\n" + b"".join(
    f"u{n:02},2026-01-0{1 + n % 3},{SECRET if n == 7 else 'Name'},u{n}@example.org,{'u07' if n in (8, 9) else ''},\n".encode()
    for n in range(20)
)


@pytest.fixture
def place():
    return make.community("lantern")


def brought(place, content=FILE, at=LATER):
    file = SimpleUploadedFile("m.csv", content)
    run = imports.begin(
        community=place, kind="members", file=file, filename="m.csv", at=at, by=make.SITE, foreground=True
    )
    return imports.carry_out(run_id=run.id, now=lambda: at)


def by_id(place, own_id):
    return Membership.objects.get(community=place, external_id=own_id)


def everything(place, at=None):
    """All figures of the community, computed anew from the facts, without the names by which they call members."""
    refresh.refresh(community_id=place.pk, at=at or now(), full=True)
    program = api.Program(place)
    found = {metric.key: program.get(f"metrics/{metric.key}/").json().get("data") for metric in metrics}
    for row in found["score"]["members"]:
        row.pop("member")
    return found


def lively(place):
    acts = [
        {
            "member": f"u{n:02}", "target": f"u{(n * 7 + day) % 20:02}", "verb": "helped", "id": f"{n}-{day}",
            "occurred_at": (now() - timedelta(days=day * 5 + n % 4)).isoformat(),
        }
        for n in range(20)
        for day in range(1, 9)
        if (n + day) % 3
    ]  # fmt: skip
    rows = [Row(n, act) for n, act in enumerate(acts)]
    activities.take(community=place, rows=rows, at=now(), by=make.SITE)


def test_every_figure_is_equal_before_and_after(place, settings):
    settings.API_RATE_LIMITS = {"default": None, "bulk": None}
    brought(place)
    lively(place)
    member = by_id(place, "u07")
    standing.act("leave", membership=member, at=now() - timedelta(days=1), by=make.SITE)
    before = everything(place)
    facts = list(Fact.objects.of(place.pk).order_by("dedupe").values())
    assert before["network"] and len(facts) > 100
    erasure.erase(membership=member, at=now(), by=make.SITE)
    for other in ("u08", "u03", "u04"):
        # Their neighbours in the order of those who joined at the same instant.
        standing.act("leave", membership=by_id(place, other), at=now() - timedelta(days=1), by=make.SITE)
    again = everything(place)
    for other in ("u04", "u08", "u03"):
        erasure.erase(membership=by_id(place, other), at=now(), by=make.SITE)
    assert everything(place) == again
    assert {row["number"] for row in again["score"]["members"]} == {
        row["number"] for row in before["score"]["members"]
    }
    kept = [fact for fact in Fact.objects.of(place.pk).order_by("dedupe").values() if fact in facts]
    assert kept == facts


def test_one_erasure_alone_changes_no_figure(place, settings):
    settings.API_RATE_LIMITS = {"default": None, "bulk": None}
    brought(place)
    lively(place)
    member = by_id(place, "u07")
    standing.act("leave", membership=member, at=now() - timedelta(days=1), by=make.SITE)
    before = everything(place)
    erasure.erase(membership=member, at=now(), by=make.SITE)
    assert everything(place) == before


def test_what_is_left_is_a_bare_number(place):
    brought(place)
    member = by_id(place, "u07")
    owner = Membership.objects.get(community=place, role=Role.OWNER)
    by = Actor.person(owner.user, owner)
    memberships.update(membership=member, at=LATER, by=by, city=SECRET, custom={"shoe": SECRET})
    standing.act("pause", membership=member, at=LATER, by=by, reason=SECRET)
    Note.objects.create(membership=member, text=SECRET, by=owner, by_words=str(owner), at=LATER)
    Message.objects.create(
        community=place, membership=member, kind="x", address="u7@example.org", language="en", subject=SECRET,
        text=SECRET, created_at=LATER, next_at=LATER,
    )  # fmt: skip
    Invitation.objects.create(
        community=place,
        inviter=member,
        kind="email",
        code="c",
        email="z@example.org",
        note=SECRET,
        created_at=LATER,
    )
    application = Application.objects.create(
        community=place, membership=member, state="approved", answers=[{"answer": SECRET}], made_at=LATER
    )
    sent = SimpleUploadedFile("a.txt", SECRET.encode())
    ApplicationFile.objects.create(
        application=application, name=SECRET, media_type="text/plain", size=8, file=sent
    )
    circle = Circle.objects.of(place.pk).first()
    CircleMembership.objects.create(circle=circle, membership=member, joined_at=LATER)
    erasure.erase(membership=member, at=LATER, by=make.SITE)
    left = Membership.objects.get(pk=member.pk)
    assert (left.number, left.status, left.erased_at, str(left)) == (
        member.number,
        "left",
        LATER,
        f"#{left.number}",
    )
    assert (left.name, left.email, left.city, left.custom) == ("", "", "", {})
    assert left.external_id.startswith("erased:") and "u07" not in left.external_id
    assert not Note.objects.filter(membership=member).exists()
    assert not CircleMembership.objects.filter(membership=member).exists()
    assert not ApplicationFile.objects.exists()
    letter = Message.objects.get(membership=member, kind="x")
    assert (letter.address, letter.text, letter.state) == ("", "", "suppressed")
    assert traces(SECRET) == [] and traces("u7@example.org") == []
    entry = AuditEntry.objects.get(action="member.pause")
    assert (entry.before, entry.after) == ({"status": "active"}, {"status": "paused"})
    assert (entry.actor_words, entry.values.emptied_at) == (str(owner.user), LATER)


def traces(word):
    """Every table in which the word still stands, as the database writes its rows."""
    from django.db import connection

    found = []
    with connection.cursor() as cursor:
        # What importing told about rows is asked for separately: it is compressed, and goes with its file's report.
        for table in connection.introspection.table_names():
            cursor.execute(f'SELECT count(*) FROM "{table}" AS one WHERE one::text ILIKE %s', [f"%{word}%"])
            if cursor.fetchone()[0]:
                found.append(table)
    return found


def test_the_same_file_again_makes_nobody_twice(place):
    first = brought(place)
    assert first.counts["created"] == 20
    member = by_id(place, "u07")
    erasure.erase(membership=member, at=LATER, by=make.SITE)
    again = brought(place, at=LATER + timedelta(days=1))
    assert again.counts == {"created": 0, "updated": 0, "unchanged": 19, "rejected": 1}
    assert again.problems[0]["code"] == "erased"
    assert Membership.objects.of(place.pk).filter(name=SECRET).count() == 0
    assert by_id(place, "u08").invited_by_id == member.pk
    with pytest.raises(Refused) as refusal:
        memberships.add(community=place, at=LATER, by=make.SITE, external_id="u07", name=SECRET)
    assert refusal.value.code == "erased"


def test_a_ban_outlives_erasure(place):
    member = make.member(place, email="ban@example.org")
    standing.act("ban", membership=member, at=LATER, by=make.SITE, reason="Spam")
    erasure.erase(membership=member, at=LATER, by=make.SITE)
    assert Membership.objects.get(pk=member.pk).status == Status.BANNED
    assert traces("ban@example.org") == ["account_emailaddress", "members_user"]
    for address in ("", "b.a.n+new@example.org"):
        person = member.user if not address else make.person(email=address.replace("b.a.n", "ban"))
        with pytest.raises(Refused) as refusal:
            memberships.enrol(community=place, user=person, at=LATER, by=make.SITE)
        assert refusal.value.code == "ended"


def test_a_wish_waits_three_days_and_can_be_withdrawn(place):
    member = make.member(place, name="Ada Byron")
    by = Actor.person(member.user, member)
    with pytest.raises(Refused) as refusal:
        erasure.ask(user=member.user, membership=None, typed="Ada", at=LATER, by=by)
    assert (refusal.value.code, ErasureRequest.objects.count()) == ("typed", 0)
    request = erasure.ask(user=member.user, membership=None, typed="Ada Byron", at=LATER, by=by)
    assert request.due_at == LATER + timedelta(days=3)
    with pytest.raises(Refused) as refusal:
        erasure.ask(user=member.user, membership=None, typed="Ada Byron", at=LATER, by=by)
    assert refusal.value.code == "already_asked"
    assert erasure.carry_out_due(at=LATER + timedelta(days=2, hours=23)) == 0
    erasure.withdraw(request=request, at=LATER, by=by)
    assert erasure.carry_out_due(at=LATER + timedelta(days=9)) == 0
    assert Membership.objects.get(pk=member.pk).name == "Ada Byron"
    assert list(AuditEntry.objects.filter(action__startswith="member.erasure").values_list("action", flat=True)) == [
        "member.erasure_withdrawn", "member.erasure_asked",
    ]  # fmt: skip


def test_a_person_is_erased_everywhere_with_their_account(place):
    person = make.person(email="ada@example.org", name="Ada Byron")
    here = memberships.enrol(community=place, user=person, at=make.EARLY, by=make.SITE)
    there = memberships.enrol(community=make.community(), user=person, at=make.EARLY, by=make.SITE)
    browser = api.browser(person)
    assert browser.get("/me/").status_code == 200
    erasure.ask(user=person, membership=None, typed="Ada Byron", at=LATER, by=Actor.person(person))
    assert erasure.carry_out_due(at=LATER + timedelta(days=3)) == 1
    for member in (here, there):
        member.refresh_from_db()
        assert (member.status, member.user_id, member.name) == ("left", None, "")
    assert browser.get("/me/").status_code == 302
    assert not EmailAddress.objects.filter(user=person).exists()
    person.refresh_from_db()
    assert (person.is_active, person.has_usable_password(), person.name) == (False, False, "")
    # The last letter is on its way, and takes the address with it.
    assert traces("ada@example.org") == ["members_message"] and traces("Ada Byron") == []
    delivery.deliver_due(now=lambda: LATER + timedelta(days=3), budget=timedelta(minutes=1))
    assert traces("ada@example.org") == []
    last = outbox.outbox[-1]
    assert (last.to, last.subject) == (["ada@example.org"], "Your data has been erased")
    assert ErasureRequest.objects.get().state == "done"
    # The address is free again, for somebody new.
    assert make.person(email="ada@example.org").pk != person.pk


def test_keys_end_with_who_made_them(place):
    owner = Membership.objects.get(community=place, role=Role.OWNER)
    second = make.member(place, role=Role.OWNER)
    key, _secret = api_keys.mint(
        community=place, name="k", scopes=["read"], at=LATER, by=Actor.person(second.user, second)
    )
    erasure.erase(membership=second, at=LATER, by=make.SITE)
    key.refresh_from_db()
    assert key.revoked_at == LATER and owner.pk


def test_the_last_owner_is_refused_and_nothing_changes(place):
    owner = Membership.objects.get(community=place, role=Role.OWNER)
    before = Membership.objects.values().get(pk=owner.pk)
    with pytest.raises(Refused) as refusal:
        erasure.ask(user=owner.user, membership=None, typed=str(owner.user), at=LATER, by=make.SITE)
    assert (refusal.value.code, "make somebody else one first" in str(refusal.value)) == ("last_owner", True)
    for attempt in (
        lambda: erasure.erase(membership=owner, at=LATER, by=make.SITE),
        lambda: erasure.erase_person(user=owner.user, at=LATER),
    ):
        with pytest.raises(Refused) as refusal:
            attempt()
        assert refusal.value.code == "last_owner"
    assert Membership.objects.values().get(pk=owner.pk) == before


def test_who_became_the_last_owner_meanwhile_is_told_so(place):
    second = make.member(place, role=Role.OWNER, name="Grace")
    erasure.ask(user=second.user, membership=second, typed="Grace", at=LATER, by=make.SITE)
    first = Membership.objects.filter(community=place, role=Role.OWNER).exclude(pk=second.pk).get()
    standing.act("leave", membership=first, at=LATER, by=make.SITE)
    assert erasure.carry_out_due(at=LATER + timedelta(days=3)) == 0
    request = ErasureRequest.objects.get()
    assert (request.state, request.refusal) == ("refused", "last_owner")
    assert Membership.objects.get(pk=second.pk).erased_at is None


def test_staff_erase_a_record_nobody_claimed_and_say_why(place):
    brought(place)
    owner = Membership.objects.get(community=place, role=Role.OWNER)
    by, member = Actor.person(owner.user, owner), by_id(place, "u07")
    claimed = make.member(place)
    for subject, reason, code in ((member, " ", "required"), (claimed, "Asked by mail", "claimed")):
        with pytest.raises(Refused) as refusal:
            erasure.erase_unclaimed(membership=subject, reason=reason, at=LATER, by=by)
        assert refusal.value.code == code
    moderator = make.member(place, role=Role.MODERATOR)
    with pytest.raises(Refused) as refusal:
        erasure.erase_unclaimed(
            membership=member, reason="x", at=LATER, by=Actor.person(moderator.user, moderator)
        )
    assert refusal.value.code == "no_longer_allowed"
    erasure.erase_unclaimed(membership=member, reason="Asked by mail", at=LATER, by=by)
    entry = AuditEntry.objects.get(action="member.erased")
    assert (entry.after, entry.actor) == ({"reason": "Asked by mail"}, owner.user)
    assert Membership.objects.get(pk=member.pk).name == ""
    assert ImportRun.objects.count() == 1
    assert MembershipChange.objects.filter(membership=member).count() == 3


def test_who_is_erased_in_one_community_is_told_so_once(place):
    member = make.member(place, email="ada@example.org", name="Ada Byron")
    Message.objects.all().delete()
    at, by = LATER + timedelta(days=3), Actor.person(member.user, member)
    erasure.ask(user=member.user, membership=member, typed="Ada Byron", at=LATER, by=by)
    assert (erasure.carry_out_due(at=at), erasure.carry_out_due(at=at)) == (1, 0)
    delivery.deliver_due(now=lambda: at, budget=timedelta(minutes=1))
    subjects = ["You asked Lantern to erase you", "Lantern has erased your data"]
    assert [(letter.to, letter.subject) for letter in outbox.outbox] == [
        (["ada@example.org"], subject) for subject in subjects
    ]
    # Neither stands in the community's log, and the last one's row has no address.
    assert set(Message.objects.values_list("community", "kind", "address")) == {
        (None, "account.erasure_asked_here", "ada@example.org"),
        (None, "account.erased_here", ""),
    }


def test_what_the_api_answered_about_them_is_not_kept(place):
    program = api.Program(place)
    for name in ("Ada Byron", "Grace Hopper"):
        answer = program.post("members/", {"name": name}, **{"Idempotency-Key": name[:3]})
        assert answer.status_code == 201
    ada = Membership.objects.get(name="Ada Byron")
    erasure.erase(membership=ada, at=LATER, by=make.SITE)
    (kept,) = KeptAnswer.objects.values_list("body", flat=True)
    assert "Grace Hopper" in kept


def test_reports_of_imports_say_nothing_more_of_who_was_erased(place):
    good, header = FILE.decode(), "member,joined_at,name,email,invited_by,city\n"
    brought(place)
    run = brought(
        place,
        (
            header
            + "u07,never,,,,\n"  # their own id
            + f"u99,never,{SECRET},,,\n"  # their name
            + "u98,never,Somebody,Zz <U7@example.org>,,\n"  # their address
            + "u97,never,u07,u77@example.org,,u07\n"  # somebody else, whatever it looks like
            + "u96,2026-01-05,,,u07,\n"  # brought by them, and taken
        ).encode(),
    )
    assert run.counts == {"created": 1, "updated": 0, "unchanged": 0, "rejected": 4}
    erasure.erase(membership=by_id(place, "u07"), at=LATER, by=make.SITE)
    run.refresh_from_db()
    said = list(runs.report(run, rejected_only=True)[1])
    assert [row[0] for row in said] == [2, 3, 4, 5]
    assert [len(row) for row in said] == [4, 4, 4, 10]
    assert said[3][4:] == ["u97", "never", "u07", "u77@example.org", "", "u07"]
    assert [problem.code for problem in runs.problems(run)] == ["emptied", "emptied", "emptied", "time"]
    assert run.rejected == 4
    # The same file again says no more of them than where the row is.
    again = brought(place, good.encode())
    left_out = runs.report(again, rejected_only=True)[1]
    assert [(row[0], len(row)) for row in left_out] == [(9, 4)]
