"""Files that name records which were merged: the same file changes nothing, news reach who is kept."""

from datetime import UTC, datetime, timedelta

import pytest

from engagement.models import Fact
from members.models import Membership, MembershipChange, OptOut
from members.services import memberships, merging
from tests import make
from tests.members.imports.files import AT, SITE, counts, problems, send

pytestmark = pytest.mark.django_db

PEOPLE = (
    "member,joined_at,name,email,city,tags,invited_by,left_at\n"
    "u1,2026-01-01,Ada,ada@example.org,Lyon,old,,\n"
    "u2,2026-01-05,Ada L,ada@example.com,Rome,vip,u9,\n"
    "u3,2026-01-07,Cai,,,,u1,\n"
    "u4,2026-01-08,Dan,,,,u2,\n"
    "u9,2025-12-01,Eve,,,,,\n"
)
ACTS = (
    "member,verb,occurred_at,target,id\n"
    "u1,posted,2026-02-01T10:00:00,,a1\n"
    "u2,commented,2026-02-01T11:00:00,u1,\n"
    "u3,visited,2026-02-01T11:00:00,,\n"
)
SENT = "inviter,sent_at,channel,accepted_by,id\nu1,2026-01-06,,u3,i1\nu2,2026-01-06,mail,,\n"


@pytest.fixture
def community():
    found = make.community(timezone="Europe/Paris")
    for kind, text in (("members", PEOPLE), ("activities", ACTS), ("invitations", SENT)):
        assert not problems(send(found, text, kind=kind))
    return found


def own(community, external_id):
    return Membership.objects.get(community=community, external_id=external_id)


def everything():
    return [list(model.objects.order_by("pk").values()) for model in (Membership, MembershipChange)] + [
        sorted(map(str, Fact.objects.values()))
    ]


@pytest.mark.parametrize("into", ["u2", "here"])
def test_the_same_files_change_nothing_after_a_merge(community, into):
    kept = make.member(community, at=AT - timedelta(days=60)) if into == "here" else own(community, into)
    choices = {"name": "merged", "city": "merged"}
    merging.merge(kept=kept, merged=own(community, "u1"), at=AT, by=SITE, choices=choices)
    before = everything()
    for kind, text, rows in (("members", PEOPLE, 5), ("activities", ACTS, 3), ("invitations", SENT, 2)):
        run = send(community, text, kind=kind)
        assert (problems(run), counts(run)) == ([], (0, 0, rows, 0))
    assert everything() == before


def test_news_of_a_merged_record_reach_who_is_kept(community):
    kept = make.member(community, at=AT)
    memberships.update(membership=kept, city="Lyon", tags=["mine"], at=AT, by=SITE)
    kept.refresh_from_db()
    merging.merge(kept=kept, merged=own(community, "u1"), at=AT, by=SITE)
    text = PEOPLE.replace("Ada,ada@example.org,Lyon,old", "Ada B,ada@example.org,Nice,old; new")
    text += "u5,2026-03-01,Fay,,,,u1,\n"
    assert counts(send(community, text)) == (1, 1, 4, 0)
    assert counts(send(community, text)) == (0, 0, 6, 0)
    kept.refresh_from_db()
    record = own(community, "u1")
    assert (kept.city, kept.tags, record.city, record.tags) == (
        "Nice",
        ["mine", "old", "new"],
        "Nice",
        ["old", "new"],
    )
    assert own(community, "u5").invited_by == kept
    assert set(kept.invitees.values_list("external_id", flat=True)) == {"u3", "u5"}


def test_a_joining_that_is_corrected_counts_where_it_is_the_first(community):
    first, second = own(community, "u1"), own(community, "u2")
    done = merging.merge(kept=second, merged=first, at=AT, by=SITE)
    mended = PEOPLE.replace("u2,2026-01-05", "u2,2026-01-03")
    assert counts(send(community, mended)) == (0, 1, 4, 0)
    second.refresh_from_db()
    assert second.joined_at == first.joined_at
    assert counts(send(community, mended)) == (0, 0, 5, 0)
    done.refresh_from_db()
    merging.undo(merge=done, at=AT, by=SITE)
    second.refresh_from_db()
    right = datetime(2026, 1, 2, 23, tzinfo=UTC)
    assert second.joined_at == right
    joined = Fact.objects.valid().get(community_id=community.pk, member=second.number, verb="joined")
    assert joined.occurred_at == right


def test_who_said_no_to_letters_elsewhere_gets_none_here(community):
    audience = "Email Address,First Name,Last Name,MEMBER_RATING,OPTIN_TIME,LEID,EUID\n"
    row = 'zoe@example.org,Zoe,"",2,2026-01-02 10:00:00,1,abc123\n'
    send(community, audience + row, kind="mailchimp")
    found = Membership.objects.filter(community=community, email="zoe@example.org").first()
    assert found is not None
    kept = make.member(community, at=AT)
    OptOut.objects.create(community=community, membership=found, at=AT)
    merging.merge(kept=kept, merged=found, at=AT, by=SITE)
    assert kept.opt_outs.filter(kind="").exists()
    run = send(community, audience + row, kind="mailchimp")
    assert counts(run) == (0, 0, 1, 0)
