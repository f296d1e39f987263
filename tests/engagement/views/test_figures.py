"""The pages of figures: all of them open on nothing and on something, answer to parameters, and can be taken along."""

from datetime import timedelta

import pytest
from django.db import transaction
from django.db.models import F
from django.test import Client
from django.utils import translation
from django.utils.html import escape

from crowdecon.templatetags.words import definition
from engagement.models import Figure, FigureRequest
from engagement.services import figures, refresh
from engagement.views import naming
from kernel import activity
from kernel.activity import Activity
from kernel.clock import now
from kernel.metrics import Table, Who, metrics
from kernel.words import day as written
from members.models import Membership
from tests import make

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(client: Client, settings):
    settings.USERSESSIONS_TRACK_ACTIVITY = False
    owner = make.person(name="Ada")
    community = make.community("lantern", owner=owner)
    client.force_login(owner)
    client.get(
        "/c/lantern/desk/figures/"
    )  # the day's first visit is written down; what is counted comes after it
    return client, community


@transaction.atomic
def some_life(community):
    bob = make.member(community, name="Bob")
    cleo = make.member(community, name="Cleo")
    for n in range(20):
        at = make.EARLY + timedelta(days=n, hours=1)
        for one, other in ((bob, cleo), (cleo, bob)):
            activity.publish(
                Activity(
                    community_id=community.pk, member=one.number, verb="answered", at=at, target=other.number
                )
            )


def refreshed(community):
    refresh.refresh(community_id=community.pk, at=now())


@pytest.mark.parametrize("key", metrics.keys())
@pytest.mark.parametrize("alive", [False, True])
def test_every_figure_has_its_page(desk, key, alive):
    client, community = desk
    if alive:
        some_life(community)
    refreshed(community)
    page = client.get(f"/c/lantern/desk/figures/{key}/")
    assert page.status_code == 200
    assert page.context["finding"]
    assert escape(str(metrics.get(key).formula).split("\n")[0][:40]) in page.content.decode()


def test_the_overview_reads_stored_rows_alone(desk, django_assert_num_queries):
    client, community = desk
    some_life(community)
    refreshed(community)
    with django_assert_num_queries(5):
        page = client.get("/c/lantern/desk/figures/")
    shown = [tile for _question, tiles in page.context["chapters"] for tile in tiles]
    assert sorted(tile.metric.key for tile in shown) == sorted(metrics.keys())
    compared = [tile for tile in shown if tile.headline.before is not None]
    assert compared and all(tile.period for tile in compared)


def test_a_figure_of_an_earlier_day_than_the_others_says_so(desk):
    client, community = desk
    some_life(community)
    refreshed(community)
    late = Figure.objects.filter(key__in=["network", "cascades"])
    late.update(as_of=F("as_of") - timedelta(days=1))
    said = f"Still of {written(late[0].as_of)}"
    for page in (client.get("/c/lantern/desk/figures/"), client.get("/c/lantern/desk/growth/")):
        told = page.content.decode()
        assert said in told or f"Invitation trees: {said[0].lower()}{said[1:]}." in told


@pytest.mark.parametrize("key", metrics.keys())
def test_a_figure_s_page_asks_five_times_and_once_more_for_names(desk, key, django_assert_num_queries):
    client, community = desk
    some_life(community)
    refreshed(community)
    names_people = key in ("score", "introductions")
    with django_assert_num_queries(6 if names_people else 5):
        client.get(f"/c/lantern/desk/figures/{key}/")


def test_parameters_change_what_is_shown(desk):
    client, community = desk
    some_life(community)
    refreshed(community)
    page = client.get("/c/lantern/desk/figures/active_members/?grain=month&as_of=2026-01-31")
    assert page.context["data"] == [{"period": "2026-01", "value": 2}]
    assert page.context["finding"] == "2 members were active in Jan 2026."
    assert [(parameter.name, value) for parameter, value in page.context["knobs"]] == [
        ("grain", "Month"),
        ("from", "\u2013"),
        ("to", "\u2013"),
        ("as_of", "31 Jan 2026"),
    ]


def test_the_form_shows_the_choice_in_force_also_where_the_default_is_named(desk):
    client, _community = desk
    forms = [
        client.get(f"/c/lantern/desk/figures/active_members/{query}").context["form"]
        for query in ("", "?grain=week", "?grain=month")
    ]
    shown = [str(form["grain"]).split("selected>")[1:] for form in forms]
    assert [[each.split("<")[0] for each in chosen] for chosen in shown] == [["Week"], ["Week"], ["Month"]]


@pytest.mark.parametrize("query", ["?grain=hour", "?as_of=soon", "?as_of=2999-01-01", "?colour=red"])
def test_what_does_not_fit_is_said(desk, query):
    client, _community = desk
    page = client.get(f"/c/lantern/desk/figures/active_members/{query}")
    assert page.status_code == 200
    assert page.context["refused"]


def test_the_rows_can_be_taken_along(desk):
    client, community = desk
    some_life(community)
    refreshed(community)
    response = client.get("/c/lantern/desk/figures/active_members/csv/?grain=month&as_of=2026-01-31")
    assert b"".join(response.streaming_content).decode("utf-8-sig").splitlines() == [
        "Period,Active members",
        "2026-01,2",
    ]
    assert response["Content-Disposition"] == 'attachment; filename="lantern-active_members-2026-01-31.csv"'
    refused = client.get("/c/lantern/desk/figures/active_members/csv/?grain=hour")
    assert refused.url == "/c/lantern/desk/figures/active_members/?grain=hour"


def test_a_heavy_figure_is_waited_for(desk):
    client, community = desk
    some_life(community)
    refreshed(community)
    page = client.get("/c/lantern/desk/figures/network/?window=7&as_of=2026-01-20")
    assert page.context["waiting"].state == "waiting"
    fragment = client.get(
        "/c/lantern/desk/figures/network/?window=7&as_of=2026-01-20", headers={"hx-request": "true"}
    )
    assert fragment.templates[0].name == "engagement/_waiting.html"
    FigureRequest.objects.update(state="failed")
    failed = client.get("/c/lantern/desk/figures/network/?window=7&as_of=2026-01-20").content.decode()
    assert "Counting this failed" in failed and "<progress" not in failed
    figures.answer(request_id=FigureRequest.objects.get().pk, at=now())
    done = client.get(
        "/c/lantern/desk/figures/network/?window=7&as_of=2026-01-20", headers={"hx-request": "true"}
    )
    # Everything on the page has to do with what was counted: it is read anew.
    assert (done["HX-Refresh"], done.content) == ("true", b"")


def test_the_page_says_what_it_found_before_how_it_came_to_it(desk, settings):
    client, community = desk
    some_life(community)
    refreshed(community)
    for language, act, numbers in (
        ("en", "Write to those who drift away", "The numbers"),
        ("zh-hans", "", "具体数字"),
    ):
        client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
        page = client.get("/c/lantern/desk/figures/active_members/")
        shown = page.content.decode()
        shown = shown[shown.index("<main") :]
        parts = [
            "<h1",
            'class="headline"',
            'class="finding"',
            act or "button primary",
            'id="figure"',
            numbers,
        ]
        places = [shown.index(part) for part in [*parts, 'id="definition"', 'id="check"']]
        assert places == sorted(places)
        assert shown.count('class="finding"') == 1 and shown.count(f"<summary>{numbers}") == 1


@pytest.mark.parametrize("key", ["health", "what_if", "network"])
def test_the_numbers_stand_on_the_page_once(desk, key):
    client, community = desk
    some_life(community)
    refreshed(community)
    assert client.get(f"/c/lantern/desk/figures/{key}/").content.decode().count("<summary>The numbers<") == 1


def test_members_have_their_names_in_the_rows_and_the_seed_no_commas(desk):
    client, community = desk
    some_life(community)
    refreshed(community)
    bob = Membership.objects.get(name="Bob")
    query = "?window=all"
    client.get(f"/c/lantern/desk/figures/network/{query}")
    figures.answer(request_id=FigureRequest.objects.get().pk, at=now())
    page = client.get(f"/c/lantern/desk/figures/network/{query}")
    rows = page.content.decode()
    rows = rows[rows.index('class="table compact"') :]
    assert f'<a href="/c/lantern/desk/members/{bob.number}/">Bob</a>, <a' in rows
    seed = str(page.context["data"]["seed"])
    assert f">{seed}<" in rows and f"{int(seed):,}" not in page.content.decode()
    file = client.get(f"/c/lantern/desk/figures/network/csv/{query}")
    lines = b"".join(file.streaming_content).decode("utf-8-sig").splitlines()
    assert lines[-2:] == [f"Seed,{seed},", "Sub-community,2,Bob; Cleo"] or lines[-1].endswith("Bob; Cleo")


def test_a_share_is_a_percentage_on_the_page_and_a_number_in_the_file(desk):
    client, community = desk
    some_life(community)
    refreshed(community)
    query = "?as_of=2026-01-31"
    page = client.get(f"/c/lantern/desk/figures/stickiness/{query}")
    share = page.context["data"][-1]["value"]
    assert 0 < share < 1
    rows = page.content.decode()
    assert f">{share:.0%}<" in rows[rows.index('class="table compact"') :]
    file = client.get(f"/c/lantern/desk/figures/stickiness/csv/{query}")
    lines = b"".join(file.streaming_content).decode("utf-8-sig").splitlines()
    assert lines[-1] == f"2026-01,{share}"


def test_who_may_not_see_members_reads_their_numbers(desk, rf):
    _client, community = desk
    told = Table(["Member"], [[Who.of(4, 7)]])
    request = rf.get("/")
    request.community, request.membership = community, make.member(community)
    assert naming.people(request, [4, 7]) == {}
    assert [str(cell) for cell in naming.named(request, told, {}).rows[0]] == ["#4; #7"]


def test_an_unknown_figure_and_a_plain_member(desk):
    client, community = desk
    assert client.get("/c/lantern/desk/figures/happiness/").status_code == 404
    client.force_login(make.member(community).user)
    assert client.get("/c/lantern/desk/figures/").status_code == 403
    assert client.get("/c/lantern/desk/figures/members/").status_code == 403


def test_the_line_that_tells_how_current_they_are_reloads_the_page_once(desk):
    client, community = desk
    asked = {"headers": {"hx-request": "true"}}
    assert "HX-Refresh" not in client.get("/c/lantern/desk/figures/freshness/", **asked)
    refreshed(community)
    assert client.get("/c/lantern/desk/figures/freshness/", **asked)["HX-Refresh"] == "true"


def test_a_list_of_many_leads_to_how_it_is_counted_before_it_begins(desk):
    client, community = desk
    some_life(community)
    refreshed(community)
    page = client.get("/c/lantern/desk/figures/score/").content.decode()
    places = [page.index(part) for part in ('href="#definition"', "<tbody>", 'id="definition"')]
    assert places == sorted(places)


MONEY = ["dues", "mrr", "payer_cohorts", "revenue"]


def test_figures_of_money_are_for_who_sees_the_money(desk):
    """Everybody at the desk reads the others."""
    _client, community = desk
    refreshed(community)
    assert sorted(metric.key for metric in metrics if metric.permission == "money.view") == MONEY
    for role, status in (("host", 403), ("moderator", 403), ("treasurer", 200), ("manager", 200)):
        staff = Client()
        staff.force_login(make.member(community, role=role).user)
        shown = staff.get("/c/lantern/desk/figures/").content.decode()
        for key in MONEY:
            assert (f"/desk/figures/{key}/" in shown) == (status == 200)
            paths = [f"/c/lantern/desk/figures/{key}/", f"/c/lantern/desk/figures/{key}/csv/"]
            paths.append(f"/api/v1/communities/lantern/metrics/{key}/")
            assert [staff.get(path).status_code for path in paths] == [status] * 3
        assert staff.get("/c/lantern/desk/figures/active_members/").status_code == 200


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_a_definition_sets_its_formulas_apart(desk, settings, language):
    client, community = desk
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
    refreshed(community)
    page = client.get("/c/lantern/desk/figures/growth_accounting/").content.decode()
    shown = page[page.index('<div class="formula">') :]
    shown = shown[: shown.index("</div>")]
    assert shown.count("<li>") == 4
    assert shown.count('<p class="equation"><code>') == 2
    assert "`" not in shown


@pytest.mark.parametrize("key", metrics.keys())
def test_a_definition_has_the_same_parts_in_both_languages(key):
    formula = metrics.get(key).formula
    with translation.override("en"):
        english = shape(str(formula))
    with translation.override("zh-hans"):
        assert shape(str(formula)) == english


def shape(text):
    """Of each block, what its lines are: `-` items, formulas, or words."""
    assert text.count("`") % 2 == 0
    return [
        [line[0] if line[0] in "-`" else "" for line in block.split("\n")] for block in text.split("\n\n")
    ]


def test_what_a_definition_says_is_text():
    assert definition("a < b\n\n`x < y`\n\n- one `n`") == (
        '<p>a &lt; b</p><p class="equation"><code>x &lt; y</code></p><ul><li>one <code>n</code></li></ul>'
    )
