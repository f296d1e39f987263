"""The member table: the same few queries for one member and for many, filtered, sorted, paged, exported."""

from datetime import UTC, datetime

import pytest
from django.test import Client
from django.urls import reverse

from kernel.permissions import unlimited
from members.models import AuditEntry, CustomField, Membership
from members.selectors import directory
from members.services import memberships, standing
from tests import make

pytestmark = pytest.mark.django_db

#: Person, community, membership, tiers, fields of the community's own, segments, how many, page; beside them what
#: waits for whoever asks.
QUERIES = 8


@pytest.fixture
def desk(client: Client, settings):
    settings.USERSESSIONS_TRACK_ACTIVITY = False
    owner = make.person(name="Ada")
    community = make.community("lantern", owner=owner)
    client.force_login(owner)
    client.get(address())  # the day's first visit is written down; what is counted comes after it
    return client, community


def add(community, name, **fields):
    fields.setdefault("joined_at", make.EARLY)
    return memberships.add(
        community=community, at=datetime(2026, 6, 1, tzinfo=UTC), by=make.SITE, name=name, **fields
    )


def names(response):
    return [row.display_name for row in response.context["page"].rows]


def address(query=""):
    return reverse("members:desk", args=["lantern"]) + query


@pytest.mark.parametrize("members", [1, 3])
def test_the_same_queries_for_one_and_for_three(desk, members, django_assert_num_queries):
    client, community = desk
    for n in range(members - 1):
        add(community, f"Member {n}")
    with django_assert_num_queries(QUERIES):
        response = client.get(address())
    assert response.status_code == 200
    assert (len(names(response)), response.context["count"].number) == (members, members)


@pytest.mark.parametrize(("asked", "few"), [("", 5), ("&status=current", 4), ("&status=current", 5)])
def test_more_than_a_page_is_counted_however_many(desk, monkeypatch, django_assert_num_queries, asked, few):
    monkeypatch.setattr(directory, "PAGE_SIZE", 2)
    monkeypatch.setattr(directory, "FEW", few)
    client, community = desk
    for n in range(4):
        add(community, f"Member {n}")
    with django_assert_num_queries(QUERIES):
        response = client.get(address(f"?sort=number{asked}"))
    cursor = response.context["page"].after
    second = client.get(address(f"?sort=number{asked}&at={cursor}"))
    Membership.objects.filter(number__gt=2).delete()
    beyond = client.get(address(f"?sort=number{asked}&at={cursor}"))
    assert [one.context["count"].number for one in (response, second, beyond)] == [5, 5, 2]
    assert list(map(names, (response, second, beyond))) == [["Ada", "Member 0"], ["Member 1", "Member 2"], []]


def test_search_reads_every_script(desk):
    client, community = desk
    add(community, "李雷", city="上海")
    add(community, "Bob", city="Paris")
    assert names(client.get(address("?q=李雷"))) == ["李雷"]
    assert names(client.get(address("?q=上海"))) == ["李雷"]
    assert names(client.get(address("?q=bo"))) == ["Bob"]


def test_filters_narrow_and_chips_take_them_away(desk):
    client, community = desk
    add(community, "Bob", city="Paris", tags=["vip"])
    add(community, "Cleo", city="Lyon", joined_at=datetime(2026, 3, 1, tzinfo=UTC))
    response = client.get(address("?city=paris&role=member"))
    assert names(response) == ["Bob"]
    assert [chip["url"] for chip in response.context["chips"]] == [
        address("?city=paris"),
        address("?role=member"),
    ]
    assert names(client.get(address("?tag=vip"))) == ["Bob"]
    assert names(client.get(address("?joined_from=2026-02-01"))) == ["Cleo"]
    assert names(client.get(address("?joined_to=2026-01-05"))) == ["Ada", "Bob"]
    assert names(client.get(address("?role=owner"))) == ["Ada"]
    assert names(client.get(address("?status=gone"))) == []


def test_what_cannot_be_read_does_not_narrow(desk):
    client, _community = desk
    for query in (
        "?status=nonsense",
        "?tier=abc",
        "?joined_from=yesterday",
        "?at=garbage",
        "?sort=nothing",
        "?q=%00",
    ):
        response = client.get(address(query))
        assert (response.status_code, names(response)) == (200, ["Ada"]), query


@pytest.mark.parametrize("sort", ["name", "-name", "-joined", "joined", "left", "-left", "score", "-number"])
def test_pages_hold_everybody_once_in_every_order(desk, sort, monkeypatch):
    monkeypatch.setattr(directory, "PAGE_SIZE", 3)
    client, community = desk
    for n in range(7):
        add(community, f"Member {n % 4}", joined_at=datetime(2026, 1, 5 + n % 3, tzinfo=UTC))
    gone = Membership.objects.of(community.pk).order_by("-number")[:2]
    for member in gone:
        standing.act("leave", membership=member, at=datetime(2026, 7, 1, tzinfo=UTC), by=make.SITE)
    pages, query = [], f"?sort={sort}"
    while query:
        page = client.get(address(query)).context["page"]
        pages.append([row.number for row in page.rows])
        query = f"?sort={sort}&at={page.after}" if page.after else ""
    assert sorted(sum(pages, [])) == list(range(1, 9))
    assert [len(page) for page in pages] == [3, 3, 2]
    back = client.get(address(f"?sort={sort}&at={page.before}")).context["page"]
    assert [row.number for row in back.rows] == pages[1]
    first = client.get(address(f"?sort={sort}&at={back.before}")).context["page"]
    assert ([row.number for row in first.rows], first.before) == (pages[0], "")


def test_inviters_stand_as_names_do_chinese_by_pinyin(desk):
    client, community = desk
    brought = [add(community, "X", invited_by=add(community, name)) for name in ("张亮", "李雷", "Zoe")]
    rows = client.get(address("?sort=invited_by")).context["page"].rows
    assert [row.number for row in rows][:3] == [brought[place].number for place in (1, 0, 2)]


def test_a_field_of_the_community_s_own_sorts_by_its_kind(desk, monkeypatch):
    monkeypatch.setattr(directory, "PAGE_SIZE", 2)
    client, community = desk
    kinds = {"Shoe": "number", "Size": "choice", "Born": "day", "Motto": "text", "Vegan": "flag"}
    for key, kind in [*kinds.items(), ("Skills", "several")]:
        CustomField.objects.create(community=community, key=key, name=key, kind=kind, choices=["S", "M", "L"])
    for custom in (
        {"Shoe": 9, "Size": "L", "Born": "1990-02-03", "Motto": "bee", "Vegan": True},
        {"Shoe": 44.5, "Size": "S", "Born": "2001-12-31", "Motto": "Ant", "Vegan": False},
        {"Shoe": 100, "Size": "M", "Born": "1990-02-04", "Motto": "cat", "Vegan": True},
        {"Shoe": "unknown", "Size": "XXL", "Born": "", "Motto": None},
    ):
        member = add(community, "Member")
        Membership.objects.filter(pk=member.pk).update(custom=custom)
    in_order = {
        "Shoe": [2, 3, 4],
        "-Shoe": [4, 3, 2],
        "Size": [3, 4, 2],
        "-Size": [2, 4, 3],
        "Born": [2, 4, 3],
        "Motto": [3, 2, 4],
        "-Motto": [4, 2, 3],
        "Vegan": [3, 2, 4],
    }
    for key, expected in in_order.items():
        down, sort = key.startswith("-"), f"{key[: key.startswith('-')]}custom.{key.removeprefix('-')}"
        numbers, query = [], f"?sort={sort}"
        while query:
            page = client.get(address(query)).context["page"]
            numbers += [row.number for row in page.rows]
            query = f"?sort={sort}&at={page.after}" if page.after else ""
        assert numbers == [*expected, *([5, 1] if down else [1, 5])], sort
        back = client.get(address(f"?sort={sort}&at={page.before}")).context["page"]
        assert [row.number for row in back.rows] == numbers[2:4], sort
    client.post(reverse("members:columns", args=["lantern"]), {"column": ["custom.Shoe", "custom.Skills"]})
    heads = client.get(address("?sort=custom.Shoe")).context["heads"]
    assert [(head["sorted"], head["next"]) for head in heads[1:]] == [("ascending", "-custom.Shoe"), ("", "")]
    file = client.get(reverse("members:export", args=["lantern"]) + "?sort=-custom.Shoe")
    lines = b"".join(file.streaming_content).decode("utf-8-sig").splitlines()
    assert [line.split(",")[1] for line in lines[1:]] == ["100", "44.5", "9", "unknown", ""]


def test_typing_answers_with_the_table_alone(desk):
    client, _community = desk
    response = client.get(address("?q=ada&status="), headers={"hx-request": "true"})
    assert [template.name for template in response.templates][0] == "members/_table.html"
    assert response["HX-Push-Url"] == address("?q=ada")


def columns(response):
    return [head["column"].key for head in response.context["heads"]]


def test_columns_are_remembered_in_their_order_on_every_device(desk):
    client, community = desk
    place = reverse("members:columns", args=["lantern"])
    client.post(place, {"column": ["email", "city", "nonsense"]})
    assert columns(client.get(address())) == ["name", "email", "city"]
    elsewhere = Client()
    elsewhere.force_login(community.memberships.get().user)
    assert columns(elsewhere.get(address())) == ["name", "email", "city"]
    client.post(place, {"column": ["email", "city"], "usual": "1"})
    assert columns(client.get(address())) == ["name", *[c.key for c in directory.chosen(None, may=unlimited)]]


def test_moving_a_column_shows_the_page_again_and_keeps_nothing_yet(desk):
    client, _community = desk
    place = reverse("members:columns", args=["lantern"])
    response = client.post(place, {"column": ["email", "city", "tags"], "up": "tags"})
    assert [column.key for column in response.context["shown"]] == ["email", "tags", "city"]
    assert "tags" not in columns(client.get(address()))


def test_the_file_holds_what_is_seen_and_runs_nothing(desk):
    client, community = desk
    add(community, "=1+1", city="Paris")
    add(community, "Zoe", city="Lyon")
    response = client.get(reverse("members:export", args=["lantern"]) + "?city=Paris")
    lines = b"".join(response.streaming_content).decode("utf-8-sig").splitlines()
    assert lines[0].startswith("Member,Status,")
    assert [line.split(",")[0] for line in lines[1:]] == ["'=1+1"]
    entry = AuditEntry.objects.get(action="members.exported")
    assert (entry.community_id, entry.after["asked"]) == (
        community.pk,
        {"all": [{"field": "city", "is": "is", "value": "Paris"}]},
    )


def test_no_file_is_made_of_conditions_that_were_not_understood(desk):
    client, _community = desk
    answer = client.get(reverse("members:export", args=["lantern"]), {"rules": "{"})
    assert (answer.status_code, answer["Location"]) == (302, "/c/lantern/desk/members/?rules=%7B")
    assert not AuditEntry.objects.filter(action="members.exported").exists()


@pytest.mark.parametrize("query", ["?q=%00a", "?sort=%00", "?joined_from=2026-01-01%00", "?tier=%00"])
def test_the_log_keeps_of_a_file_what_was_understood(desk, query):
    client, _community = desk
    response = client.get(reverse("members:export", args=["lantern"]) + query)
    assert (response.status_code, len(list(response.streaming_content))) == (200, 3)
    assert AuditEntry.objects.get(action="members.exported").after["asked"] == {"all": []}


@pytest.mark.parametrize(
    ("query", "expected"),
    [("?joined_to=9999-12-31", 1), ("?joined_from=0001-01-01", 1), ("?joined_from=9999-12-31", 0)],
)
def test_days_at_the_ends_of_time_are_days(desk, query, expected):
    client, _community = desk
    response = client.get(address(query))
    assert (response.status_code, len(names(response))) == (200, expected)


def test_only_staff_see_members(desk, client):
    _owner, community = desk
    member = make.member(community)
    client.force_login(member.user)
    assert client.get(address()).status_code == 403
    assert client.get(reverse("members:export", args=["lantern"])).status_code == 403
    client.force_login(make.person())
    assert client.get(address()).status_code == 404


def test_a_day_that_narrows_is_told_as_the_reader_writes_days(desk):
    client, _community = desk
    chips = client.get(address(), {"joined_from": "2026-03-02"}).context["chips"]
    assert [chip["words"] for chip in chips] == ["Joined from: 2 Mar 2026"]
