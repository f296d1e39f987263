"""A member's timeline: everything known of them, newest first, by local day, page by page, each thing once."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction
from django.test import Client

from engagement.models import Fact
from kernel import activity, timelines
from kernel.activity import Activity
from members.actors import Actor
from members.models import AuditEntry, MembershipChange, Message, Note
from members.roles import Role
from members.services import memberships, notes, standing
from tests import make

pytestmark = pytest.mark.django_db
AT = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.fixture
def community(db):
    return make.community(
        "lantern", owner=make.person("ada@example.org", name="Ada"), timezone="Asia/Shanghai"
    )


@pytest.fixture
def desk(community):
    client = Client()
    client.force_login(community.founded_by)
    return client


@transaction.atomic
def acts(community, member, many, **fields):
    for n in range(many):
        at = AT + timedelta(hours=n // 2)
        fact = {"community_id": community.pk, "member": member.number, "verb": "commented", "at": at}
        activity.publish(Activity(**(fact | {"dedupe": f"{n}"} | fields)))


def read(desk, member, query=""):
    return desk.get(f"/c/lantern/desk/members/{member.number}/timeline/{query}").context["timeline"]


def everything(desk, member, kind=""):
    """All entries of all pages, as (template, entry), in the order shown."""
    found, before = [], ""
    while True:
        page = read(desk, member, f"?show={kind}&before={before}")
        found += [each for _day, entries in page.days for each in entries]
        before = page.older
        if not before:
            return found


def lived(community):
    """A member of whom every source knows several things, many of them of one instant."""
    bob = make.member(community, name="Bob", at=AT)
    ada = community.memberships.get(role=Role.OWNER)
    by = Actor.person(ada.user, ada)
    acts(community, bob, 9)
    for n in range(4):
        at = AT + timedelta(hours=n // 2)
        notes.write(membership=bob, text=f"Note {n}", at=at, by=by)
        memberships.update(membership=bob, at=at, by=by, city=f"City {n}")
    standing.act("pause", membership=bob, at=AT + timedelta(hours=1), by=by, reason="A year abroad")
    return bob


@pytest.mark.parametrize("size", [1, 3, 100])
def test_pages_hold_everything_once_newest_first(community, desk, monkeypatch, size):
    monkeypatch.setattr(timelines, "PAGE_SIZE", size)
    bob = lived(community)
    found = everything(desk, bob)
    instants = [entry.at for _template, entry in found]
    assert instants == sorted(instants, reverse=True)
    names = [(template, entry.tie) for template, entry in found]
    assert len(names) == len(set(names))
    stored = {
        "acts": Fact.objects.of(community.pk).filter(member=bob.number).exclude(verb="joined").count(),
        "membership": MembershipChange.objects.filter(membership=bob, kind="status").count(),
        "notes": Note.objects.filter(membership=bob).count(),
        "letters": Message.objects.filter(membership=bob).count(),
        "staff": AuditEntry.objects.filter(action="member.changed", object_id=str(bob.number)).count(),
    }
    assert stored == {"acts": 9, "membership": 2, "notes": 4, "letters": 2, "staff": 4}
    assert len(found) == sum(stored.values())
    for kind, many in stored.items():
        assert len(everything(desk, bob, kind)) == many, kind


def test_days_are_the_communitys_own(community, desk):
    bob = make.member(community, name="Bob")
    acts(community, bob, 1, at=datetime(2026, 3, 1, 17, tzinfo=UTC))
    assert [str(day) for day, _entries in read(desk, bob, "?show=acts").days] == ["2026-03-02"]
    assert [str(day) for day, _entries in read(desk, bob, "?show=membership").days] == ["2026-01-05"]


def test_an_act_names_the_other_and_the_thing(community, desk):
    bob, cleo = make.member(community, name="Bob"), make.member(community, name="Cleo")
    acts(community, bob, 1, verb="answered", target=cleo.number, object_kind="question", object_id="7")
    ((_template, entry),) = everything(desk, bob, "acts")
    assert (entry.what.words, entry.what.target, entry.what.object, entry.tone) == (
        "Answered Cleo",
        cleo,
        "question 7",
        "accent",
    )


def test_what_was_retracted_is_left_out(community, desk):
    bob = make.member(community, name="Bob")
    acts(community, bob, 2)
    Fact.objects.of(community.pk).filter(verb="commented").update(retracted_at=make.EARLY)
    assert everything(desk, bob, "acts") == []


def test_an_act_of_the_membership_that_came_by_a_file_is_shown_as_there_is_no_change_to_tell_it(
    community, desk
):
    bob = make.member(community, name="Bob")
    acts(community, bob, 1, verb="suspended")
    assert len(everything(desk, bob, "acts")) == 1


def test_a_cursor_that_was_not_written_here_is_the_first_page(community, desk):
    bob = make.member(community, name="Bob")
    for cursor in ("x", "~", "20260301T000000.0~zz", "9" * 400, "WyJ4Il0:abc"):
        assert len(read(desk, bob, f"?before={cursor}").days) >= 1
    assert read(desk, bob, "?show=nothing").kind == ""


def test_each_sees_what_their_role_may(community):
    bob = lived(community)
    host = make.member(community, role=Role.HOST)
    client = Client()
    client.force_login(host.user)
    page = client.get(f"/c/lantern/desk/members/{bob.number}/").context["timeline"]
    assert [key for key, _label in page.kinds] == ["membership", "notes", "gatherings", "acts"]
    assert len(everything(client, bob)) == 2 + 4 + 9
    # Asked for by name it is no more than everything else.
    assert len(everything(client, bob, "staff")) == 2 + 4 + 9


def test_the_page_shows_all_of_it_in_both_languages(community, desk):
    bob = lived(community)
    address = f"/c/lantern/desk/members/{bob.number}/"
    page = desk.get(address).content.decode()
    for words in ("Timeline", "Note 3", "“A year abroad”", "Commented", "City 2", "Welcome to Lantern"):
        assert words in page, words
    assert "时间线" in desk.get(address, headers={"Accept-Language": "zh-Hans"}).content.decode()
    part = desk.get(f"{address}timeline/")
    assert part.templates[0].name == "members/timeline/_days.html"
    assert desk.get("/c/lantern/desk/members/99/timeline/").status_code == 404


def test_a_page_costs_the_same_for_few_things_and_many(community, desk, django_assert_num_queries):
    bob = lived(community)
    address = f"/c/lantern/desk/members/{bob.number}/timeline/"
    desk.get(address)
    with django_assert_num_queries(15):
        desk.get(address)
    acts(community, bob, 20, object_id="more")
    with django_assert_num_queries(15):
        desk.get(address)
