"""The button on a figure's page that has it counted again from the facts, and the same by the API."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from engagement.models import Figure, FigureCheck
from engagement.selectors.figures import Question
from engagement.services import checks, dirty, refresh
from kernel.clock import now
from kernel.metrics import metrics
from tests import api, make
from tests.engagement.views.test_figures import some_life

pytestmark = pytest.mark.django_db
PAGE = "/c/lantern/desk/figures/power_curve/"
HTMX = {"headers": {"hx-request": "true"}}


@pytest.fixture(autouse=True)
def _no_broker(monkeypatch):
    monkeypatch.setattr(checks.tasks, "send", lambda task, **given: None)


@pytest.fixture
def community():
    community = make.community("lantern", owner=make.person(name="Ada"))
    some_life(community)
    refresh.refresh(community_id=community.pk, at=now())
    return community


@pytest.fixture
def desk(client: Client, community, settings):
    settings.USERSESSIONS_TRACK_ACTIVITY = False
    client.force_login(community.founded_by)
    return client


def test_from_the_button_to_the_word_equal(desk, community):
    assert "Nobody has had this figure counted again yet." in desk.get(PAGE).content.decode()
    asked = desk.post(f"{PAGE}verify/?window=7", {})
    assert asked.url == f"{PAGE}?window=7#check"
    # A parameter the figure does not have is refused, and nothing is begun.
    assert not FigureCheck.objects.exists()
    assert desk.post(f"{PAGE}verify/", {}).url == f"{PAGE}#check"
    check = FigureCheck.objects.get()
    FigureCheck.objects.update(progress=0.4, state="running")
    under_way = desk.get(PAGE).content.decode()
    assert 'value="40" max="100"' in under_way and 'hx-trigger="every 2s"' in under_way
    part = desk.get(f"{PAGE}verify/", **HTMX)
    assert part.templates[0].name == "engagement/_check.html" and "40%" in part.content.decode()

    checks.carry_out(check_id=check.pk, at=now())
    done = desk.get(f"{PAGE}verify/", **HTMX).content.decode()
    assert "Equal" in done and "Asked by Ada" in done and "every 2s" not in done


def test_what_differs_is_shown_until_it_is_counted_anew(desk, community):
    as_of = "?as_of=2026-01-31"
    desk.get(PAGE + as_of)
    Figure.objects.filter(key="power_curve", as_of="2026-01-31").update(data=[9] * 28)
    desk.post(f"{PAGE}verify/{as_of}", {})
    checks.carry_out(check_id=FigureCheck.objects.get().pk, at=now())
    shown = desk.get(PAGE + as_of).content.decode()
    assert "Different" in shown and "values differed" in shown and "data[0]" in shown
    refresh.refresh(community_id=community.pk, at=now())
    assert "It was different, and has been counted anew" in desk.get(PAGE + as_of).content.decode()


STATES = {
    # State and cause; the words of either language, and whether the page opens what it has folded away.
    "under way": ("running", "", "Every fact is being counted again", "正在把每一条事实重新计算一遍", True),
    "equal": ("equal", "", 'data-tone="good">Equal<', 'data-tone="good">一致<', False),
    "failed": ("failed", "", "This could not be counted again", "这次没能重新计算", True),
    "busy": ("failed", "busy", "Facts of these days went on arriving", "这些日子的事实还在不断到来", True),
    "rolled up wrongly": (
        "different",
        "rollups",
        "The facts come to something else",
        "事实算出来的不一样",
        True,
    ),
    "out of date": ("different", "since", "What else it reads has changed", "它读取的其他内容有了变化", True),
}


@pytest.mark.parametrize("state", STATES)
def test_each_state_is_told_in_both_languages(desk, community, settings, state):
    kept, cause, english, chinese, opened = STATES[state]
    log = dirty.everything(community_id=community.pk, since=None, until=None)
    FigureCheck.objects.create(
        community_id=community.pk, key="power_curve", as_of="2026-01-31", given={}, requested_at=now(),
        asked=Question.of(metrics.get("power_curve"), {}).asked, state=kept, cause=cause,
        mending=log if kept == "different" else None,
    )  # fmt: skip
    for language, words in (("en", english), ("zh-hans", chinese)):
        desk.cookies[settings.LANGUAGE_COOKIE_NAME] = language
        shown = desk.get(PAGE).content.decode()
        assert words in shown
        assert ('<details class="card folds how" open>' in shown) == opened


def test_a_computation_that_breaks_says_so_and_can_be_asked_for_again(desk, monkeypatch):
    desk.post(f"{PAGE}verify/", {})
    monkeypatch.setattr(checks.scratch, "rolled_anew", lambda **_given: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        checks.carry_out(check_id=FigureCheck.objects.get().pk, at=now())
    assert "This could not be counted again" in desk.get(PAGE).content.decode()
    monkeypatch.undo()
    monkeypatch.setattr(checks.tasks, "send", lambda task, **given: None)
    desk.post(f"{PAGE}verify/", {})
    desk.post(f"{PAGE}verify/", {})
    # Two who ask at once wait for the same count.
    assert FigureCheck.objects.count() == 2
    checks.carry_out(check_id=FigureCheck.objects.latest("pk").pk, at=now())
    assert 'data-tone="good">Equal<' in desk.get(PAGE).content.decode()


def test_what_cannot_be_asked_is_refused_in_words(desk):
    refused = desk.post(f"{PAGE}verify/?as_of=2999-01-01", {}, follow=True)
    assert "as_of is a day that has not come yet." in refused.content.decode()
    assert not FigureCheck.objects.exists()


def queries(desk):
    with CaptureQueriesContext(connection) as found:
        desk.get(PAGE)
    return len(found)


def test_the_page_takes_as_many_queries_however_often_it_was_checked(desk):
    desk.get(PAGE)
    taken = []
    for _round in range(3):
        desk.post(f"{PAGE}verify/", {})
        checks.carry_out(check_id=FigureCheck.objects.latest("pk").pk, at=now())
        taken.append(queries(desk))
    assert len(set(taken)) == 1


def test_a_figure_of_money_is_checked_by_who_sees_the_money(desk, community):
    host = Client()
    host.force_login(make.member(community, role="host").user)
    path = "/c/lantern/desk/figures/revenue/verify/"
    assert [host.post(path, {}).status_code, host.get(path).status_code] == [403, 403]
    assert desk.post(path, {}).status_code == 302
    assert desk.post("/c/lantern/desk/figures/happiness/verify/", {}).status_code == 404


def test_over_the_api(community):
    program = api.Program(community)
    nothing = program.get("metrics/power_curve/verify/").json()
    assert nothing["state"] is None and nothing["differences"] == []
    begun = program.post("metrics/power_curve/verify/", {"parameters": {"as_of": "2026-01-31"}})
    assert (begun.status_code, begun.json()["state"]) == (202, "waiting")
    again = program.post("metrics/power_curve/verify/", {"parameters": {"as_of": "2026-01-31"}})
    assert again.json()["id"] == begun.json()["id"]
    checks.carry_out(check_id=begun.json()["id"], at=now())
    found = program.get("metrics/power_curve/verify/").json()
    assert {name: found[name] for name in ("id", "state", "progress", "as_of", "differing", "asked_by")} == {
        "id": begun.json()["id"],
        "state": "equal",
        "progress": 1,
        "as_of": "2026-01-31",
        "differing": 0,
        "asked_by": None,
    }
    assert program.get(f"metrics/power_curve/verify/?id={found['id']}").json() == found
    assert program.get(f"metrics/members/verify/?id={found['id']}").status_code == 404
    assert program.get("metrics/happiness/verify/").status_code == 404
    refused = program.post("metrics/power_curve/verify/", {"parameters": {"colour": "red"}})
    assert refused.status_code in (400, 422) and FigureCheck.objects.count() == 1


@pytest.mark.parametrize("key", ["what_if", "health"])
def test_what_differs_in_money_is_not_told_to_who_may_not_see_it(desk, community, key):
    """Both are figures that all staff may read, less what they say of money."""
    FigureCheck.objects.create(
        community_id=community.pk, key=key, as_of="2026-01-31", given={}, requested_at=now(), differing=1,
        asked=Question.of(metrics.get(key), {}).asked, state="different", cause="rollups",
        differences=[{"at": "data.revenue", "stored": 4711, "counted": 815, "by": -3896}],
    )  # fmt: skip
    path = f"/c/lantern/desk/figures/{key}/verify/"
    host = Client()
    host.force_login(make.member(community, role="host").user)
    assert "4,711" in desk.get(path).content.decode()
    shown = host.get(path).content.decode()
    assert "Equal" not in shown and "4,711" not in shown and "revenue" not in shown

    address = f"/api/v1/communities/lantern/metrics/{key}/verify/"
    all_of_it, part = desk.get(address).json(), host.get(address).json()
    assert (len(all_of_it["differences"]), part["differences"], part["differing"]) == (1, [], 1)
