"""Reactions by the API: read by keys and people, given by people."""

import pytest

from communities.models import Reaction
from communities.services import comments
from tests import api, make
from tests.communities.api.test_talk import Browser, ada, circle, post  # noqa: F401

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("kind", ["posts", "comments"])
def test_a_person_reacts_and_takes_it_back(circle, ada, post, kind):  # noqa: F811
    thing = post if kind == "posts" else comments.write(post=post, author=ada, body="I", at=make.EARLY)
    bo = make.member(circle.community, name="Bo")
    browser, place = Browser(bo), f"{kind}/{thing.key}/"
    for _twice in range(2):
        given = browser.send("post", f"{place}reactions/", {"emoji": "👍"})
        assert (given.status_code, given.json()) == (200, {"reactions": [{"emoji": "👍", "count": 1}]})
    program = api.Program(circle.community)
    assert program.get(place).json()["reactions"] == [{"emoji": "👍", "count": 1}]
    told = program.get(f"{place}reactions/").json()["results"]
    assert [(one["emoji"], one["member"]) for one in told] == [("👍", bo.number)]
    taken = browser.send("post", f"{place}reactions/", {"emoji": "👍", "act": "take"})
    assert taken.json() == {"reactions": []}
    assert browser.send("post", f"{place}reactions/", {"emoji": "🦉"}).status_code == 422
    assert program.post(f"{place}reactions/", {"emoji": "👍"}).json()["code"] == "person_needed"
    assert Reaction.objects.count() == 0


def test_the_set_is_a_setting(circle):  # noqa: F811
    program = api.Program(circle.community)
    assert [one["emoji"] for one in program.get("").json()["reactions"]][:2] == ["👍", "❤️"]
    own = [{"emoji": "🦉", "en": "Hoot", "zh-hans": "咕"}]
    assert program.patch("", {"reactions": own}).json()["reactions"] == own
    assert program.patch("", {"reactions": [{"emoji": "ok", "en": "a", "zh-hans": "b"}]}).status_code == 422
    assert program.patch("", {"reactions": [{"emoji": "🦉"}]}).status_code == 400
    assert program.patch("", {"reactions": []}).json()["reactions"][0]["emoji"] == "👍"
