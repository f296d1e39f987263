"""Conditions and segments on the desk's page: added one at a time, taken away, saved, opened, counted."""

from urllib.parse import parse_qs, urlsplit

import pytest
from django.urls import reverse

from members.models import Segment
from members.roles import Role
from members.services import memberships
from members.views.asked import written
from tests import make

pytestmark = pytest.mark.django_db

CITY = {"field": "city", "is": "has", "value": "Paris"}
VIP = {"field": "tags", "is": "has", "value": "vip"}


@pytest.fixture
def community():
    community = make.community("lantern", owner=make.person(name="Ada"))
    for name, city, tags in [("Bob", "Paris", ["vip"]), ("Cleo", "Lyon", ["vip"]), ("Dan", "Lyon", [])]:
        words = {"name": name, "email": f"{name}@old.example", "city": city, "tags": tags}
        memberships.add(community=community, at=make.EARLY, by=make.SITE, **words)
    return community


@pytest.fixture
def desk(client, community):
    client.force_login(community.memberships.get(role=Role.OWNER).user)
    return client


def url(name="desk", *args):
    return reverse(f"members:{name}", args=["lantern", *args])


def asked(rules, **more):
    return {"rules": written(rules), **more}


def names(response):
    return [row.display_name for row in response.context["page"].rows]


def rules_of(address):
    return parse_qs(urlsplit(address).query)["rules"][0]


def test_a_condition_is_added_to_what_is_asked(desk):
    place = url("condition")
    step = desk.get(place, asked({"all": [CITY]}, c_field="tags", q="ol"))
    assert [key for key, *_words in step.context["comparisons"]] == ["has", "has_not", "known", "empty"]
    form = {"c_field": "tags", "c_is": "has", "c_value": "vip", "q": "ol"}
    answer = desk.get(place, asked({"all": [CITY]}, **form))
    assert rules_of(answer["Location"]) == written({"all": [CITY, VIP]})
    assert names(desk.get(answer["Location"])) == ["Bob"]
    beside = desk.get(place, asked({"all": [CITY]}, c_beside="0", **form))
    assert rules_of(beside["Location"]) == written({"all": [{"any": [CITY, VIP]}]})
    assert names(desk.get(beside["Location"])) == ["Bob", "Cleo"]


@pytest.mark.parametrize(
    ("form", "condition"),
    [
        (
            {"c_field": "joined", "c_is": "last_days", "c_days": "30", "c_value": ""},
            {"field": "joined", "is": "last_days", "value": 30},
        ),
        (
            {"c_field": "joined", "c_is": "since", "c_days": "30", "c_value": "2026-03-02"},
            {"field": "joined", "is": "since", "value": "2026-03-02"},
        ),
        (
            {"c_field": "status", "c_is": "is_not", "c_value": ["gone", "paused"]},
            {"field": "status", "is": "is_not", "value": ["gone", "paused"]},
        ),
        (
            {"c_field": "score", "c_is": "at_least", "c_value": "1.5"},
            {"field": "score", "is": "at_least", "value": 1.5},
        ),
        (
            {"c_field": "invited_by", "c_is": "is", "c_value": "#3"},
            {"field": "invited_by", "is": "is", "value": 3},
        ),
        ({"c_field": "city", "c_is": "empty", "c_value": "left over"}, {"field": "city", "is": "empty"}),
    ],
)
def test_each_kind_is_read_from_its_form(desk, form, condition):
    answer = desk.get(url("condition"), form)
    assert rules_of(answer["Location"]) == written({"all": [condition]})


@pytest.mark.parametrize(
    "form",
    [
        {"c_field": "city", "c_is": "is", "c_value": ""},
        {"c_field": "nonsense", "c_is": "is", "c_value": "x"},
        {"c_field": "score", "c_is": "at_least", "c_value": "much"},
        {"c_field": "joined", "c_is": "last_days", "c_days": "¾"},
        {"c_field": "status", "c_is": "is"},
    ],
)
def test_what_does_not_fit_is_told_in_the_form(desk, form):
    response = desk.get(url("condition"), form)
    assert response.status_code == 200
    assert response.context["condition_problem"]


def test_chips_take_conditions_away_and_the_joint_turns_them(desk):
    response = desk.get(url(), asked({"all": [CITY, {"any": [VIP, CITY]}]}))
    alone, group = response.context["conditions"]
    assert rules_of(f"?{alone.url}") == written({"all": [{"any": [VIP, CITY]}]})
    assert [rules_of(f"?{part.url}") for part in group.parts] == [
        written({"all": [CITY, {"any": [CITY]}]}),
        written({"all": [CITY, {"any": [VIP]}]}),
    ]
    turned = rules_of(f"?{response.context['asked'].joined()}")
    assert turned == written({"any": [CITY, {"any": [VIP, CITY]}]})


@pytest.mark.parametrize(
    "text", ["{", "[[[[", "null", '{"all": [{"field": "user__password", "is": "has"}]}', "\x00"]
)
def test_rules_that_are_not_understood_are_told_and_narrow_nothing(desk, text):
    response = desk.get(url(), {"rules": text})
    assert (response.status_code, len(names(response))) == (200, 4)
    assert response.context["asked"].problem


def test_what_is_asked_is_saved_opened_and_counted(desk):
    answer = desk.post(url("new_segment") + "?tag=vip&city=lyon", {"name": "Lyon's"})
    segment = Segment.objects.get()
    assert answer["Location"] == f"{url()}?segment={segment.pk}"
    assert segment.rules == {"all": [VIP, {"field": "city", "is": "is", "value": "lyon"}]}
    response = desk.get(answer["Location"])
    assert (names(response), response.context["asked"].changed) == (["Cleo"], False)
    assert desk.get(url("segment_count", segment.pk)).content == b"1"
    changed = desk.get(url(), asked({"all": [VIP]}, segment=segment.pk))
    assert (names(changed), changed.context["asked"].changed) == (["Bob", "Cleo"], True)
    desk.post(url("new_segment") + f"?segment={segment.pk}&rules={written({'all': [VIP]})}", {"change": "1"})
    segment.refresh_from_db()
    assert segment.rules == {"all": [VIP]}
    desk.post(url("segment", segment.pk), {"name": "Guests"})
    page = desk.get(url("segments"))
    assert [(line["segment"].name, line["words"]) for line in page.context["lines"]] == [
        ("Guests", "Tags has “vip”")
    ]
    desk.post(url("delete_segment", segment.pk))
    assert Segment.objects.count() == 0


def test_a_segment_that_asks_about_what_is_gone_has_nobody_in_it(desk, community):
    rules = {"all": [{"field": "custom.Shoe", "is": "known"}]}
    segment = Segment.objects.create(
        community=community, name="Shoes", rules=rules, made_at=make.EARLY, changed_at=make.EARLY
    )
    response = desk.get(url(), {"segment": segment.pk})
    assert (names(response), "custom.Shoe" in response.context["asked"].problem) == ([], True)
    assert desk.get(url("segment_count", segment.pk)).content == b"0"


def test_a_moderator_uses_segments_and_saves_none(client, desk, community):
    moderator = make.member(community, role=Role.MODERATOR)
    desk.post(url("new_segment") + "?tag=vip", {"name": "Vips"})
    segment = Segment.objects.get()
    client.force_login(moderator.user)
    assert names(client.get(url(), {"segment": segment.pk})) == ["Bob", "Cleo"]
    assert client.post(url("new_segment") + "?tag=vip", {"name": "Others"}).status_code == 403
    assert client.post(url("delete_segment", segment.pk)).status_code == 403
    assert Segment.objects.count() == 1
