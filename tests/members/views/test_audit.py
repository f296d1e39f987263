import csv
import io
from datetime import timedelta

import pytest

from members.actors import Actor
from members.models import AuditEntry
from members.services import audit, inviters, memberships, standing
from tests import api, make

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner():
    return make.person(name="Olga Owner")


@pytest.fixture
def place(owner):
    return make.community("lantern", owner=owner)


@pytest.fixture
def ada(place):
    return make.member(place, name="Ada Byron")


@pytest.fixture
def acting(owner, place):
    return Actor(words="Olga Owner", user=owner, membership=owner.memberships.get(), address="10.9.8.7")


@pytest.fixture
def desk(owner):
    return api.browser(owner)


PAGE = "/c/lantern/desk/settings/audit/"


def rows(page):
    return page.content.decode().count('<td class="head nowrap">')


def test_an_entry_is_told_in_words_with_who_and_about_whom(desk, ada, acting):
    memberships.update(membership=ada, at=make.EARLY, by=acting, city="London")
    page = desk.get(PAGE, {"act": "member.changed"}).content.decode()
    for words in ("Changed a member", "Olga Owner", "10.9.8.7", "Ada Byron", "city", "London"):
        assert words in page
    assert f'href="/c/lantern/desk/members/{ada.number}/"' in page
    assert "member.changed</code>" not in page


def test_values_that_are_words_of_ours_and_inviters_are_told_as_such(desk, place, ada, acting):
    grace = make.member(place, name="Grace Hopper")
    inviters.correct(membership=ada, inviter=grace, reason="She said so", at=make.EARLY, by=acting)
    standing.act("restrict", membership=ada, at=make.EARLY, by=acting, reason="Spam")
    page = desk.get(PAGE, {"member": str(ada.number)}).content.decode()
    assert "Grace Hopper" in page and "“She said so”" in page
    assert "Restricted" in page and "“Spam”" in page


def test_in_chinese(desk, ada, acting):
    memberships.update(membership=ada, at=make.EARLY, by=acting, city="London")
    page = desk.get(PAGE, headers={"Accept-Language": "zh-hans"}).content.decode()
    assert "修改了会员资料" in page


@pytest.fixture
def filled(ada, acting, place):
    """Four acts about Ada, by the owner and by the site, on two days."""
    day = timedelta(days=1)
    memberships.update(membership=ada, at=make.EARLY, by=acting, city="London")
    memberships.update(membership=ada, at=make.EARLY + day, by=make.SITE, city="Paris")
    standing.act("pause", membership=ada, at=make.EARLY + 2 * day, by=acting, reason='Asked "twice"')
    memberships.add(community=place, at=make.EARLY + 3 * day, by=acting, name="Grace", external_id="g1")


@pytest.mark.parametrize(
    ("asked", "count"),
    [
        ({"q": "paris"}, 1),
        ({"q": 'asked "tw'}, 1),
        ({"q": "nowhere"}, 0),
        ({"q": "changed a member"}, 2),
        ({"act": "member.changed"}, 2),
        ({"act": "community."}, 1),
        ({"actor": "1"}, 3),
        ({"actor": "programs", "act": "member."}, 1),
        ({"member": "byron"}, 3),
        ({"member": "#2"}, 3),
        ({"since": "2026-01-06", "until": "2026-01-07", "act": "member."}, 2),
        ({"since": "no day", "act": "member.pause"}, 1),
    ],
)
def test_it_is_searched(desk, filled, asked, count):
    page = desk.get(PAGE, asked)
    assert (page.status_code, rows(page)) == (200, count)


def test_pages_follow_one_another(desk, ada, acting):
    for n in range(60):
        memberships.update(
            membership=ada, at=make.EARLY + timedelta(minutes=n), by=acting, city=f"City {n:02}"
        )
    first = desk.get(PAGE, {"act": "member.changed"})
    assert rows(first) == 50 and "City 59" in first.content.decode()
    further = first.context["page"].after
    second = desk.get(PAGE, {"act": "member.changed", "at": further})
    assert rows(second) == 10 and "City 00" in second.content.decode()
    assert desk.get(PAGE, {"at": "made up"}).status_code == 200


def test_the_page_costs_the_same_with_one_and_many(desk, ada, acting, django_assert_num_queries):
    memberships.update(membership=ada, at=make.EARLY, by=acting, city="London")
    desk.get(PAGE)
    with django_assert_num_queries(5):
        desk.get(PAGE)
    for n in range(5):
        member = make.member(ada.community)
        memberships.update(membership=member, at=make.EARLY, by=acting, city=f"City {n}")
    with django_assert_num_queries(5):
        desk.get(PAGE)


def test_the_export_holds_what_is_seen_and_is_written_down(desk, filled):
    answer = desk.get(f"{PAGE}export.csv", {"q": "paris"})
    table = list(csv.reader(io.StringIO(b"".join(answer).decode().removeprefix("\ufeff"))))
    assert table[0] == ["at", "actor", "address", "act", "words", "kind", "id", "before", "after"]
    assert [row[1:] for row in table[1:]] == [
        ["tests", "", "member.changed", "Changed a member", "member", "2"]
        + ['{"city": "London"}', '{"city": "Paris"}']
    ]
    entry = AuditEntry.objects.get(action="audit.exported")
    assert entry.after == {"asked": {"q": "paris"}}


def test_an_emptied_entry_says_so(desk, filled, ada):
    from members.models import AuditValues

    audit.empty(AuditValues.objects.filter(entry__object_id=str(ada.number)), at=make.EARLY)
    page = desk.get(PAGE, {"member": "#2"}).content.decode()
    assert "London" not in page and page.count("What was personal has been taken out.") == 3


def test_others_are_kept_out(place, ada):
    assert api.browser(ada.user).get(PAGE).status_code == 403
    moderator = make.member(place, role="moderator")
    assert api.browser(moderator.user).get(PAGE).status_code == 403
    assert api.browser(moderator.user).get(f"{PAGE}export.csv").status_code == 403
    assert api.browser(make.person()).get(PAGE).status_code == 404


def test_the_api_tells_the_same(place, filled, ada):
    program = api.Program(place, "read")
    found = program.get("audit/?act=member.changed&limit=1").json()
    (entry,) = found["results"]
    assert (entry["act"], entry["words"], entry["kind"], entry["id"]) == (
        "member.changed", "Changed a member", "member", str(ada.number),
    )  # fmt: skip
    assert (entry["before"], entry["after"], entry["emptied"]) == (
        {"city": "London"},
        {"city": "Paris"},
        False,
    )
    assert (entry["actor"], entry["actor_words"]) == (None, "tests")
    following = program.client.get(found["next"]).json()["results"]
    assert [(one["actor"], one["address"]) for one in following] == [(1, "10.9.8.7")]
    assert program.get("audit/?member=byron&text=paris").json()["results"][0]["after"] == {"city": "Paris"}
    assert program.get("audit/?since=yesterday").status_code == 400
    assert api.browser(ada.user).get("/api/v1/communities/lantern/audit/").status_code == 403
