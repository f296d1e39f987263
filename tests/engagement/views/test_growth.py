"""Growth at the desk: what it says of communities of every size, and what it asks of the database."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from engagement import growth_words
from engagement.growth_words import Grows, Verdict
from engagement.models import Figure, FigureRequest
from engagement.services import refresh
from kernel.clock import local_day, now
from kernel.words import day as written
from members.models import Membership
from members.roles import Role
from members.services import standing
from tests import make

pytestmark = pytest.mark.django_db

PAGE = "/c/lantern/desk/growth/"
ROW = {"cohort": "all", "eligible": 400, "invitations": 900, "i": 2.25, "c": 0.3, "invitees": 150, "k": 0.4, "low": 0.3,
       "high": 0.6, "young": 0, "reason": None}  # fmt: skip
LIMITS = "The limits hold 95 times of 100. At one member brought by each, a community keeps itself going."
FEW = "From 30 members on, chance can be told apart: then an interval is shown here."


@pytest.fixture
def community(client, settings):
    settings.USERSESSIONS_TRACK_ACTIVITY = False
    community = make.community("lantern")
    client.force_login(Membership.objects.of(community.id).get().user)
    client.get(PAGE)
    return community


def grown(community, many, *, age=90):
    """Members who joined so many days ago, each third of them brought by the one before."""
    above, since = None, now() - timedelta(days=age)
    for n in range(many):
        one = make.member(community, at=since + timedelta(hours=n))
        if n % 3:
            Membership.objects.filter(pk=one.pk).update(invited_by=above)
        above = one
    refresh.refresh(community_id=community.pk, at=now())


def words(answer):
    return answer.content.decode()


def test_before_anything_is_counted_the_page_says_what_will_be_here(client, community):
    page = client.get(PAGE)
    assert page.context["verdict"].words == "Whether it grows by itself is being counted."
    assert "Growth is counted once a day has ended" in words(page)
    assert page.context["act"]["url"] == reverse("members:links", args=["lantern"])


def test_of_a_few_it_says_when_it_can_be_said(client, community):
    Membership.objects.of(community.pk).update(joined_at=now() - timedelta(days=9))
    grown(community, 3, age=5)
    page = client.get(PAGE)
    day = written(local_day(now(), community.zone) + timedelta(days=21))
    assert f"on {day} the first member has been here for 30 days" in words(page)
    assert "Young: " in words(page)


def test_twenty_are_too_few_for_an_interval(client, community):
    grown(community, 20)
    page = client.get(PAGE)
    assert page.context["verdict"].why.startswith("From 30 members on, ")
    assert "21 members have been here long enough and brought 13 more" in words(page)
    assert "too few for an interval" in words(page)
    assert 'href="/c/lantern/desk/members/forest/?member=' in words(page)


@pytest.mark.parametrize("many", [1, 3])
def test_the_page_asks_as_much_of_one_as_of_three(client, community, many, django_assert_num_queries):
    grown(community, 3 * many)
    with django_assert_num_queries(6):
        client.get(PAGE)


@pytest.mark.parametrize(
    ("row", "found", "why", "said"),
    [
        ({}, Verdict, LIMITS,
         "Every 10 members bring 4 more in their first 30 days, between 3 and 6: it grows with help from outside."),
        ({"k": 1.3, "low": 1.1, "high": 1.5}, Grows, LIMITS,
         "Every 10 members bring 13 more in their first 30 days, between 11 and 15: it grows by itself."),
        ({"k": 0.9, "low": 0.7, "high": 1.2}, Verdict, LIMITS,
         "Every 10 members bring 9 more in their first 30 days, between 7 and 12: it may grow by itself, or just not."),
        ({"k": 0.04, "low": 0.024, "high": 0.062}, Verdict, LIMITS,
         "Every 100 members bring 4 more in their first 30 days, between 2 and 6: it grows with help from outside."),
        ({"k": 0.0, "low": 0.0, "high": 0.0075, "invitees": 0}, Verdict, "",
         "None of 400 members brought anybody in their first 30 days: it grows only from outside."),
        ({"k": 0.5, "low": None, "high": None, "eligible": 1, "invitees": 2}, Verdict, FEW,
         "1 member has been here long enough and brought 2 more: too few to say whether it grows by itself."),
        ({"k": None, "low": None, "high": None, "eligible": 0, "reason": "nobody"}, Verdict, "",
         "Whether it grows by itself shows once members bring members."),
    ],
)  # fmt: skip
def test_what_it_says(row, found, why, said):
    assert growth_words.verdict([ROW | row], None, None) == found(said, why)


def test_the_last_ninety_days_have_the_word_where_they_are_known():
    rate = {"k": 1.2, "k_low": 1.1, "k_high": 1.3, "joined": 400}
    assert growth_words.verdict([ROW], rate, None).words == (
        "Every 10 members bring 12 more in their first 90 days, between 11 and 13: it grows by itself."
    )
    unknown = rate | {"k": None, "k_low": None, "k_high": None}
    assert growth_words.verdict([ROW], unknown, None).words.startswith("Every 10 members bring 4 more")


@pytest.mark.parametrize(
    ("row", "stages", "leads"),
    [
        ({"c": 0.1}, {"core": 3}, "members:links"),
        ({}, {"core": 3, "active": 9}, "stage=core"),
        ({}, {"active": 9}, "stage=active"),
        ({}, {}, "members:links"),
    ],
)
def test_what_follows_from_it(row, stages, leads):
    act = growth_words.verdict([ROW | row], None, None).act([ROW | row], stages)
    assert leads in (act.door, act.query)


def test_where_it_grows_by_itself_who_came_is_welcomed():
    row = ROW | {"k": 1.3, "low": 1.1, "high": 1.5, "c": 0.1}
    act = growth_words.verdict([row], None, None).act([row], {"core": 3})
    assert (act.door, act.query) == ("members:desk", "sort=-joined")


@pytest.fixture
def of_weeks(community):
    """Old and large enough to look half a year ahead."""
    for n in range(24):
        make.member(community, at=now() - timedelta(days=130 - 4 * n))
    refresh.refresh(community_id=community.pk, at=now())
    return community


def test_moving_a_lever_redraws_the_picture_alone_and_keeps_nothing(
    client, of_weeks, django_assert_num_queries
):
    page = client.get(PAGE)
    usual = page.context["ahead"]
    assert 'hx-target="#ahead"' in words(page)
    kept = set(Figure.objects.values_list("pk", "asked")), FigureRequest.objects.count()
    moving = {"headers": {"hx-request": "true"}}
    part = client.get(f"{PAGE}?churn=400&invitations=-40", **moving)
    assert "<html" not in words(part)
    assert "With no lever moved it would be about" in part.context["ahead"].finding
    assert [lever.value for lever in part.context["ahead"].levers] == [-40, 0, 400, 0]
    medians = [
        [week["median"] for week in one.measures[0]["data"]["weeks"]]
        for one in (usual, part.context["ahead"])
    ]
    assert [week["as_is"] for week in part.context["ahead"].measures[0]["data"]["weeks"]] == medians[0]
    assert medians[1][-1] < medians[0][-1]
    assert (set(Figure.objects.values_list("pk", "asked")), FigureRequest.objects.count()) == kept
    # The weeks behind are read no second time, however the levers stand.
    with django_assert_num_queries(3):
        client.get(f"{PAGE}?churn=10", **moving)
    wrong = client.get(f"{PAGE}?churn=500")
    assert "churn: a whole number from -100 to 400 is expected" in words(wrong)
    assert wrong.context["ahead"].finding == usual.finding


ANYTHING = ["NaN", "inf", "9" * 5000, "-101", "401", "-", "--1", "%2B5", "0.5", "１０", "很多", "<b>", "%00", "1;2"]  # fmt: skip


def test_an_address_with_anything_in_it_is_answered_in_plain_words(client, of_weeks):
    for n, value in enumerate(ANYTHING):
        asked = f"{PAGE}?by={value}&churn={value}&price=-100&window={value}&k={value}"
        page = client.get(asked, headers={"hx-request": "true"} if n else {})
        assert page.status_code == 200
        ahead = page.context["ahead"]
        assert ahead.refused == "churn: a whole number from -100 to 400 is expected"
        # The levers stand at 0, and what they lead to is that.
        assert {lever.value for lever in ahead.levers} == {0}
        assert "With no lever moved" not in ahead.finding


@pytest.mark.parametrize("moved", [-100, 400])
def test_every_lever_at_its_end_leads_somewhere(client, of_weeks, moved):
    asked = "&".join(f"{name}={moved}" for name in ("invitations", "conversion", "churn", "price"))
    page = client.get(f"{PAGE}?{asked}")
    assert "With no lever moved it would be about" in page.context["ahead"].finding
    assert all(week["low"] >= 0 for week in page.context["ahead"].measures[0]["data"]["weeks"])


def alone(community):
    """Nobody but who founded it."""


def all_staff(community):
    for n in range(3):
        make.member(community, role=Role.HOST, at=now() - timedelta(days=60 + n))


def everybody_gone(community):
    for n in range(3):
        one = make.member(community, at=now() - timedelta(days=60 + n))
        standing.act("leave", membership=one, at=now() - timedelta(days=40), by=make.SITE)


def nobody_joined(community):
    """Even who founded it has only been there since after the day that is counted."""
    Membership.objects.of(community.pk).update(joined_at=now())


@pytest.mark.parametrize("kind", [alone, all_staff, everybody_gone, nobody_joined])
def test_of_the_oddest_communities_every_part_says_something(client, community, kind):
    kind(community)
    refresh.refresh(community_id=community.pk, at=now())
    for address in (PAGE, f"{PAGE}?by=week", f"{PAGE}costs/", "/c/lantern/desk/members/forest/"):
        assert client.get(address).status_code == 200
    for key in ("referral_k", "cycle_time", "generations", "cascades", "channels", "growth_rate", "what_if"):
        page = client.get(f"/c/lantern/desk/figures/{key}/")
        assert page.status_code == 200
        assert client.get(f"/c/lantern/desk/figures/{key}/csv/").status_code == 200


def test_what_was_counted_by_an_older_definition_is_not_shown_as_if_it_were_this_one(client, community):
    grown(community, 3)
    old = {"channel": None, "campaign": None, "joined": 4}
    Figure.objects.filter(key="channels").update(version=1, data=[old], brief=None)
    page = client.get(PAGE)
    assert page.status_code == 200
    assert page.context["channels"] is None


def test_who_was_brought_is_not_said_to_have_come_without_an_invitation(client, community):
    grown(community, 20)
    page = client.get(PAGE)
    assert [(way.name, way.steps[0].text) for way in page.context["ways"]] == [
        ("Brought by a member", "13"), ("By themselves", "8"),
    ]  # fmt: skip
    assert "62% of the 21 who joined came by an invitation or a member" in words(page)


def test_who_may_not_make_links_is_told_and_led_nowhere(community):
    staff = Client()
    staff.force_login(make.member(community, role=Role.MODERATOR).user)
    page = staff.get(PAGE)
    assert page.status_code == 200
    assert page.context["act"]["url"] == ""
    assert page.context["channels"] is None
