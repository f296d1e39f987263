"""Work of workers: signs of life, being given out again, and never two at once."""

import time
from datetime import date, timedelta

import pytest
from django.db import connection
from django.db.models.functions import Now

from engagement.models import Figure, FigureRequest, RollupState
from engagement.selectors import loading
from engagement.selectors.figures import Question
from engagement.services import figures, refresh, work
from kernel import locks
from kernel.metrics import metrics
from tests import make, once
from tests.engagement import stream
from tests.engagement.stream import NOW, row

pytestmark = pytest.mark.django_db
YESTERDAY = date(2026, 3, 9)


@pytest.fixture(autouse=True)
def sent(monkeypatch):
    found = []
    monkeypatch.setattr(figures.tasks, "send", lambda task, **given: found.append((task, given)))
    return found


@pytest.fixture(scope="module")
def community(django_db_setup, django_db_blocker):
    with once.made(django_db_blocker):
        community = make.community()
        stream.load(community, row(1, "posted", "03-02 10:00"))
        refresh.refresh(community_id=community.pk, at=NOW)
        yield community


@pytest.fixture
def request_id(community, sent):
    figures.get(community=community, key="network", given={"window": "7"}, at=NOW)
    return FigureRequest.objects.get().pk


def rows():
    return FigureRequest.objects.all()


def test_the_row_tells_how_far_it_is(request_id, monkeypatch):
    monkeypatch.setattr(work, "BEAT", 0.01)
    told = []
    monkeypatch.setattr(work._Beat, "_beat", lambda beat: told.append(beat.progress))
    with work.beating(rows()) as tell:
        for share in (0.3, 0.2, 7):
            tell(share)
            length = len(told)
            while len(told) < length + 2:
                time.sleep(0.005)
    assert told == sorted(told)
    assert set(told) - {0.0} == {0.3, 1.0}
    over = len(told)
    time.sleep(0.05)
    assert len(told) == over


def test_a_figure_with_stages_tells_of_them(request_id, community):
    stream.people(community, range(10, 12), stream.at("01-01 00:00"))
    stream.load(community, row(10, "answered", "03-05 10:00", 11))
    refresh.refresh(community_id=community.pk, at=NOW)
    heard = []
    history = loading.history(community=community, as_of=YESTERDAY)
    metrics.get("network").compute(history, progress=heard.append)
    assert heard == sorted(heard)
    assert (heard[0], heard[-1], len(heard)) == (0.2, 1.0, 11)


def test_who_fell_silent_is_given_out_again_and_who_beats_is_not(request_id):
    assert work.begin(rows())
    assert work.left(rows(), at=NOW) == []
    rows().update(beat_at=Now() - work.SILENT - timedelta(seconds=1))
    assert work.left(rows(), at=NOW) == [request_id]
    assert work.left(rows(), at=NOW) == []
    rows().update(state="failed", beat_at=None)
    assert work.left(rows(), at=NOW) == []


def test_what_ends_its_worker_each_time_is_left_as_failed(request_id):
    for _try in range(work.MOST):
        assert work.begin(rows())
    assert not work.begin(rows())
    assert rows().get().state == "failed"


def test_nobody_begins_what_somebody_has_in_hand(request_id):
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            space, key = locks._space(figures.LOCK), locks._fold(request_id)
            cursor.execute("SELECT pg_advisory_lock(%s, %s)", [space, key])
            assert figures.answer(request_id=request_id, at=NOW) is None
            assert rows().get().state == "waiting"
            # Given back by itself: a session that is closed keeps its locks for a moment.
            cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [space, key])
    finally:
        other.close()
    assert figures.answer(request_id=request_id, at=NOW) is not None


def test_the_lock_is_free_afterwards_whatever_happened(request_id, monkeypatch):
    monkeypatch.setattr(metrics.get("network"), "compute", lambda *given, **more: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        figures.answer(request_id=request_id, at=NOW)
    with connection.cursor() as cursor:
        mine = [locks._space(figures.LOCK) & 0xFFFFFFFF]
        cursor.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND classid = %s", mine)
        assert cursor.fetchone() == (0,)


def meanwhile(monkeypatch, act):
    """Do something while the figure is being computed."""
    network = metrics.get("network")
    compute = network.compute

    def held(history, **given):
        found = compute(history, **given)
        act()
        return found

    monkeypatch.setattr(network, "compute", held)


def brought_up(community, *facts):
    def act():
        stream.load(community, *facts)
        refresh.refresh(community_id=community.pk, at=NOW, heavy_apart=True)

    return act


def test_an_answer_holds_on_when_facts_of_later_days_came_meanwhile(request_id, community, monkeypatch):
    """A large community never stands still: its figures of yesterday are nevertheless found."""
    meanwhile(monkeypatch, brought_up(community, row(1, "posted", "03-10 10:00")))
    before = RollupState.objects.get().generation
    assert figures.answer(request_id=request_id, at=NOW) is not None
    assert RollupState.objects.get().generation == before + 1
    found = figures.get(community=community, key="network", given={"window": "7"}, at=NOW)
    assert found.data["nodes"] == 0


def test_an_answer_that_facts_of_its_days_overtook_is_counted_again(request_id, community, monkeypatch):
    meanwhile(monkeypatch, brought_up(community, row(1, "posted", "03-05 10:00")))
    assert figures.answer(request_id=request_id, at=NOW) is None
    assert rows().get(pk=request_id).state == "waiting"
    assert not Figure.objects.filter(key="network", asked="window=7").exists()


def test_a_worker_of_an_older_release_overwrites_nothing_newer(community):
    Figure.objects.filter(key="power_curve").update(version=2, data=[7])
    state = RollupState.objects.get()
    figures.compute(
        community=community, question=Question.of(metrics.get("power_curve"), {}), at=NOW,
        history=loading.history(community=community, as_of=state.as_of), generation=state.generation,
    )  # fmt: skip
    assert Figure.objects.get(key="power_curve").data == [7]


def test_a_refresh_by_a_worker_leaves_heavy_figures_to_all_of_them(community, sent):
    heavy = sorted(metric.key for metric in metrics if metric.heavy)
    Figure.objects.all().delete()
    refresh.refresh(community_id=community.pk, at=NOW, heavy_apart=True)
    assert sorted({request.key for request in rows()}) == heavy
    assert not Figure.objects.filter(key__in=heavy).exists()
    assert Figure.objects.filter(key="power_curve").exists()
    before = len(sent)
    refresh.refresh(community_id=community.pk, at=NOW, heavy_apart=True)
    assert len(sent) == before
    for request in rows():
        figures.answer(request_id=request.pk, at=NOW)
    assert {figure.key for figure in Figure.objects.filter(key__in=heavy)} == set(heavy)
    refresh.refresh(community_id=community.pk, at=NOW, heavy_apart=True)
    assert not rows().exists()
