"""The status machine: every act from every status, and any order of acts."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kernel.errors import Refused
from members.actors import Actor
from members.models import AuditEntry, Membership, MembershipChange
from members.roles import ADMITTED, GONE, Role, Status
from members.services import standing
from members.statuses import HOLDING, acts, possible
from tests import make
from tests.make import EARLY, SITE

pytestmark = pytest.mark.django_db
LATER = EARLY + timedelta(days=3)

#: Which act leads where from each status: what the design says, written out once more by hand. Whoever is not
#: banned can be.
TABLE = """
invited           apply>applied withdraw>withdrawn ask_payment>awaiting_payment activate>active
applied           wait>waiting approve>approved reject>rejected withdraw>withdrawn ask_payment>awaiting_payment
waiting           approve>approved reject>rejected withdraw>withdrawn
approved          wait>waiting reject>rejected withdraw>withdrawn ask_payment>awaiting_payment begin_trial>trial activate>active
awaiting_payment  reject>rejected withdraw>withdrawn begin_trial>trial activate>active
trial             activate>active lapse>lapsed restrict>restricted leave>left remove>removed
active            pause>paused suspend>suspended restrict>restricted leave>left remove>removed
paused            resume>active leave>left remove>removed
suspended         lapse>lapsed renew>active leave>left remove>removed
restricted        lift>active leave>left remove>removed
lapsed            renew>active leave>left remove>removed
rejected          apply>applied
withdrawn         apply>applied
left              apply>applied return>active take_back>active
removed           take_back>active
banned            take_back>active
guest
"""
EXPECTED = {
    line.split()[0]: dict(pair.split(">") for pair in line.split()[1:]) for line in TABLE.strip().splitlines()
}
for status in set(EXPECTED) - {"banned"}:
    EXPECTED[status]["ban"] = "banned"


def member_with(status, community=None):
    """A member who stands there, as a file would bring them."""
    member = make.member(community or make.community())
    Membership.objects.filter(pk=member.pk).update(status=status)
    MembershipChange.objects.filter(membership=member, kind="status").update(after=status)
    member.refresh_from_db()
    return member


def act(key, member, at=LATER, by=SITE, **more):
    return standing.act(key, membership=member, at=at, by=by, reason=more.pop("reason", "because"), **more)


def test_the_table_names_every_status_and_every_act():
    assert list(EXPECTED) == list(Status.values)
    assert {key for row in EXPECTED.values() for key in row} == set(acts.keys())
    assert {status: [one.key for one in possible(status)] for status in Status.values} == {
        status: [one.key for one in acts if one.key in row] for status, row in EXPECTED.items()
    }


@pytest.mark.parametrize("status", Status.values)
def test_each_act_leads_where_the_table_says_and_nowhere_else(status):
    community = make.community()
    for one in acts:
        member = member_with(status, community)
        wanted = EXPECTED[status].get(one.key)
        if wanted is None:
            with pytest.raises(Refused) as refused:
                act(one.key, member)
            assert refused.value.code in ("not_now", "ended")
            member.refresh_from_db()
            assert (member.status, member.changes.count()) == (status, 2)
            continue
        moved = act(one.key, member)
        assert moved.status == wanted
        last = moved.changes.filter(kind="status").last()
        assert (last.before, last.after, last.reason, last.at) == (status, wanted, "because", LATER)


@pytest.mark.parametrize("key", ["reject", "restrict", "take_back", "remove", "ban"])
def test_what_is_done_to_somebody_says_why(key):
    source = sorted(acts.get(key).sources)[0]
    with pytest.raises(Refused) as refused:
        act(key, member_with(source), reason="  ")
    assert (refused.value.code, refused.value.field) == ("required", "reason")


def test_the_first_entry_is_the_joining_and_only_that(django_capture_on_commit_callbacks):
    member = member_with(Status.APPLIED)
    act("approve", member)
    joined = act("activate", member, at=LATER + timedelta(days=1))
    assert joined.joined_at == LATER + timedelta(days=1)
    for key in ("pause", "resume", "leave", "return"):
        joined = act(key, joined, at=LATER + timedelta(days=2))
    assert (joined.joined_at, joined.left_at) == (LATER + timedelta(days=1), None)


def test_paying_never_lifts_a_restriction_and_lifting_leads_back():
    member = member_with(Status.TRIAL)
    act("restrict", member)
    for key in ("renew", "activate", "resume"):
        with pytest.raises(Refused):
            act(key, member)
    assert act("lift", member).status == Status.TRIAL


def test_a_restricted_moderator_moderates_nothing():
    community = make.community()
    moderator = make.member(community, role=Role.MODERATOR)
    assert moderator.may("members.view")
    assert not act("restrict", moderator).may("members.view")


def test_who_may_do_what_to_whom():
    community = make.community()
    staff = {role: make.member(community, role=role) for role in Role.values if role != Role.OWNER}
    allowed = {}
    for key in ("pause", "suspend", "restrict", "remove", "ban"):
        for role, one in staff.items():
            member = make.member(community)
            try:
                act(key, member, by=Actor.person(one.user, one))
            except Refused as refusal:
                assert refusal.code == "no_longer_allowed"
                continue
            allowed.setdefault(key, []).append(role)
    assert allowed == {
        "pause": ["manager"],
        "suspend": ["manager", "treasurer"],
        "restrict": ["manager", "moderator"],
        "remove": ["manager"],
        "ban": ["manager"],
    }


def test_about_themselves_members_may_pause_resume_and_leave_and_no_more():
    member = make.member(make.community())
    own = Actor.person(member.user, member)
    for key in ("pause", "resume"):
        act(key, member, by=own)
    with pytest.raises(Refused):
        act("suspend", member, by=own)
    assert act("leave", member, by=own).status == Status.LEFT
    assert not AuditEntry.objects.filter(object_kind="member", action="member.leave").exists()


def test_what_staff_do_is_in_the_audit_log():
    member = make.member(make.community())
    act("restrict", member, reason="Shouting.")
    entry = AuditEntry.objects.get(action="member.restrict")
    assert (entry.before, entry.after) == (
        {"status": "active"},
        {"status": "restricted", "reason": "Shouting."},
    )


def test_a_pause_ends_by_itself():
    member = make.member(make.community())
    with pytest.raises(Refused):
        act("pause", member, until=LATER - timedelta(days=1))
    act("pause", member, until=LATER + timedelta(days=30))
    assert standing.resume_due(at=LATER + timedelta(days=29)) == 0
    assert standing.resume_due(at=LATER + timedelta(days=30)) == 1
    member.refresh_from_db()
    assert (member.status, member.status_until) == (Status.ACTIVE, None)


def test_a_full_tier_takes_nobody_in():
    community = make.community()
    insider = make.member(community)
    applicant = member_with(Status.APPLIED, community)
    tier = insider.tier
    tier.capacity = Membership.objects.filter(tier=tier, status__in=HOLDING).count()
    tier.save()
    with pytest.raises(Refused) as refused:
        act("approve", applicant)
    assert refused.value.code == "full"
    act("leave", insider)
    assert act("approve", applicant).status == Status.APPROVED


@settings(
    max_examples=40,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    derandomize=True,
)
@given(
    keys=st.lists(st.sampled_from(acts.keys()), max_size=14),
    start=st.sampled_from(["applied", "invited", "active"]),
)
def test_no_order_of_acts_reaches_what_the_table_does_not_and_history_replays(keys, start):
    member = member_with(start)
    status = start
    for step, key in enumerate(keys, 1):
        try:
            member = act(key, member, at=LATER + timedelta(hours=step))
        except Refused:
            member.refresh_from_db()
            assert (member.status, key in EXPECTED[status]) == (status, False)
            continue
        wanted = EXPECTED[status][key]
        assert member.status == wanted or (key == "lift" and member.status in ("active", "trial"))
        status = member.status
    replayed = ""
    for change in member.changes.filter(kind="status"):
        assert change.before == replayed
        replayed = change.after
    assert replayed == member.status
    ever_in = set(member.changes.filter(kind="status").values_list("after", flat=True)) & ADMITTED
    assert (member.left_at is not None) == (member.status in GONE and bool(ever_in))
