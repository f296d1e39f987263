"""The weekly digest: on the community's Monday morning, once, only with news, to those who want it."""

from datetime import UTC, date, datetime, timedelta

import pytest

from kernel import digests
from kernel.mails import Line, Section
from members.models import DigestWeek, Message
from members.services import digest, memberships, preferences, standing
from tests import make

pytestmark = pytest.mark.django_db
#: Monday, 2 March 2026, half past eight in Shanghai.
MONDAY = datetime(2026, 3, 2, 0, 30, tzinfo=UTC)
LAST = date(2026, 2, 23)
IN_THE_WEEK = datetime(2026, 2, 25, 9, tzinfo=UTC)


def write(at=MONDAY, budget=timedelta(minutes=5)):
    return digest.write_due(now=lambda: at, budget=budget)


def letters():
    return Message.objects.filter(kind="digest")


@pytest.fixture
def community():
    """A community in Shanghai that somebody joined last week."""
    found = make.community("lantern", timezone="Asia/Shanghai")
    make.member(found, name="Old Friend")
    make.member(found, name="Li Lei", at=IN_THE_WEEK)
    return found


def test_it_is_due_on_the_community_s_own_monday_from_eight_on(community):
    assert digest.due(at=MONDAY) == [(community, LAST)]
    assert digest.due(at=MONDAY - timedelta(hours=1)) == []
    assert digest.due(at=MONDAY + timedelta(days=2)) == []
    type(community).objects.update(timezone="America/New_York")
    assert digest.due(at=MONDAY) == []
    assert [monday for _community, monday in digest.due(at=MONDAY + timedelta(hours=13))] == [LAST]


def test_everyone_gets_one_and_it_tells_who_has_come(community):
    assert write() == 1
    assert letters().count() == 3
    letter = letters().filter(membership__name="Old Friend").get()
    assert letter.subject == "Lantern: your week"
    assert (
        "Newcomers\n- Li Lei\n" in letter.text and "<h2>Newcomers</h2><ul><li>Li Lei</li></ul>" in letter.html
    )
    assert letter.priority == 2


def test_it_is_written_once_however_often_one_asks(community):
    write()
    assert write() == 0
    DigestWeek.objects.update(done_at=None)
    assert write(MONDAY + timedelta(hours=1)) == 1
    assert letters().count() == 3


def test_what_is_cut_off_is_gone_on_with(community):
    clock = iter([MONDAY] * 6 + [MONDAY + timedelta(hours=9)] * 9)
    digest.CHUNK, kept = 1, digest.CHUNK
    try:
        assert digest.write_due(now=lambda: next(clock), budget=timedelta(minutes=1)) == 0
    finally:
        digest.CHUNK = kept
    assert 0 < letters().count() < 3
    assert write(MONDAY + timedelta(minutes=15)) == 1
    assert letters().count() == 3


def test_without_news_there_is_no_letter():
    make.member(make.community(timezone="Asia/Shanghai"))
    assert write() == 1
    assert letters().count() == 0


def test_who_switched_it_off_left_or_is_nobody_yet_gets_none(community):
    off = make.member(community)
    preferences.choose(membership=off, wanted={}, at=MONDAY)
    gone = make.member(community)
    standing.act("leave", membership=gone, at=MONDAY, by=make.SITE)
    memberships.add(community=community, at=MONDAY, by=make.SITE, name="Nobody", email="x@example.org")
    write()
    assert letters().filter(membership__in=[off, gone]).count() == 0
    assert letters().count() == 3


def test_who_hides_from_the_directory_is_counted_and_not_named(community):
    hidden = make.member(community, name="Hidden One", at=IN_THE_WEEK)
    type(hidden).objects.filter(pk=hidden.pk).update(listed=False)
    write()
    text = letters().get(membership__name="Old Friend").text
    assert "Hidden One" not in text and "- Li Lei\n- and 1 more\n" in text


def test_apps_above_add_parts_that_may_be_of_one_member_alone(community, monkeypatch):
    monkeypatch.setattr(digests.parts, "_entries", dict(digests.parts._entries))
    digests.add("extra", lambda week: Section("Extra", (Line(str(week.start.date())),)), news=False)
    digests.add(
        "own",
        own=lambda week, member: Section("Yours", (Line(member.name),)) if member.name == "Li Lei" else None,
    )
    write()
    mine = letters().get(membership__name="Li Lei").text
    other = letters().get(membership__name="Old Friend").text
    assert "Yours\n- Li Lei" in mine and "Yours" not in other
    assert "Extra\n- 2026-02-22" in other


def test_what_only_comes_along_is_no_reason_for_a_letter(monkeypatch):
    make.member(make.community(timezone="Asia/Shanghai"))
    monkeypatch.setattr(digests.parts, "_entries", {})
    digests.add("extra", lambda week: Section("Extra", (Line("x"),)), news=False)
    write()
    assert letters().count() == 0
