"""Files, programs and refreshes at the same moment, on real connections: each fact once, every row accounted for."""

import threading
from datetime import timedelta
from functools import partial
from uuid import UUID

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction

from communities.models import Circle
from communities.services import settings as community_settings
from engagement.models import Fact
from engagement.selectors import retraction
from engagement.services import activities, facts, refresh
from kernel.imports import Row
from members.models import AuditEntry, ImportRun, Membership
from members.services import imports
from tests import api, make
from tests.engagement import stream
from tests.engagement.services.test_refresh import everything
from tests.engagement.stream import NOW, row
from tests.make import SITE
from tests.security.races import Session, together

pytestmark = pytest.mark.django_db(transaction=True)


def now():
    return NOW


def begun(community, kind, content, at=NOW):
    file = SimpleUploadedFile("f.csv", content.encode())
    return imports.begin(community=community, kind=kind, file=file, filename="f.csv", at=at, by=SITE)


def counts(community):
    runs = ImportRun.objects.of(community.pk)
    return sorted((run.state, run.created, run.updated, run.unchanged, run.rejected) for run in runs)


def carried_out(*runs):
    """Every run carried out by a worker of its own, until all are over."""
    for _turn in range(len(runs)):
        together(*[partial(imports.carry_out, run_id=run.pk, now=now) for run in runs])


# --- files --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("rows", [1, 40])
@pytest.mark.parametrize("apart", [0, 1])
def test_one_file_of_members_sent_twice_at_once(rows, apart):
    community = make.community()
    content = "member,joined_at\n" + "".join(f"u{n},2026-01-0{1 + n % 9}\n" for n in range(rows))
    runs = [begun(community, "members", content, NOW + timedelta(seconds=n * apart)) for n in range(2)]
    carried_out(*runs)
    assert counts(community) == [("done", 0, 0, rows, 0), ("done", rows, 0, 0, 0)]
    assert Membership.objects.of(community.pk).count() == rows + 1


def test_one_run_taken_up_by_two_workers():
    community = make.community()
    content = "member,joined_at\n" + "".join(f"u{n},2026-01-05\n" for n in range(2500))
    run = begun(community, "members", content)
    together(*[partial(imports.carry_out, run_id=run.pk, now=now)] * 2)
    imports.carry_out(run_id=run.pk, now=now)
    assert counts(community) == [("done", 2500, 0, 0, 0)]
    assert AuditEntry.objects.filter(action="import.finished").count() == 1


def test_a_run_whose_row_came_late_waits_for_the_one_that_is_under_way():
    """Begun earlier, committed later: the other has gone ahead, and no two go at once."""
    community = make.community()
    content = "member,joined_at\nu1,2026-01-05\n"
    begun_, commit = threading.Event(), threading.Event()

    def begin_slowly():
        with transaction.atomic():
            run = begun(community, "members", content, NOW)
            begun_.set()
            assert commit.wait(20)
        return run

    slow = Session(begin_slowly)
    assert begun_.wait(20)
    second = begun(community, "members", content, NOW + timedelta(seconds=1))
    second = imports._start(second.pk, at=NOW)
    assert second.state == "running"
    commit.set()
    first = slow.finish()
    assert imports.carry_out(run_id=first.pk, now=now).state == "waiting"
    assert imports.sweep(at=NOW + timedelta(hours=1)) == 1
    ImportRun.objects.update(touched_at=NOW)
    assert imports.carry_out(run_id=second.pk, now=now).state == "done"
    assert imports.carry_out(run_id=first.pk, now=now).state == "done"
    assert counts(community) == [("done", 0, 0, 1, 0), ("done", 1, 0, 0, 0)]


def test_an_import_and_a_hand_that_enter_the_same_member():
    from members.services import memberships

    community = make.community()
    for n in range(4):
        run = begun(community, "members", f"member,joined_at,name\nu{n},2026-01-05,Ada\n")
        add = partial(memberships.add, community=community, at=NOW, by=SITE, name="Bob", external_id=f"u{n}")
        together(add, partial(imports.carry_out, run_id=run.pk, now=now))
    assert Membership.objects.of(community.pk).count() == 5
    assert not ImportRun.objects.exclude(rejected=0).exists()


def test_one_file_of_activities_sent_twice_at_once():
    community = make.community()
    content = "member,verb,occurred_at,circle\n" + "".join(
        f"#1,posted,2026-03-0{1 + n % 9}T10:{n % 60:02}:00Z,Round {n % 3}\n" for n in range(180)
    )
    carried_out(*[begun(community, "activities", content) for _n in range(2)])
    assert counts(community) == [("done", 0, 0, 180, 0), ("done", 180, 0, 0, 0)]
    assert Circle.objects.of(community.pk).filter(name__startswith="Round").count() == 3


# --- programs -----------------------------------------------------------------------------------------


def sent(community, rows):
    cells = [
        Row(place, {"member": "#1", "verb": "posted", "occurred_at": f"2026-03-01T10:00:00.{n:06}Z"})
        for place, n in enumerate(rows)
    ]
    return activities.take(community=community, rows=cells, at=NOW, by=SITE)


@pytest.mark.parametrize("known", [0, 1])
def test_the_same_activities_in_two_orders_never_stop_each_other(known):
    community = make.community()
    sent(community, range(known))
    outcomes = together(
        partial(sent, community, range(8000)), partial(sent, community, reversed(range(8000)))
    )
    assert Fact.objects.of(community.pk).filter(verb="posted").count() == 8000
    assert sum(verdict.outcome == "created" for verdicts in outcomes for verdict in verdicts) == 8000 - known


def test_a_circle_that_two_programs_name_is_opened_once():
    community = make.community()

    def name_it(n):
        cells = {
            "member": "#1",
            "verb": "posted",
            "occurred_at": "2026-03-01",
            "circle": "Hiking",
            "id": str(n),
        }
        return activities.take(community=community, rows=[Row(0, cells)], at=NOW, by=SITE)[0].outcome

    assert together(*[partial(name_it, n) for n in range(4)]) == ["created"] * 4
    assert Circle.objects.of(community.pk).filter(name="Hiking").count() == 1


def test_a_key_of_idempotency_used_at_once_has_one_effect():
    community = make.community()
    key = api.secret(community)

    def post():
        program = api.Program(community, key=key)
        return program.post("members/", {"name": "Ada"}, **{"Idempotency-Key": "k"}).status_code

    answers = together(post, post, post)
    assert set(answers) <= {201, 409} and 201 in answers
    assert Membership.objects.of(community.pk).filter(name="Ada").count() == 1
    assert post() == 201
    assert Membership.objects.of(community.pk).filter(name="Ada").count() == 1


# --- refreshes ----------------------------------------------------------------------------------------


def settled(community):
    """All that refreshes leave behind once nothing is due, and the same from all facts anew."""
    while community.pk in refresh.due(at=NOW):
        refresh.refresh(community_id=community.pk, at=NOW)
    stepwise = everything(community)
    refresh.refresh(community_id=community.pk, at=NOW, full=True)
    return stepwise, everything(community)


def test_a_refresh_during_an_import_misses_nothing():
    community = make.community()
    content = "member,verb,occurred_at,target\n" + "".join(
        f"#1,posted,2026-02-{1 + n % 28:02}T{n % 24:02}:{n % 60:02}:00Z,\n" for n in range(400)
    )
    run = begun(community, "activities", content)
    together(
        partial(imports.carry_out, run_id=run.pk, now=now),
        partial(refresh.refresh, community_id=community.pk, at=NOW),
        partial(refresh.refresh, community_id=community.pk, at=NOW),
    )
    stepwise, anew = settled(community)
    assert stepwise == anew
    assert Fact.objects.of(community.pk).filter(verb="posted").count() > 0


@pytest.mark.parametrize("step", ["_drain", "_forget"])
def test_another_time_zone_and_a_retraction_during_a_refresh(step, monkeypatch):
    """Committed in the middle of it, whichever step has just been taken: counted now or next time."""
    community = make.community()
    batch = UUID(int=7)
    stream.load(community, *(row(1, "posted", f"02-{day:02} 20:00") for day in range(1, 28)))
    stream.load(community, *(row(1, "commented", f"02-{day:02} 21:00") for day in range(1, 28)), batch=batch)
    take = getattr(refresh, step)

    def taken_and_then_changed(*given, **named):
        taken = take(*given, **named)
        for change in (
            partial(
                community_settings.update, community=community, at=NOW, by=SITE, timezone="Asia/Shanghai"
            ),
            partial(facts.retract, community_id=community.pk, batch=batch, by=SITE, at=NOW),
        ):
            Session(change).finish()
        return taken

    monkeypatch.setattr(refresh, step, taken_and_then_changed)
    refresh.refresh(community_id=community.pk, at=NOW)
    monkeypatch.undo()
    stepwise, anew = settled(community)
    assert stepwise == anew
    assert Fact.objects.of(community.pk).valid().filter(verb="commented").count() == 0


def test_a_batch_is_taken_back_once():
    community = make.community()
    run = begun(community, "activities", "member,verb,occurred_at\n#1,posted,2026-03-01\n")
    imports.carry_out(run_id=run.pk, now=now)
    take_back = partial(facts.retract, community_id=community.pk, batch=run.pk, by=SITE, at=NOW)
    assert sorted(together(take_back, take_back)) == [0, 1]
    assert retraction.of(run).after == {"facts": 1}
    assert AuditEntry.objects.filter(action="facts.retracted").count() == 1
