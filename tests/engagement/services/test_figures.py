from datetime import date, timedelta

import pytest

from engagement.models import Figure, FigureRequest
from engagement.selectors import figures as known
from engagement.selectors import loading
from engagement.selectors.figures import FigureResult, Pending, Question
from engagement.services import figures, refresh, work
from kernel.errors import Refused
from kernel.metrics import metrics
from tests import make
from tests.engagement import stream
from tests.engagement.stream import NOW, row

pytestmark = pytest.mark.django_db
YESTERDAY = date(2026, 3, 9)


@pytest.fixture
def community():
    community = make.community()
    stream.load(community, row(1, "posted", "03-02 10:00"), row(1, "read", "03-09 10:00"))
    refresh.refresh(community_id=community.pk, at=NOW)
    return community


@pytest.fixture
def sent(monkeypatch):
    """The tasks that are handed to workers, instead of handing them over."""
    found = []
    monkeypatch.setattr(figures.tasks, "send", lambda task, **given: found.append((task, given)))
    return found


def get(community, key, **given):
    return figures.get(community=community, key=key, given=given, at=NOW)


def test_a_stored_figure_is_read_and_not_computed(community, django_assert_num_queries):
    Figure.objects.filter(key="power_curve").update(data=[7])
    with django_assert_num_queries(2):
        result = get(community, "power_curve")
    assert (result.data, result.as_of, result.version, result.computed_at) == ([7], YESTERDAY, 1, NOW)


def test_what_is_not_stored_is_computed_once_and_kept(community):
    first = get(community, "contribution", window="3")
    Figure.objects.filter(key="contribution", asked="window=3").update(took_ms=12_345)
    assert first.parameters == {"window": 3, "as_of": "2026-03-09"}
    assert first.data["actives"] == 1 and first.data["contributors"] == 0
    assert get(community, "contribution", window="3").took_ms == 12_345


def test_a_question_is_the_same_however_it_is_put(community):
    plain = get(community, "active_members")
    assert get(community, "active_members", grain="week") == plain
    assert get(community, "active_members", grain="week", as_of="2026-03-09") == plain


def test_another_day_is_another_answer(community):
    result = get(community, "power_curve", as_of="2026-03-05")
    assert (result.as_of, sum(result.data)) == (date(2026, 3, 5), 1)
    assert get(community, "power_curve", as_of="2026-03-01").data == [0] * 28


def test_a_figure_does_not_outlive_what_it_was_computed_from(community):
    assert get(community, "power_curve", as_of="2026-03-05").data[:2] == [1, 0]
    stream.load(community, row(1, "posted", "03-03 10:00"))
    refresh.refresh(community_id=community.pk, at=NOW)
    assert get(community, "power_curve", as_of="2026-03-05").data[:2] == [0, 1]


def test_a_figure_of_an_older_definition_is_computed_anew(community):
    Figure.objects.filter(key="power_curve").update(version=0, data=[7])
    assert len(get(community, "power_curve").data) == 28


@pytest.mark.parametrize(
    ("given", "code", "field"),
    [
        ({"as_of": "2026-03-11"}, "future", "as_of"),
        ({"as_of": "soon"}, "invalid_parameter", "as_of"),
        ({"colour": "red"}, "unknown_parameter", "colour"),
    ],
)
def test_parameters_that_do_not_fit_are_refused(community, given, code, field):
    with pytest.raises(Refused) as refusal:
        get(community, "power_curve", **given)
    assert (refusal.value.code, refusal.value.field) == (code, field)


def test_there_is_no_figure_of_an_unknown_key(community):
    with pytest.raises(KeyError):
        get(community, "happiness")


def test_an_answer_from_older_roll_ups_never_takes_the_place_of_a_newer_one(community):
    question = Question.of(metrics.get("power_curve"), {})
    Figure.objects.filter(key="power_curve").update(data=[7])
    newer = known.state(community.pk).generation
    history = loading.history(community=community, as_of=YESTERDAY)
    given = {"community": community, "question": question, "history": history, "at": NOW}
    kept = []
    for generation in (newer - 1, newer):
        figures.compute(**given, generation=generation)
        kept.append(len(Figure.objects.get(key="power_curve").data))
    assert kept == [1, 28]


# --- heavy ones ---------------------------------------------------------------------------------------


def test_a_heavy_figure_is_given_to_a_worker_once(community, sent):
    first, again = get(community, "network", window="7"), get(community, "network", window="7")
    request = FigureRequest.objects.get()
    assert first == again == Pending("network", YESTERDAY, "waiting", 0)
    assert sent == [("engagement.answer", {"request_id": request.pk})]


def test_the_same_question_has_its_answer_when_the_worker_is_done(community, sent):
    get(community, "network", window="7")
    figures.answer(request_id=FigureRequest.objects.get().pk, at=NOW)
    result = get(community, "network", window="7")
    assert isinstance(result, FigureResult) and result.parameters["window"] == 7
    assert not FigureRequest.objects.exists()


def test_answering_twice_is_answering_once(community, sent):
    get(community, "network", window="7")
    request_id = FigureRequest.objects.get().pk
    figures.answer(request_id=request_id, at=NOW)
    assert figures.answer(request_id=request_id, at=NOW) is None


def test_work_that_failed_is_given_out_anew_after_a_rest(community, sent, monkeypatch):
    get(community, "network", window="7")
    request = FigureRequest.objects.get()
    monkeypatch.setattr(metrics.get("network"), "compute", lambda *given, **more: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        figures.answer(request_id=request.pk, at=NOW)
    request.refresh_from_db()
    assert request.state == "failed"
    assert (get(community, "network", window="7").state, len(sent)) == ("failed", 1)
    later = NOW + work.TAKEN_UP + timedelta(seconds=1)
    found = figures.get(community=community, key="network", given={"window": "7"}, at=later)
    assert (found.state, len(sent)) == ("waiting", 2)


def test_work_that_nobody_took_up_is_given_out_again_once_a_while(community, sent):
    get(community, "network", window="7")
    pk = FigureRequest.objects.get().pk
    later = NOW + work.TAKEN_UP + timedelta(seconds=1)
    assert figures.waiting(at=NOW) == []
    assert figures.waiting(at=later) == [pk]
    assert figures.waiting(at=later) == []


def test_recomputing_gives_the_same_and_writes_it_down_anew(community, sent):
    before = get(community, "retention")
    later = NOW + timedelta(hours=1)
    after = figures.recompute(community=community, key="retention", given={}, at=later)
    assert (after.data, after.computed_at) == (before.data, later)


# --- what the dashboard reads -------------------------------------------------------------------------


def test_the_dashboard_s_figures_take_one_query(community, django_assert_num_queries):
    questions = list(known.standing())
    with django_assert_num_queries(1):
        found = known.latest(community=community, questions=questions)
    assert set(found) == {(question.metric.key, question.asked) for question in questions}


def test_the_dashboard_shows_the_day_of_the_last_refresh_only(community):
    get(community, "power_curve", as_of="2026-03-10")
    question = Question.of(metrics.get("power_curve"), {})
    found = known.latest(community=community, questions=[question])
    assert [result.as_of for result in found.values()] == [YESTERDAY]


@pytest.mark.parametrize("late", [[], [row(1, "posted", "03-04 10:00")]])
def test_while_workers_are_about_a_figure_the_one_of_the_day_before_stands_in(community, sent, late):
    """So it does where facts that came late have overtaken it: they are in the one that is being computed."""
    tomorrow = NOW + timedelta(days=1)
    stream.load(community, row(2, "posted", "03-10 09:00"), *late)
    refresh.refresh(community_id=community.pk, at=tomorrow, heavy_apart=True)
    questions = [Question.of(metrics.get(key), {}) for key in ("network", "power_curve")]

    def days():
        return [one.as_of for one in known.latest(community=community, questions=questions).values()]

    assert days() == [YESTERDAY, YESTERDAY + timedelta(days=1)]
    for request in FigureRequest.objects.all():
        figures.answer(request_id=request.pk, at=tomorrow)
    assert days() == [YESTERDAY + timedelta(days=1)] * 2


def test_no_figure_stands_in_for_longer_than_a_week(community, sent):
    question = Question.of(metrics.get("network"), {})
    mine = Figure.objects.filter(key="network", asked=question.asked)
    for days, stands in ((7, True), (8, False)):
        mine.update(as_of=YESTERDAY - timedelta(days=days))
        assert bool(known.latest(community=community, questions=[question])) is stands


def test_what_stands_is_every_figure_by_every_grain():
    asked = {(question.metric.key, question.asked) for question in known.standing()}
    assert {key for key, _asked in asked} == set(metrics.keys())
    assert {one for key, one in asked if key == "retention"} == {"grain=week", "grain=month"}
