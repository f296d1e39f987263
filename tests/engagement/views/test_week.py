"""Today's three things, the page of each, the targets of the well-being, and who is fading with what was tried."""

from datetime import timedelta

import pytest

from communities.services import messages as talk
from engagement import week as letters
from engagement.models import Figure, HealthStandard, WeekAct
from engagement.services import refresh
from kernel.clock import day_start, local_day, now, week_of
from kernel.digests import Week
from members.models import Membership
from members.roles import Role
from members.services import notes
from tests import api, make
from tests.engagement import acting

pytestmark = pytest.mark.django_db

DESK = "/c/lantern/desk/"


@pytest.fixture
def community(client, settings):
    settings.USERSESSIONS_TRACK_ACTIVITY = False
    community = make.community("lantern")
    client.force_login(Membership.objects.of(community.id).get().user)
    client.get(DESK)
    return community


def words(answer):
    return answer.content.decode()


def test_today_shows_the_acts_and_the_first_open_one_leads(client, community):
    make.member(community)
    refresh.refresh(community_id=community.pk, at=now())
    acting.an_act(community, 2, rule="fading", effect=0.1)
    acting.an_act(community, 2, 3, effect=0.9)
    page = client.get(DESK)
    assert page.context["need"].words == "Welcome 2 newcomers who have not done anything yet."
    assert [need.weight for need in page.context["others"]] == [0]
    shown = words(page)
    assert shown.index("Welcome 2 newcomers") < shown.index("Write to 1 member")
    assert shown.count('name="state" value="done"') == 2


def test_one_tap_does_it_or_sets_it_aside(client, community):
    act = acting.an_act(community, 1)
    address = f"{DESK}week/{act.key}/"
    answer = client.post(address, {"state": "done", "from": "today"})
    assert answer.headers["Location"] == DESK
    act.refresh_from_db()
    assert (act.state, act.decided_by) == ("done", 1)
    assert client.post(address, {"state": "set_aside"}).headers["Location"] == address
    assert "Set aside" in words(client.get(address))
    client.post(address, {"state": "nonsense"})
    act.refresh_from_db()
    assert act.state == "set_aside"


@pytest.mark.parametrize("many", [1, 3])
def test_the_list_is_paged_and_takes_as_many_queries(client, community, many, django_assert_num_queries):
    for n in range(many):
        acting.an_act(community, 1, week=acting.monday_before(n))
    with django_assert_num_queries(4):
        page = client.get(f"{DESK}week/")
    assert len(page.context["acts"]) == many


def test_a_page_names_its_people_with_what_was_tried(client, community):
    bob = make.member(community, name="Bob")
    owner = Membership.objects.of(community.pk).get(number=1)
    talk.write(author=owner, to=bob, body="How are you?", at=now() - timedelta(days=3))
    notes.write(membership=bob, text="Called; on holiday", at=now() - timedelta(days=2), by=make.SITE)
    act = acting.an_act(community, bob.number, rule="fading")
    page = words(client.get(f"{DESK}week/{act.key}/"))
    assert "Message from" in page
    assert "Note by tests" in page
    assert "too early to say" in page
    assert "on holiday" not in page
    assert "How are you?" not in page
    assert f"/c/lantern/messages/with/{bob.number}/" in page


def test_the_figure_names_who_is_fading(client, community):
    bob = make.member(community, name="Bob")
    refresh.refresh(community_id=community.pk, at=now())
    row = {
        "number": bob.number, "member": None, "active_before": 20, "active_since": 1, "last_active": "2026-03-01",
        "score_before": 9.5, "score": 1.5, "lost": 8.0,
    }  # fmt: skip
    data = {"since": "2026-02-10", "total": 1, "steady": 4, "share": 0.25, "silence_is_normal": False}
    Figure.objects.filter(key="at_risk").update(data=data | {"members": [row]})
    page = words(client.get(f"{DESK}figures/at_risk/"))
    assert "1 of 4 members who came regularly (25%) hardly do any more." in page
    assert "20 in the 8 weeks before, 1 in the last 4" in page
    assert "Nobody of the staff has tried anything yet." in page


def test_the_well_being_is_a_row_of_bars_with_what_is_missing(client, community):
    refresh.refresh(community_id=community.pk, at=now())
    page = words(client.get(f"{DESK}figures/health/"))
    assert page.count('class="bar-row"') == len(community.blueprint.health)
    assert "This figure is not counted here yet." in page or "No data yet" in page


def test_the_well_being_tells_nothing_of_money_to_who_may_not_see_it(client, community):
    refresh.refresh(community_id=community.pk, at=now())
    asked, dues = (
        {"key": key, "figure": figure, "kind": "share", "lower_is_better": False, "value": value, "target": 0.8,
         "weight": 1, "part": 0.5, "reached": reached, "reason": ""}
        for key, figure, value, reached in [("answered", "response_time", 0.4, 0.5), ("renewal", "dues", 0.8, 1.0)]
    )  # fmt: skip
    week = {"week": "2026-02-09", "value": 75.0, "standard": 1, "counted": "2026-02-16"}
    data = {"value": 75.0, "standard": 1, "since": None, "missing": [], "weeks": [week]}
    Figure.objects.filter(key="health").update(data=data | {"components": [asked, dues]})
    for role, there, value, weeks in [(Role.MANAGER, True, 75.0, 1), (Role.MODERATOR, False, 50.0, 0)]:
        member = make.member(community, role=role)
        assert member.may("money.view") is there
        client.force_login(member.user)
        page = client.get(f"{DESK}figures/health/")
        assert ("Dues that were renewed" in words(page)) is there
        assert page.context["data"]["value"] == value
        assert len(page.context["data"]["weeks"]) == weeks
        rows = b"".join(client.get(f"{DESK}figures/health/csv/").streaming_content).decode()
        assert ("Dues that were renewed" in rows) is there
        tiles = [tile for _label, some in client.get(f"{DESK}figures/").context["chapters"] for tile in some]
        period = "on the week before" if weeks else ""
        assert [(one.headline.value, one.period) for one in tiles if one.metric.key == "health"] == [
            (value, period)
        ]


def given(community, **changed):
    fields = {}
    for goal in community.blueprint.health:
        fields[f"{goal.component.key}_target"] = goal.target * 100
        fields[f"{goal.component.key}_weight"] = goal.weight
    return fields | changed


def test_targets_are_written_as_percentages_and_kept_as_shares(client, community):
    page = f"{DESK}settings/health/"
    assert client.get(page).context["form"]["retention_target"].value() == 30
    assert client.post(page, given(community, retention_target="45.5")).headers["Location"] == page
    assert HealthStandard.objects.get().goals["retention"] == [0.455, 3]
    answer = client.post(page, given(community, retention_target="0"))
    assert "above 0" in words(answer)
    assert HealthStandard.objects.count() == 1


def test_staff_read_of_the_acts_in_their_weekly_letter_and_members_do_not(community):
    monday = week_of(local_day(now(), community.zone))
    acting.an_act(community, 1)
    acting.an_act(community, 1, rule="fading", state="done", decided_at=now())
    start = day_start(monday, community.zone)
    tell = letters.worth_doing(Week(community, start - timedelta(days=7), start))
    section = tell(make.member(community, role=Role.HOST))
    assert [line.text for line in section.lines] == ["Welcome 1 newcomer who has not done anything yet."]
    assert tell(make.member(community)) is None


def test_programs_read_them_decide_and_change_the_targets(community):
    act = acting.an_act(community, 1)
    program = api.Program(community)
    (row,) = program.get("week-acts/").json()["results"]
    assert (row["id"], row["state"], row["people"]) == (str(act.key), "open", [1])
    assert row["words"] == "Welcome 1 newcomer who has not done anything yet."
    answer = program.post(f"week-acts/{act.key}/decide/", {"state": "set_aside"})
    assert (answer.status_code, answer.json()["state"]) == (200, "set_aside")
    assert WeekAct.objects.get().decided_by is None
    assert program.get("well-being/").json()["version"] == 1
    goals = {"goals": [{"component": "retention", "target": 0.5, "weight": 1}]}
    changed = program.patch("well-being/", goals)
    assert (changed.status_code, changed.json()["version"]) == (200, 2)
    wrong = {"goals": [{"component": "retention", "target": 2, "weight": 1}]}
    assert program.patch("well-being/", wrong).status_code == 422
