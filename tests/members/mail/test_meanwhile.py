"""Letters that gather, wait for the end of quiet hours or for the daily letter, and then come as one, once."""

from datetime import UTC, datetime, time, timedelta

import pytest

from kernel import mails
from kernel.errors import Refused
from kernel.mails import MailKind
from members.models import DailyWish, LetterName, Message, Notification, OptOut, QuietHours, Waiting
from members.services import hours, mail, meanwhile, notifications
from tests import make

pytestmark = pytest.mark.django_db
#: Eleven at night in Berlin, six in the morning in Shanghai.
NIGHT = datetime(2026, 1, 7, 22, tzinfo=UTC)
MORNING = datetime(2026, 1, 8, 6, tzinfo=UTC)


@pytest.fixture(autouse=True)
def kinds(monkeypatch):
    """Kinds of this test's own."""
    monkeypatch.setattr(mails.kinds, "_entries", dict(mails.kinds._entries))
    told = {"subject": "{who}!", "body": "{who} said {said}.", "placeholders": {"who": "who", "said": "what"}}
    mails.add(MailKind("test.said", label="Said", notice="{who} said {said}.", gathers=True, **told))
    mails.add(MailKind("test.must", label="Must", notice="{who} must.", optional=False, **told))
    mails.add(MailKind("test.plain", label="Plain", notice="{who} waved.", **told))


@pytest.fixture
def community():
    return make.community("lantern", timezone="Europe/Berlin")


@pytest.fixture
def ada(community):
    return make.member(community, name="Ada")


@pytest.fixture
def people(community):
    return [make.member(community, name=name) for name in ("Bo", "Cy", "Di")]


def say(to, by, *, at=NIGHT, kind="test.said", about="post:1", dedupe="", said="hi"):
    return mail.send(
        kind=kind, to=to, community=to.community, words={"who": by.display_name, "said": said}, at=at,
        about=about, actor=by, dedupe=dedupe, url="/c/lantern/",
    )  # fmt: skip


def letters():
    rows = Message.objects.filter(created_at__gte=NIGHT).order_by("created_at", "pk")
    return list(rows.values_list("kind", "subject", "state", "next_at"))


def write_due(at):
    return meanwhile.write_due(now=lambda: at, budget=timedelta(seconds=5))


def sleeps(member, begins=22, ends=7, timezone=""):
    hours.keep_quiet(user=member.user, begins=time(begins), ends=time(ends), timezone=timezone)


def test_what_three_say_is_one_line_and_one_letter(ada, people):
    for n, one in enumerate([*people, people[0]]):
        say(ada, one, at=NIGHT + timedelta(seconds=n))
    notice = Notification.objects.get(membership=ada, kind="test.said")
    assert (notice.times, notice.actors) == (4, [people[1].number, people[2].number, people[0].number])
    assert letters() == [("test.said", "Bo and 2 others!", "queued", NIGHT + mail.GATHERING)]


def test_once_it_has_gone_there_is_no_other_until_it_is_read(ada, people):
    say(ada, people[0])
    Message.objects.update(state="sent")
    assert say(ada, people[1]) is None
    notifications.mark_read(user_id=ada.user_id, at=NIGHT)
    say(ada, people[2], at=NIGHT + timedelta(seconds=1))
    assert [subject for _kind, subject, _state, _at in letters()] == ["Bo!", "Di!"]


def test_what_is_read_in_the_page_does_not_go(ada, people):
    say(ada, people[0])
    notifications.mark_read(user_id=ada.user_id, at=NIGHT)
    assert Message.objects.filter(kind="test.said").values_list("state", "reason").get() == (
        "suppressed",
        "read",
    )


def test_in_quiet_hours_letters_wait_and_come_as_one(ada, people):
    sleeps(ada)
    for one in people:
        say(ada, one)
    say(ada, people[0], kind="test.plain", about="")
    say(ada, people[0], kind="test.must", about="")
    assert [kind for kind, *_rest in letters()] == ["test.must"]
    assert Notification.objects.filter(membership=ada, kind__startswith="test.").count() == 3
    assert (write_due(MORNING - timedelta(minutes=1)), write_due(MORNING), write_due(MORNING)) == (0, 1, 0)
    assert [kind for kind, *_rest in letters()] == ["test.must", "meanwhile"]
    letter = Message.objects.get(kind="meanwhile")
    assert "- Di and 2 others said hi. " in letter.text and "- Bo waved. " in letter.text
    say(ada, people[1], at=MORNING)
    assert len(letters()) == 2


def test_one_thing_that_waited_comes_in_its_own_words(ada, people):
    sleeps(ada)
    say(ada, people[0])
    write_due(MORNING)
    assert letters() == [("test.said", "Bo!", "queued", MORNING)]


@pytest.mark.parametrize(
    ("begins", "ends", "zone", "due"),
    [
        (22, 7, "", MORNING),
        (23, 6, "", MORNING - timedelta(hours=1)),
        (0, 6, "", None),
        (5, 9, "Asia/Shanghai", datetime(2026, 1, 8, 1, tzinfo=UTC)),
        (22, 7, "America/New_York", None),
    ],
)
def test_quiet_hours_go_by_the_reader_s_clock(ada, begins, ends, zone, due):
    sleeps(ada, begins, ends, zone)
    assert hours.due(kind=mails.get("test.said"), to=ada, at=NIGHT) == due


def test_a_daily_letter_comes_in_the_morning(ada, people):
    DailyWish.objects.create(membership=ada, kind="test.said", at=NIGHT)
    for one in people:
        say(ada, one)
    assert say(ada, people[0], kind="test.plain", about="") is not None
    (waits,) = Waiting.objects.all()
    assert (waits.due_at, waits.kind) == (MORNING + timedelta(hours=1), "test.said")
    sleeps(ada, 22, 10)
    assert hours.due(kind=mails.get("test.said"), to=ada, at=NIGHT) == MORNING + timedelta(hours=3)


def test_what_was_read_or_switched_off_meanwhile_is_not_told(ada, people):
    sleeps(ada)
    say(ada, people[0])
    notifications.mark_read(user_id=ada.user_id, at=NIGHT)
    assert Waiting.objects.count() == 0
    say(ada, people[0])
    OptOut.objects.create(community=ada.community, membership=ada, kind="test.said", at=NIGHT)
    assert (write_due(MORNING), letters(), Waiting.objects.count()) == (0, [], 0)


def test_of_one_name_nothing_waits_or_goes_twice(ada, people):
    sleeps(ada)
    for _twice in range(2):
        say(ada, people[0], kind="test.plain", about="", dedupe="once")
    write_due(MORNING)
    say(ada, people[0], kind="test.plain", about="", dedupe="once")
    assert (len(letters()), Waiting.objects.count(), LetterName.objects.filter(name="once").count()) == (
        1,
        0,
        1,
    )
    assert Notification.objects.filter(membership=ada, kind="test.plain").count() == 1


def test_a_worker_that_is_lost_in_the_middle_has_written_nothing(ada, people, monkeypatch):
    sleeps(ada)
    say(ada, people[0])
    say(ada, people[0], kind="test.plain", about="")
    with monkeypatch.context() as patch:
        patch.setattr(LetterName.objects, "bulk_create", lambda *_args, **_more: 1 / 0)
        assert write_due(MORNING) == 0
    assert (letters(), Waiting.objects.count()) == ([], 2)
    assert (write_due(MORNING), len(letters())) == (1, 1)


def test_quiet_hours_are_two_times_or_none(ada):
    for given in ((time(7), None, ""), (time(7), time(7), ""), (time(7), time(8), "Mars/North")):
        with pytest.raises(Refused):
            hours.keep_quiet(user=ada.user, begins=given[0], ends=given[1], timezone=given[2])
    assert not QuietHours.objects.exists()
    sleeps(ada)
    hours.keep_quiet(user=ada.user, begins=None, ends=None)
    assert not QuietHours.objects.exists()
