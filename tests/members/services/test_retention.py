from datetime import UTC, datetime, timedelta

import pytest
from allauth.account.models import EmailAddress
from django.core.management import call_command

from kernel.errors import Refused
from members.actors import Actor
from members.models import AuditEntry, AuditValues, LetterName, Membership, Message, PrivacyPolicy, User
from members.selectors import retention as kept
from members.services import mail, memberships, retention, standing
from tests import make

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 22, 6, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
def place():
    return make.community("lantern")


def left(place, at, name):
    member = make.member(place, name=name)
    return standing.act("leave", membership=member, at=at, by=make.SITE)


def rejected(place, at, name):
    member = memberships.enrol(
        community=place, user=make.person(name=name), at=make.EARLY, by=make.SITE, status="applied"
    )
    return standing.act("reject", membership=member, at=at, by=make.SITE, reason="No place")


def decide(place, **fields):
    return retention.decide(community=place, at=NOW, by=make.SITE, **fields)


def names(rows):
    return [str(row) for row in rows]


@pytest.mark.parametrize(
    ("at", "months", "before"),
    [
        ("2026-11-22", 1, "2026-10-22"),
        ("2026-03-31", 1, "2026-02-28"),
        ("2028-03-31", 1, "2028-02-29"),
        ("2026-01-15", 1, "2025-12-15"),
        ("2026-12-31", 12, "2025-12-31"),
        ("2026-06-30", 18, "2024-12-30"),
    ],
)
def test_months_are_calendar_months(at, months, before):
    assert kept.months_before(datetime.fromisoformat(at), months) == datetime.fromisoformat(before)


def test_without_a_decision_nothing_goes(place):
    left(place, make.EARLY + HOUR, "Ada")
    assert retention.clean_up(now=lambda: NOW, budget=HOUR) == 0
    decide(place, contact="Olga")
    assert retention.clean_up(now=lambda: NOW, budget=HOUR) == 0


def test_the_dry_run_names_exactly_what_then_goes(place):
    month = timedelta(days=31)
    left(place, NOW - 3 * month, "Ada")
    left(place, NOW - month / 2, "Grace")
    rejected(place, NOW - 2 * month, "Alan")
    rejected(place, NOW - month / 2, "Kurt")
    make.member(place, name="Olga")
    other = make.community("other")
    left(other, NOW - 3 * month, "Elsewhere")
    policy = decide(place, after_leaving=2, after_rejection=1)
    due = kept.due(policy, at=NOW)
    assert (names(due.members), names(due.applicants), due.entries.count()) == (["Ada"], ["Alan"], 0)
    rows = [row[:3] for row in kept.sheet(due)]
    assert [(kind, name) for kind, _number, name in rows] == [("member", "Ada"), ("applicant", "Alan")]
    going = {row[1] for row in rows}
    assert retention.clean_up(now=lambda: NOW, budget=HOUR) == 2
    assert set(Membership.objects.exclude(erased_at=None).values_list("number", flat=True)) == going
    entry = AuditEntry.objects.get(action="retention.done")
    assert (entry.after, entry.community) == ({"members": 1, "applications": 1}, place)
    assert retention.clean_up(now=lambda: NOW, budget=HOUR) == 0
    assert set(Membership.objects.filter(erased_at=None).values_list("name", flat=True)) >= {
        "Grace", "Kurt", "Olga", "Elsewhere",
    }  # fmt: skip


def test_values_of_the_log_are_emptied_and_entries_stay(place):
    owner = Membership.objects.get(community=place, role="owner")
    by = Actor(words="Olga", user=owner.user, membership=owner, address="10.1.2.3")
    member = make.member(place)
    memberships.update(membership=member, at=NOW - timedelta(days=100), by=by, city="London")
    memberships.update(membership=member, at=NOW - timedelta(days=10), by=by, city="Paris")
    decide(place, audit_values=3)
    count = AuditEntry.objects.count()
    assert retention.clean_up(now=lambda: NOW, budget=HOUR) == 2  # the founding is as old
    assert AuditEntry.objects.count() == count + 1
    entries = AuditValues.objects.filter(entry__action="member.changed").order_by("entry_id")
    assert list(entries.values_list("actor_words", "address", "after")) == [
        ("", None, {}), ("Olga", "10.1.2.3", {"city": "Paris"}),
    ]  # fmt: skip


def test_it_stops_when_its_time_is_over_and_goes_on(place, monkeypatch):
    for n in range(5):
        left(place, make.EARLY + HOUR, f"Member {n}")
    decide(place, after_leaving=1)
    monkeypatch.setattr(retention, "PORTION", 2)
    times = iter([NOW, NOW, NOW, NOW, NOW, NOW + HOUR, *[NOW + HOUR] * 20])
    first = retention.clean_up(now=lambda: next(times), budget=HOUR)
    assert 0 < first < 5
    assert retention.clean_up(now=lambda: NOW, budget=HOUR) == 5 - first


def test_decisions_are_checked_and_written_down(place):
    for months in (0, 241):
        with pytest.raises(Refused) as refusal:
            decide(place, after_leaving=months)
        assert (refusal.value.code, refusal.value.field) == ("range", "after_leaving")
    decide(place, after_leaving=12)
    decide(place, after_leaving=12)
    entry = AuditEntry.objects.get(action="privacy.changed")
    assert (entry.before, entry.after) == ({"after_leaving": None}, {"after_leaving": 12})
    moderator = make.member(place, role="moderator")
    with pytest.raises(Refused) as refusal:
        retention.decide(community=place, at=NOW, by=Actor.person(moderator.user, moderator), after_leaving=1)
    assert refusal.value.code == "no_longer_allowed"
    assert PrivacyPolicy.objects.get().after_leaving == 12


def letter(place, *, days, dedupe="", state="sent", text="", to="ada@example.org"):
    """A letter that came to its end so many days ago."""
    at = NOW - timedelta(days=days)
    found = mail.send(
        kind="member.removed", to=to, community=place, words={"reason": "x"}, at=at, dedupe=dedupe
    )
    Message.objects.filter(pk=found.pk).update(state=state, finished_at=at, text=text)
    return found


def letters():
    return set(Message.objects.values_list("dedupe", flat=True))


def test_letters_go_after_the_days_decided_and_are_not_written_again(place, settings):
    settings.MAIL_KEPT_DAYS = 100
    other = make.community("harbour")
    Message.objects.all().delete()
    for of, name, days in (
        (place, "old", 31),
        (place, "new", 29),
        (other, "older", 99),
        (other, "oldest", 101),
        (None, "account", 101),
    ):
        letter(of, days=days, dedupe=name)
    Message.objects.filter(dedupe="older").update(state="queued", finished_at=None)
    policy = decide(place, letters=30)
    due = kept.due(policy, at=NOW)
    assert [row[2:4] for row in kept.sheet(due)] == [["ada@example.org", "sent"]]
    assert retention.clean_up(now=lambda: NOW, budget=HOUR) == 3
    assert letters() == {"new", "older"}
    cleaned = AuditEntry.objects.filter(action="retention.done").values_list(
        "community__slug", "values__after"
    )
    assert sorted(cleaned) == [("harbour", {"letters": 1}), ("lantern", {"letters": 1})]
    assert set(LetterName.objects.values_list("name", flat=True)) == {"old", "oldest", "account"}
    again = mail.send(
        kind="member.removed", to="ada@example.org", community=place, words={}, at=NOW, dedupe="old"
    )
    assert (again, letters()) == (None, {"new", "older"})
    assert mail.written(["old", "new", "nothing"]) == {"old", "new"}
    with pytest.raises(Refused):
        decide(place, letters=3651)


def test_the_words_of_a_letter_that_did_not_go_are_emptied_after_a_month(place):
    Message.objects.all().delete()
    for days in (29, 31):
        letter(place, days=days, dedupe=str(days), state="failed", text="Dear Ada")
    assert retention.clean_up(now=lambda: NOW, budget=HOUR) == 1
    assert dict(Message.objects.values_list("dedupe", "text")) == {"29": "Dear Ada", "31": ""}


def test_accounts_that_nobody_ever_proved_go_after_a_month(place, capsys, monkeypatch):
    monkeypatch.setattr("members.management.commands.clean_up.now", lambda: NOW)

    def account(name, days, *, proven=False):
        user = User.objects.create_user(f"{name}@example.org", None, name=name)
        User.objects.filter(pk=user.pk).update(date_joined=NOW - timedelta(days=days))
        EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=proven)
        return user

    old, member = account("old", 31), account("member", 31)
    for name, days, proven in (("new", 29, False), ("proven", 400, True)):
        account(name, days, proven=proven)
    acted = account("acted", 31)
    memberships.enrol(community=place, user=member, at=make.EARLY, by=make.SITE)
    memberships.update(membership=make.member(place), at=make.EARLY, by=Actor.person(acted), city="Ulm")
    assert {user.name for user in kept.site_due(at=NOW).accounts} == {"old", "acted"}
    call_command("clean_up", "--dry-run")
    assert "address was never proven: 2" in capsys.readouterr().out
    assert User.objects.filter(pk=old.pk).exists()
    assert retention.clean_up(now=lambda: NOW, budget=HOUR) == 1
    left_over = set(
        User.objects.filter(name__in=["old", "new", "proven", "member", "acted"]).values_list(
            "name", flat=True
        )
    )
    assert left_over == {"new", "proven", "member", "acted"}
