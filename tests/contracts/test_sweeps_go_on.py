"""What fails in one community keeps no other waiting, whichever sweep it is: it is done with the next one."""

from datetime import UTC, datetime, time, timedelta

import pytest

from communities.mail_kinds import REFERENCE
from gatherings.models import Series
from gatherings.services import events, news, reminders, seats, series, standing, waitlist
from members.actors import Actor
from members.models import PrivacyPolicy
from members.services import digest, erasure, hours, mail, meanwhile, retention
from members.services import standing as statuses
from tests import make
from tests.gatherings import holding
from tests.make import EARLY, SITE

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
#: Monday, 2 March 2026.
MONDAY = datetime(2026, 3, 2, 9, tzinfo=UTC)
BUDGET = timedelta(minutes=5)


@pytest.fixture
def places():
    return [make.community("here"), make.community("there")]


class Called:
    """`act`, which fails the first time it is called."""

    def __init__(self, act):
        self.act, self.calls = act, 0

    def __call__(self, *args, **given):
        self.calls += 1
        if self.calls == 1:
            raise ZeroDivisionError
        return self.act(*args, **given)


def called_off(place):
    event = holding.event(place)
    seats.take(kind=holding.kind(event), member=make.member(place), at=EARLY)
    events.cancel(event=event, reason="Snow.", at=EARLY + DAY, by=SITE)


def near(place):
    event = holding.event(place, starts_at=MONDAY + timedelta(hours=12), ends_at=None)
    seats.take(kind=holding.kind(event), member=make.member(place), at=EARLY)


def in_a_series(place):
    series.begin(event=holding.event(place), rule="FREQ=WEEKLY", at=EARLY, by=SITE)
    Series.objects.filter(community=place).update(written_until=EARLY)


def offered_too_long(place):
    event = holding.event(place)
    member = make.member(place)
    seats.hold(kind=holding.kind(event), member=member, taken_by=member, at=EARLY, until=EARLY + DAY)


def wishes_to_be_erased(place):
    member = make.member(place, name="Ada")
    erasure.ask(
        user=member.user, membership=member, typed=erasure.wanted_words(member.user), at=EARLY,
        by=Actor.person(member.user, member),
    )  # fmt: skip


def waits_for_the_morning(place):
    ada, bob = make.member(place), make.member(place)
    hours.keep_quiet(user=ada.user, begins=time(22), ends=time(7), timezone="UTC")
    mail.send(
        kind=REFERENCE, to=ada, community=place, words={"applicant": "Bob"}, at=MONDAY - timedelta(hours=10),
        actor=bob, url="/",
    )  # fmt: skip


def has_news(place):
    make.member(place, at=MONDAY - 4 * DAY)


def pauses(place):
    member = make.member(place)
    statuses.act("pause", membership=member, at=EARLY, by=SITE, until=EARLY + DAY)


def left_long_ago(place):
    PrivacyPolicy.objects.create(community=place, after_leaving=1, changed_at=EARLY)
    member = make.member(place)
    statuses.act("leave", membership=member, at=EARLY, by=SITE)


SWEEPS = {
    "news": (called_off, news, "_some", news.tell),
    "reminders": (near, reminders, "_batch", lambda: reminders.sweep(at=MONDAY)),
    "over": (near, standing, "_told", lambda: standing.sweep(at=MONDAY + 2 * DAY)),
    "series": (in_a_series, series, "write_on", lambda: series.write_all_on(at=MONDAY)),
    "offers": (offered_too_long, waitlist, "_lapse", lambda: waitlist.lapse_due(at=MONDAY)),
    "erasures": (wishes_to_be_erased, erasure, "_carry_out", lambda: erasure.carry_out_due(at=MONDAY)),
    "letters": (waits_for_the_morning, meanwhile, "_write", lambda: meanwhile.write_due(now=lambda: MONDAY, budget=BUDGET)),
    "digests": (has_news, digest, "write", lambda: digest.write_due(now=lambda: MONDAY, budget=BUDGET)),
    "pauses": (pauses, statuses, "_resume", lambda: statuses.resume_due(at=MONDAY)),
    "retention": (left_long_ago, retention, "_clean", lambda: retention.clean_up(now=lambda: MONDAY, budget=BUDGET)),
}  # fmt: skip


@pytest.mark.parametrize("sweep", SWEEPS)
def test_one_that_fails_is_done_with_the_next_sweep(sweep, places, monkeypatch):
    prepare, module, name, sweep = SWEEPS[sweep]
    for place in places:
        prepare(place)
    act = Called(getattr(module, name))
    monkeypatch.setattr(module, name, act)
    first, second, third = sweep(), sweep(), sweep()
    # What is over is looked at each time.
    assert (second, third) == ((first + 1, first + 1) if name == "_told" else (first, 0))
    assert first > 0
