"""A file of invitations."""

import pytest

from engagement.models import Fact
from members.models import Invitation, InvitationUse
from tests import make
from tests.members.imports.files import counts, problems, send

pytestmark = pytest.mark.django_db
HEADER = "inviter,sent_at,channel,accepted_by,id\n"
MEMBERS = "member,joined_at,role,invited_by\na,2026-01-05,manager,\nb,2026-02-01,,a\nc,2026-02-02,,a\n"


@pytest.fixture
def community():
    community = make.community("lantern", timezone="Asia/Shanghai")
    send(community, MEMBERS)
    return community


def take(community, *rows: str):
    return send(community, HEADER + "\n".join(rows) + "\n", kind="invitations")


def test_what_was_sent_and_who_came_by_it(community):
    run = take(
        community, "a,2026-01-30T18:00:00,email,b,i1", "b,2026-03-01T00:00:00Z,WeChat,,i2", "#2,2026-03-02,,,"
    )
    assert (counts(run), problems(run)) == ((3, 0, 0, 0), [])
    first, second, third = Invitation.objects.order_by("sent_at")
    assert (first.inviter.external_id, first.channel, first.sent_at.isoformat(), first.used) == (
        "a",
        "email",
        "2026-01-30T10:00:00+00:00",
        1,
    )
    assert InvitationUse.objects.get().membership.external_id == "b"
    facts = Fact.objects.filter(verb="invited").order_by("occurred_at")
    assert [(f.member, f.target, f.object_kind, f.object_id, f.staff) for f in facts] == [
        (first.inviter.number, None, "invitation", f"{first.pk}/email/", True),
        (second.inviter.number, None, "invitation", f"{second.pk}/wechat/", False),
        (third.inviter.number, None, "invitation", f"{third.pk}//", third.inviter.is_staff),
    ]


def test_a_second_time_changes_nothing(community):
    rows = ("a,2026-01-30,email,b,i1", "a,2026-01-30,email,,", "a,2026-01-31,email,c,")
    take(community, *rows)
    before = list(Invitation.objects.order_by("pk").values()), Fact.objects.count()
    assert counts(take(community, *rows)) == (0, 0, 3, 0)
    assert (list(Invitation.objects.order_by("pk").values()), Fact.objects.count()) == before


def test_who_came_by_it_may_become_known_later(community):
    take(community, "a,2026-01-30,email,,i1")
    assert counts(take(community, "a,2026-01-30,email,b,i1")) == (0, 1, 0, 0)
    assert InvitationUse.objects.get().invitation.external_id == "id:i1"
    run = take(community, "a,2026-01-30,email,c,i1")
    assert problems(run) == [(2, "accepted_by", "known_otherwise")]


def test_one_id_twice_in_a_file_is_one_invitation(community):
    run = take(community, "a,2026-01-30,email,,i1", "a,2026-01-30,email,b,i1", "a,2026-01-30,email,b,i1")
    assert counts(run) == (1, 1, 1, 0)
    assert (Invitation.objects.get().used, Fact.objects.filter(verb="invited").count()) == (1, 1)


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        (",2026-01-30,,,", ("inviter", "needed")),
        ("a,,,,", ("sent_at", "needed")),
        ("zed,2026-01-30,,,", ("inviter", "no_member")),
        ("a,2026-01-30,,zed,", ("accepted_by", "no_member")),
        ("a,2026-01-30,,a,", ("accepted_by", "own_inviter")),
        ("a,yesterday,,,", ("sent_at", "time")),
        ("a,2030-01-30,,,", ("sent_at", "future")),
        ("a,2026-01-30,we chat,,", ("channel", "channel")),
        ("b,2026-01-29,email,,i0", ("inviter", "known_otherwise")),
        ("a,2026-01-28,email,,i0", ("sent_at", "known_otherwise")),
        ("a,2026-01-29,flyer,,i0", ("channel", "known_otherwise")),
        ("a,2026-01-30,email,c,i9", ("accepted_by", "came_by_another")),
    ],
)
def test_a_bad_row_never_stops_the_good_ones(community, row, problem):
    take(community, "a,2026-01-29,email,c,i0")
    run = take(community, row, "a,2026-02-03,email,,i3")
    assert (counts(run), problems(run)) == ((1, 0, 0, 1), [(2, *problem)])
    assert Invitation.objects.count() == 2


def test_of_another_community_nobody_is_known(community):
    other = make.community()
    assert problems(take(other, "a,2026-01-30,,,", "#3,2026-01-30,,,")) == [
        (2, "inviter", "no_member"),
        (3, "inviter", "no_member"),
    ]
