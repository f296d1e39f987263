"""What a member was told in the page, and their quiet hours, by the API."""

from datetime import timedelta
from uuid import uuid4

import pytest

from members.models import Notification, QuietHours
from members.services import memberships, notifications
from tests import api, make
from tests.api import where

pytestmark = pytest.mark.django_db
AT = make.EARLY + timedelta(days=60)


@pytest.fixture
def community():
    return make.community(name="Lantern")


@pytest.fixture
def member(community):
    member = make.member(community)
    Notification.objects.all().delete()
    return member


@pytest.fixture
def root(community):
    return f"/api/v1/communities/{community.slug}/"


def told(member, *, minutes=0, kind="member.paused", **options):
    return notifications.tell(to=member, kind=kind, words={}, at=AT + timedelta(minutes=minutes), **options)


def send(client, method, path, body=None):
    client.cookies["csrftoken"] = "a" * 32
    headers = {"X-CSRFToken": "a" * 32}
    return getattr(client, method)(path, body or {}, content_type="application/json", headers=headers)


def test_notices_in_full_newest_first(member, root):
    old = told(member, about="1")
    told(member, minutes=1, url="/c/lantern/", about="1")
    new = told(member, kind="member.welcome", minutes=2)
    client = api.browser(member.user)
    answer = client.get(f"{root}notices/").json()
    assert answer == {
        "results": [
            {
                "id": str(new.pk),
                "words": "Welcome to Lantern. Have a look around.",
                "url": "",
                "times": 1,
                "unread": True,
                "at": "2026-03-06T09:02:00Z",
            },
            {
                "id": str(old.pk),
                "words": "The staff have paused your membership.",
                "url": "/c/lantern/",
                "times": 2,
                "unread": True,
                "at": "2026-03-06T09:01:00Z",
            },
        ],
        "next": None,
        "previous": None,
    }
    chinese = client.get(
        f"{root}notices/?limit=1&fields=words", headers={"Accept-Language": "zh-hans"}
    ).json()
    assert chinese["results"] == [{"words": "欢迎加入 Lantern，随处看看吧。"}]
    assert client.get(chinese["next"]).json()["results"] == [{"words": answer["results"][1]["words"]}]


def test_one_is_read_and_then_all_of_this_community_alone(member, root):
    here = [told(member, minutes=n) for n in range(3)]
    elsewhere = told(memberships.enrol(community=make.community(), user=member.user, at=AT, by=make.SITE))
    other = told(make.member(member.community))
    client = api.browser(member.user)
    for one, status in (
        (here[0].pk, 204),
        (here[0].pk, 204),
        (other.pk, 404),
        (elsewhere.pk, 404),
        (uuid4(), 404),
    ):
        assert send(client, "post", f"{root}notices/{one}/read/").status_code == status
    assert set(Notification.objects.unread()) >= {*here[1:], elsewhere, other}
    unread = client.get(f"{root}notices/?unread=true").json()["results"]
    assert [one["id"] for one in unread] == [str(here[2].pk), str(here[1].pk)]
    assert send(client, "post", f"{root}notices/read/").status_code == 204
    assert client.get(f"{root}notices/?unread=true").json()["results"] == []
    assert set(Notification.objects.unread()) >= {elsewhere, other}


def test_quiet_hours_are_set_and_ended(member, root):
    client = api.browser(member.user)
    none = {"begins": None, "ends": None, "timezone": ""}
    assert client.get(f"{root}quiet-hours/").json() == none
    night = {"begins": "22:00", "ends": "07:30", "timezone": "Asia/Shanghai"}
    answer = send(client, "put", f"{root}quiet-hours/", night)
    assert (answer.status_code, answer.json()) == (200, night)
    assert client.get(f"{root}quiet-hours/").json() == night
    for wrong, code in (
        ({"ends": "22:00"}, [("#/ends", "times")]),
        ({"ends": None}, [("#/ends", "times")]),
        ({"timezone": "Moon/Tranquility"}, [("#/timezone", "timezone")]),
        ({"begins": "22:00:30"}, [("#/begins", "invalid")]),
        ({"begins": 22}, [("#/begins", "invalid")]),
        ({"hours": 8}, [("#/hours", "unknown_field")]),
    ):
        refused = send(client, "put", f"{root}quiet-hours/", night | wrong)
        assert (refused.status_code // 100, where(refused)) == (4, code)
    assert client.get(f"{root}quiet-hours/").json() == night
    assert send(client, "put", f"{root}quiet-hours/", {"begins": None, "ends": None}).json() == none
    assert QuietHours.objects.count() == 0


def test_a_key_is_nobody(community):
    program = api.Program(community)
    answers = [program.get("notices/"), program.post("notices/read/"), program.get("quiet-hours/")]
    assert [answer.status_code for answer in answers] == [403, 403, 403]
