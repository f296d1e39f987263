"""Chapters: founded where enough live together, never told of where fewer do, and near whom one lives."""

from datetime import timedelta

import pytest
from django.test import Client
from pyroaring import BitMap

from communities.models import Circle, CircleMembership
from engagement.models import ActiveDay
from gatherings.models import Attendance, Chapter, Event
from gatherings.selectors import chapters as near
from gatherings.services import chapters
from kernel.clock import local_day, now
from kernel.errors import Refused
from members.actors import Actor
from members.models import AuditEntry, Membership
from members.roles import Role
from tests import api, make
from tests.gatherings import holding

pytestmark = pytest.mark.django_db
SITE = make.SITE
SOON = {"starts_at": now() + timedelta(days=2), "ends_at": None}


@pytest.fixture
def community():
    return make.community("lantern", at=now() - timedelta(days=120))


def living(community, city, many, **fields):
    members = [make.member(community, name=f"{city} {n}") for n in range(many)]
    Membership.objects.filter(pk__in=[one.pk for one in members]).update(city=city, **fields)
    return members


def told(community):
    return [(one.town.name, one.members) for one in near.suggestions(community, now())]


def client_of(member):
    client = Client()
    client.force_login(member.user)
    return client


def test_five_who_live_together_are_told_of_and_four_are_not(community):
    living(community, "Basel", 4)
    living(community, "上海", 3)
    assert told(community) == []
    # However it is written, it is one city.
    fifth = living(community, "Shanghai", 3)[0]
    assert told(community) == [("Shanghai", 6)]
    Membership.objects.filter(city="Shanghai").exclude(pk=fifth.pk).update(status="left")
    assert told(community) == []


def test_whoever_lives_near_a_city_lives_there_too_and_far_away_does_not(community):
    living(community, "Basel", 3)
    living(community, "Riehen", 2, latitude=47.58, longitude=7.64)
    living(community, "Zürich", 4)
    assert told(community) == [("Basel", 5)]


def test_of_fewer_than_five_no_page_says_where_they_live_or_who_they_are(community):
    held = living(community, "Basel", 4)[0]
    holding.event(community, host=held, at=now(), **SOON)
    staff = client_of(make.member(community, role=Role.MANAGER))
    page = staff.get("/c/lantern/desk/events/chapters/").content.decode()
    assert "Basel" not in page
    living(community, "Basel", 1)
    assert "5 members live within 30 km" in staff.get("/c/lantern/desk/events/chapters/").content.decode()


def test_likely_hosts_are_those_who_held_most_and_the_page_says_why(community):
    people = living(community, "Basel", 5)
    began = now() - timedelta(days=2)
    event = holding.event(
        community, host=people[3], at=began - timedelta(days=9), starts_at=began, ends_at=None
    )
    # What is still to come was held by nobody.
    holding.event(community, host=people[3], at=now(), **SOON)
    for one in (people[1], people[3]):
        Attendance.objects.create(event=event, membership=one, came_at=now())
    [found] = near.suggestions(community, now())
    assert [(host.member, host.held, host.came, host.wrote) for host in found.hosts] == [
        (people[3], 1, 1, 0),
        (people[1], 0, 1, 0),
    ]
    page = (
        client_of(make.member(community, role=Role.OWNER))
        .get("/c/lantern/desk/events/chapters/")
        .content.decode()
    )
    assert "held 1 gathering" in page and "came 1 time" in page and "lives there" in page


def test_one_click_founds_what_is_suggested_with_its_hosts(community):
    people = living(community, "Basel", 5)
    owner = make.member(community, role=Role.OWNER)
    staff = client_of(owner)
    answer = staff.post(
        "/c/lantern/desk/events/chapters/", {"city": "Basel", "hosts": [people[0].number, people[1].number]}
    )
    chapter = Chapter.objects.get()
    assert answer.url == f"/c/lantern/circles/{chapter.circle.slug}/"
    assert (chapter.circle.name, chapter.country, round(chapter.latitude)) == ("Basel", "CH", 48)
    hosts = CircleMembership.objects.filter(circle=chapter.circle, is_host=True)
    assert {row.membership for row in hosts} == set(people[:2])
    assert told(community) == []
    assert AuditEntry.objects.get(action="circle.chapter_founded").after == {"city": "Basel"}
    # Twice is refused: the name is taken.
    page = staff.post("/c/lantern/desk/events/chapters/", {"city": "Basel"})
    assert (page.status_code, Chapter.objects.count()) == (200, 1)
    staff.post("/c/lantern/desk/events/chapters/", {"end": chapter.circle.slug})
    assert (Chapter.objects.count(), Circle.objects.filter(pk=chapter.circle.pk).count()) == (0, 1)


def test_a_chapter_on_a_circle_that_is_there(community):
    circle = Circle.objects.create(community=community, name="Cooks", slug="cooks")
    made = chapters.found(community=community, city="北京", circle=circle, at=now(), by=SITE)
    assert (made.circle, made.city, made.country) == (circle, "北京", "CN")
    for wrong in (
        {"city": "Beijing", "circle": circle},
        {"city": "Nowhere at all"},
        {
            "city": "Basel",
            "circle": Circle.objects.create(community=community, name="H", slug="h", kind="secret"),
        },
        {
            "city": "Basel",
            "circle": Circle.objects.create(community=community, name="A", slug="a", archived_at=now()),
        },
    ):
        with pytest.raises(Refused):
            chapters.found(community=community, at=now(), by=SITE, **wrong)
    assert Chapter.objects.count() == 1


def test_only_who_manages_circles_founds_chapters(community):
    for role in (Role.MEMBER, Role.HOST, Role.TREASURER):
        member = make.member(community, role=role)
        with pytest.raises(Refused):
            chapters.found(community=community, city="Basel", at=now(), by=Actor.person(member.user, member))
    assert not Chapter.objects.exists()


def test_members_see_what_is_near_them_and_how_far(community):
    viewer = living(community, "Basel", 1)[0]
    chapter = chapters.found(community=community, city="Basel", at=now(), by=SITE)
    chapters.found(community=community, city="Zürich", at=now(), by=SITE)
    holding.event(community, at=now(), title="Near by", city="Basel", circle=chapter.circle, **SOON)
    holding.event(community, at=now(), title="Far off", city="Zürich", **SOON)
    holding.event(community, at=now(), title="On the line", city="Basel", rooms={"online": None}, **SOON)
    page = client_of(viewer).get("/c/lantern/chapters/").content.decode()
    assert "Near by" in page and "Far off" not in page and "On the line" not in page
    assert "0 km" in page and "76 km" in page and "Next: Near by" in page
    stranger = make.community("other").memberships.get()
    assert client_of(stranger).get("/c/lantern/chapters/").status_code == 404


def test_a_chapter_of_a_closed_past_tells_how_many_came_of_five_or_more(community):
    chapter = chapters.found(community=community, city="Basel", at=now(), by=SITE)
    people = living(community, "Basel", 5)
    CircleMembership.objects.bulk_create(
        CircleMembership(circle=chapter.circle, membership=one, joined_at=now()) for one in people
    )
    event = holding.event(community, at=now(), circle=chapter.circle, **SOON)
    Event.objects.filter(pk=event.pk).update(starts_at=now() - timedelta(days=3), ends_at=None)
    for one in people[:2]:
        Attendance.objects.create(event=event, membership=one, came_at=now())
    page = client_of(people[0]).get("/c/lantern/chapters/").content.decode()
    assert "1 gathering in 90 days" in page and "2 of 5 members came" in page
    room = client_of(people[0]).get(f"/c/lantern/circles/{chapter.circle.slug}/").content.decode()
    assert "Chapter Basel" in room and "2 of 5 members came" in room


@pytest.mark.parametrize("cities", [["Basel"], ["Basel", "Zürich", "Bern"]])
def test_the_list_asks_no_more_for_many(community, cities, django_assert_num_queries):
    viewer = living(community, "Basel", 1)[0]
    for city in cities:
        chapters.found(community=community, city=city, hosts=[viewer], at=now(), by=SITE)
    client = client_of(viewer)
    client.get("/c/lantern/chapters/")
    with django_assert_num_queries(QUERIES):
        client.get("/c/lantern/chapters/")


QUERIES = 10


def inside(chapter, members):
    CircleMembership.objects.bulk_create(
        CircleMembership(circle=chapter.circle, membership=one, joined_at=now()) for one in members
    )


def active(community, days_ago, members):
    day = local_day(now(), community.zone) - timedelta(days=days_ago)
    packed = BitMap([one.number for one in members]).serialize()
    ActiveDay.objects.create(community_id=community.pk, day=day, members=packed)


def over(community, chapter, *came, told_held=None):
    event = holding.event(community, at=now(), circle=chapter.circle, **SOON)
    Event.objects.filter(pk=event.pk).update(starts_at=now() - timedelta(days=3), told_held=told_held)
    for one in came:
        Attendance.objects.create(event=event, membership=one, came_at=now())


def test_a_chapter_s_own_figures_as_counted_by_hand(community):
    chapter = chapters.found(community=community, city="Basel", at=now(), by=SITE)
    people, strangers = living(community, "Basel", 6), living(community, "Bern", 2)
    inside(chapter, people)
    Membership.objects.filter(pk=people[5].pk).update(status="left")
    # Of the last 28 complete days: not today, and not the day before them; nobody twice, nobody from outside.
    active(community, 0, people), active(community, 29, people)
    active(community, 1, [people[0], strangers[0]]), active(community, 28, people[:2])
    over(community, chapter, *people[:3]), over(community, chapter, people[0], strangers[1])
    over(community, chapter), over(community, chapter, *people[:3], told_held=False)
    holding.event(community, at=now(), circle=chapter.circle, title="Supper to come", **SOON)
    holding.event(community, at=now(), circle=chapter.circle, announced=False, **SOON)
    program = api.Program(community)
    wanted = {"members": 5, "actives": 2, "held": 3, "to_come": 1, "mean_came": 2.5}
    told_of = program.get(f"chapters/{chapter.circle.slug}/").json()
    assert (told_of["figures"], told_of["city"], told_of["hosts"]) == (wanted, "Basel", [])
    assert [one["figures"] for one in program.get("chapters/").json()["results"]] == [wanted]
    page = client_of(people[0]).get(f"/c/lantern/chapters/{chapter.circle.slug}/")
    assert vars(page.context["chapter"].figures) == wanted
    body = page.content.decode()
    assert "Supper to come" in body and "Map around Basel" in body and "2.5" in body


def test_of_fewer_than_five_it_is_not_told_how_many_were_active(community):
    chapter = chapters.found(community=community, city="Basel", at=now(), by=SITE)
    people = living(community, "Basel", 4)
    inside(chapter, people), active(community, 1, people)
    assert api.Program(community).get(f"chapters/{chapter.circle.slug}/").json()["figures"]["actives"] is None
    page = client_of(people[0]).get(f"/c/lantern/chapters/{chapter.circle.slug}/")
    assert "Counted from 5 members on." in page.content.decode()


def test_the_room_is_there_once_there_is_a_chapter_and_for_who_may_found_one(community):
    plain, owner = client_of(make.member(community)), client_of(make.member(community, role=Role.OWNER))
    link = 'href="/c/lantern/chapters/"'
    assert (
        link in plain.get("/c/lantern/").content.decode(),
        link in owner.get("/c/lantern/").content.decode(),
    ) == (False, True)
    chapter = chapters.found(community=community, city="Basel", at=now(), by=SITE)
    assert link in plain.get("/c/lantern/").content.decode()
    Circle.objects.filter(pk=chapter.circle_id).update(archived_at=now())
    assert link not in plain.get("/c/lantern/").content.decode()
    assert plain.get(f"/c/lantern/chapters/{chapter.circle.slug}/").status_code == 404


def test_chapters_are_founded_and_suggested_by_the_api(community):
    people = living(community, "Basel", 5)
    program = api.Program(community)
    [suggested] = program.get("chapter-suggestions/").json()["results"]
    assert (suggested["city"], suggested["members"], suggested["hosts"]) == ("Basel", 5, [])
    made = program.post("chapters/", {"city": "Basel", "country": "CH", "hosts": [people[0].number]})
    assert (made.status_code, made.json()["hosts"], made.json()["country"]) == (201, [people[0].number], "CH")
    assert program.get("chapter-suggestions/").json() == {"results": []}
    for wrong, code in (
        ({"city": "Nowhere at all"}, "unknown_city"),
        ({"city": "Bern", "circle": "nobody"}, "unknown"),
    ):
        answer = program.post("chapters/", wrong)
        assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert Chapter.objects.count() == 1
