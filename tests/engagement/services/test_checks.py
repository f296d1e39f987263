"""Counting a figure again from the facts: equal, or what differs, by how much, and until when."""

from datetime import date, timedelta

import pytest

from engagement.models import (
    ActiveDay,
    DecayedDay,
    DirtyDay,
    Figure,
    FigureCheck,
    MemberDay,
    PairDay,
    RollupState,
)  # fmt: skip
from engagement.selectors import checks as made
from engagement.selectors import differences
from engagement.selectors.differences import Difference
from engagement.services import checks, refresh
from kernel.metrics import metrics
from members.actors import Actor
from members.models import AuditEntry
from tests import make, once
from tests.engagement import stream
from tests.engagement.stream import NOW, row

pytestmark = pytest.mark.django_db
YESTERDAY = date(2026, 3, 9)
TABLES = (MemberDay, PairDay, ActiveDay, DecayedDay, Figure, RollupState)


@pytest.fixture(autouse=True)
def sent(monkeypatch):
    found = []
    monkeypatch.setattr(checks.tasks, "send", lambda task, **given: found.append((task, given)))
    return found


@pytest.fixture(scope="module")
def community(django_db_setup, django_db_blocker):
    with once.made(django_db_blocker):
        yield brought_up()


def brought_up():
    community = make.community()
    for number in range(2, 8):
        make.member(community, at=stream.at(f"02-0{number} 08:00"))
    days = [f"{'02' if n < 20 else '03'}-{n % 20 + 5 if n < 20 else n - 19:02} 10:00" for n in range(28)]
    stream.load(
        community,
        *(
            row(n % 7 + 1, "posted", when, object_kind="post", object_id=str(n))
            for n, when in enumerate(days)
        ),
        *(row(n % 5 + 1, "answered", when, n % 7 + 1) for n, when in enumerate(days)),
    )
    refresh.refresh(community_id=community.pk, at=NOW)
    return community


def checked(community, key, **given):
    check = checks.ask(community=community, key=key, given=given, by=make.SITE, at=NOW)
    return checks.carry_out(check_id=check.pk, at=NOW)


def told(community, key):
    asked = made.one(community_id=community.pk, key=key)
    assert asked is not None
    return asked


def kept():
    def plain(value):
        return bytes(value) if isinstance(value, memoryview) else value

    return [
        [{name: plain(value) for name, value in row.items()} for row in model.objects.order_by("pk").values()]
        for model in TABLES
    ]


def test_every_figure_comes_out_equal_and_nothing_stored_is_touched(community):
    before = kept()
    found = {metric.key: checked(community, metric.key) for metric in metrics}
    assert {key: (check.state, check.differences) for key, check in found.items()} == {
        key: ("equal", []) for key in found
    }
    assert {check.progress for check in found.values()} == {1}
    assert kept() == before
    assert not DirtyDay.objects.exists()


def test_with_parameters_and_of_another_day(community):
    check = checked(community, "contribution", window="7", as_of="2026-03-05")
    assert (check.state, check.as_of, check.asked) == ("equal", date(2026, 3, 5), "window=7")


def test_the_roll_ups_are_made_from_facts_and_not_read(community):
    """A day that was rolled up wrongly is found, though figure and roll-ups agree with one another."""
    ActiveDay.objects.filter(day=date(2026, 3, 2)).delete()
    DirtyDay.objects.create(community_id=community.pk)
    refresh.refresh(community_id=community.pk, at=NOW)
    check = checked(community, "power_curve")
    assert (check.state, check.cause) == ("different", "rollups")
    assert check.differing == len(check.differences) > 0
    first = check.differences[0]
    assert first["by"] == first["counted"] - first["stored"] != 0
    # It stands until its days are counted anew, and then the figure is equal.
    assert told(community, "power_curve").differs
    refresh.refresh(community_id=community.pk, at=NOW)
    after = told(community, "power_curve")
    assert (after.differs, after.mended) == (False, True)
    assert checked(community, "power_curve").state == "equal"
    assert ActiveDay.objects.filter(day=date(2026, 3, 2)).exists()


def test_a_figure_that_is_out_of_date_though_its_days_are_right(community):
    row = Figure.objects.get(key="members", asked="grain=week")
    row.data[0]["value"] += 3
    row.save()
    check = checked(community, "members")
    assert (check.state, check.cause, check.differing) == ("different", "since", 1)
    (one,) = check.differences
    assert one["by"] == -3 and one["at"] == f"data[{row.data[0]['period']}].value"
    refresh.refresh(community_id=community.pk, at=NOW)
    assert checked(community, "members").state == "equal"


def test_sums_that_were_kept_wrongly_are_found(community):
    """Scores go on from what is kept of four weeks ago; from the facts nothing is taken from there."""
    kept = DecayedDay.objects.order_by("-day").first()
    assert kept is not None
    DecayedDay.objects.filter(day=kept.day).update(totals=bytes(len(kept.totals)))
    DirtyDay.objects.create(community_id=community.pk)
    refresh.refresh(community_id=community.pk, at=NOW)
    assert checked(community, "score").cause == "rollups"
    refresh.refresh(community_id=community.pk, at=NOW)
    assert checked(community, "score").state == "equal"


def test_facts_that_wait_are_counted_first_and_are_no_difference(community):
    stream.load(community, row(3, "posted", "03-08 10:00"))
    assert DirtyDay.objects.exists()
    assert checked(community, "active_members").state == "equal"
    assert not DirtyDay.objects.exists()


def test_facts_of_later_days_may_wait(community):
    stream.load(community, row(3, "posted", "03-10 10:00"))
    assert checked(community, "active_members").state == "equal"
    assert DirtyDay.objects.exists()


def test_where_facts_never_cease_it_says_that_it_cannot_tell(community, monkeypatch):
    stream.load(community, row(3, "posted", "03-08 10:00"))
    monkeypatch.setattr(checks.refresh, "refresh", lambda **given: None)
    check = checked(community, "active_members")
    assert (check.state, check.cause) == ("failed", "busy")


def test_a_community_in_which_nothing_has_happened():
    community = make.community()
    refresh.refresh(community_id=community.pk, at=NOW)
    for key in ("members", "retention", "network", "score"):
        assert checked(community, key).state == "equal"


def test_it_is_asked_for_once_at_a_time_and_written_into_the_log(community, sent):
    member = make.member(community, role="manager")
    by = Actor.person(member.user, member)
    given = {"community": community, "key": "members", "given": {}, "by": by, "at": NOW}
    first, again = checks.ask(**given), checks.ask(**given)
    assert first == again and first.asked_by == member.number
    assert sent == [("engagement.check", {"check_id": first.pk})]
    entry = AuditEntry.objects.get(action="figure.checked")
    assert (entry.object_kind, entry.object_id, entry.community_id) == ("figure", "members", community.pk)
    checks.carry_out(check_id=first.pk, at=NOW)
    assert checks.carry_out(check_id=first.pk, at=NOW) is None
    assert checks.ask(**given) != first


def test_a_difference_is_written_into_the_log(community):
    Figure.objects.filter(key="power_curve").update(data=[0] * 28)
    checked(community, "power_curve")
    entry = AuditEntry.objects.get(action="figure.differed")
    assert entry.object_id == "power_curve" and entry.values.after["differing"] > 0


def test_one_that_fails_says_so_and_may_be_asked_for_again(community, monkeypatch):
    monkeypatch.setattr(metrics.get("members"), "compute", lambda *given, **more: 1 / 0)
    check = checks.ask(community=community, key="members", given={}, by=make.SITE, at=NOW)
    with pytest.raises(ZeroDivisionError):
        checks.carry_out(check_id=check.pk, at=NOW)
    assert FigureCheck.objects.get(pk=check.pk).state == "failed"
    monkeypatch.undo()
    assert checked(community, "members").state == "equal"


def test_a_lost_message_is_sent_again(community):
    check = checks.ask(community=community, key="members", given={}, by=make.SITE, at=NOW)
    assert checks.waiting(at=NOW) == []
    assert checks.waiting(at=NOW + timedelta(minutes=2)) == [check.pk]


@pytest.mark.parametrize(
    ("stored", "counted", "found"),
    [
        ([1, 2], [1, 2], []),
        ({"a": 0.1 + 0.2}, {"a": 0.3}, []),
        ({"a": 1.0}, {"a": 1.0 + 1e-11}, [Difference("data.a", 1.0, 1.0 + 1e-11, 1.0 + 1e-11 - 1.0)]),
        ([1, 2], [1, 3], [Difference("data[1]", 2, 3, 1)]),
        ({"n": 10**15}, {"n": 10**15 + 1}, [Difference("data.n", 10**15, 10**15 + 1, 1)]),
        ({"k": None}, {"k": 0}, [Difference("data.k", None, 0, None)]),
        ({"k": True}, {"k": 1}, [Difference("data.k", True, 1, None)]),
        ({"k": "1.00"}, {"k": "1.01"}, [Difference("data.k", "1.00", "1.01", None)]),
        (
            [{"period": "2026-03", "value": 1}],
            [{"period": "2026-03", "value": 4}],
            [Difference("data[2026-03].value", 1, 4, 3)],
        ),
        ([1], [1, 2], [Difference("data.length", 1, 2, 1)]),
        ({}, {"a": 1}, [Difference("data.a", None, 1, None)]),
        (0.0, 1e-300, [Difference("data", 0.0, 1e-300, 1e-300)]),
    ],
)
def test_where_two_differ(stored, counted, found):
    assert list(differences.between(stored, counted)) == found
