"""What members are found by: every script, one character, and Chinese names as they sound."""

from importlib import import_module

import pytest
from django.apps import apps
from django.test import Client
from django.urls import reverse

from members import search
from members.models import Membership, SearchEntry, User
from members.selectors import people_directory
from members.services import erasure, memberships
from tests import api, make
from tests.members.imports.files import send


def test_a_name_is_read_from_each_of_its_syllables_on():
    assert search.readings("王小明")[:5] == ["wangxiaoming", "xiaoming", "ming", "wxm", "xm"]
    assert search.readings("Ada Adler") == []
    assert search.readings("Ada 李 雷")[:3] == ["lilei", "lei", "ll"]


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("单田芳", ["shantianfang", "dantianfang", "stf"]),
        ("曾国", ["zengguo", "cengguo"]),
        ("解晓东", ["xiexiaodong", "jxd"]),
        ("吕布", ["lvbu", "lubu"]),
        ("赵重庆", ["zhaochongqing", "zhaozhongqing"]),
        ("欧阳·娜娜", ["ouyangnana", "oynn"]),
    ],
)
def test_names_of_several_readings_are_found_by_each(name, typed):
    assert set(typed) <= set(search.readings(name))


def test_readings_are_bounded_however_long_the_name():
    found = search.readings("重长乐曾单解" * 20)
    most = search.MOST_COMBINED * 2 * search.MOST_SYLLABLES
    assert len(found) <= most
    assert max(map(len, found)) <= 6 * search.MOST_SYLLABLES


def test_single_characters_are_terms_where_somebody_would_type_them():
    assert search.terms("ann 王小") == {"a", "an", "nn", "王", "王小", "小"}


@pytest.fixture
def community(db):
    community = make.community("lantern", owner=make.person(name="Owner"))
    for name, city in [("王小明", "杭州"), ("Ming Zhou", ""), ("张亮", "上海"), ("Wanda", "小樽")]:
        member = make.member(community, name=name)
        memberships.update(membership=member, at=make.EARLY, by=make.SITE, city=city)
    return community


def names(rows):
    return sorted(row.name for row in rows)


@pytest.mark.parametrize(
    ("asked", "at_the_desk", "by_members"),
    [
        ("王", ["王小明"], ["王小明"]),
        ("小", ["Wanda", "王小明"], ["王小明"]),
        ("wxm", ["王小明"], ["王小明"]),
        ("WangXiaoMing", ["王小明"], ["王小明"]),
        ("xiaom", ["王小明"], ["王小明"]),
        ("wang xiaoming", ["王小明"], ["王小明"]),
        ("ming", ["Ming Zhou", "王小明"], ["Ming Zhou", "王小明"]),
        ("ang", [], []),
        ("anda", ["Wanda"], ["Wanda"]),
        ("w", ["Wanda", "王小明"], ["Wanda", "王小明"]),
        ("l", ["张亮"], ["张亮"]),
        ("明 杭州", ["王小明"], []),
        ("xiaoming 杭", ["王小明"], []),
        ("%", [], []),
        ("_", [], []),
        ("#2", ["王小明"], []),
        (" ＃3 ", ["Ming Zhou"], []),
        ("#999999999", [], []),
        ("#9999999999", [], []),
    ],
)
def test_staff_and_members_search_alike_but_members_by_name_alone(community, asked, at_the_desk, by_members):
    assert names(Membership.objects.of(community.pk).search(asked)) == at_the_desk
    wanted = people_directory.Wanted(text=asked)
    assert names(people_directory.matching(community=community, wanted=wanted)) == by_members


def test_the_desk_the_directory_and_the_api_find_by_pinyin(community):
    client = Client()
    client.force_login(User.objects.get(memberships__community=community, name="Owner"))
    desk = client.get(reverse("members:desk", args=["lantern"]), {"q": "wxm"})
    assert names(desk.context["page"].rows) == ["王小明"]
    people = client.get(reverse("members:people", args=["lantern"]), {"q": "wangxiaoming"})
    assert [person.name for person in people.context["page"].people] == ["王小明"]
    program = api.Program(community)
    for path in ("members/?search=xiaoming", "people/?q=wxm"):
        assert [one["name"] for one in program.get(path).json()["results"]] == ["王小明"], path


def test_another_name_is_found_and_the_former_is_not(community):
    member = Membership.objects.get(name="王小明")
    memberships.update(membership=member, at=make.EARLY, by=make.SITE, name="李雷")
    of = Membership.objects.of(community.pk)
    assert (names(of.search("lilei")), names(of.search("wxm"))) == (["李雷"], [])


def test_what_changes_no_word_writes_no_search(community):
    member = Membership.objects.get(name="王小明")
    before = SearchEntry.objects.filter(membership=member).values("pk", "terms").get()
    SearchEntry.objects.filter(membership=member).update(name=" kept")
    memberships.update(membership=member, at=make.EARLY, by=make.SITE, tags=["vip"])
    assert SearchEntry.objects.values("pk", "terms", "name").get(membership=member) == before | {
        "name": " kept"
    }


def test_who_came_by_a_file_is_found_and_by_a_later_one_by_another_name(community):
    of = Membership.objects.of(community.pk)
    for name, found in (("赵六", (["赵六"], [])), ("孙七", ([], ["孙七"]))):
        send(community, f"member,joined_at,name\na,2026-03-02,{name}\n")
        assert (names(of.search("zhaoliu")), names(of.search("sq"))) == found


def test_the_migration_fills_what_there_was_before(community):
    member = Membership.objects.get(name="王小明")
    erasure.erase(membership=Membership.objects.get(name="Wanda"), at=make.EARLY, by=make.SITE)
    kept = list(SearchEntry.objects.order_by("pk").values())
    SearchEntry.objects.all().delete()
    import_module("members.migrations.0014_fill_search").fill(apps, None)
    assert list(SearchEntry.objects.order_by("pk").values()) == kept
    assert names(Membership.objects.of(community.pk).search("wxm")) == [member.name]


def test_who_was_erased_is_found_by_nothing(community):
    member = Membership.objects.get(name="王小明")
    erasure.erase(membership=member, at=make.EARLY, by=make.SITE)
    assert not SearchEntry.objects.filter(membership=member).exists()
    assert not Membership.objects.of(community.pk).search("wxm").exists()
