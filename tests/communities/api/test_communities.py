"""A community and its settings."""

import pytest

from communities import emoji
from communities.models import Community
from members.models import AuditEntry
from tests import api, make
from tests.api import where

pytestmark = pytest.mark.django_db


def test_what_is_told():
    community = make.community("lantern", timezone="Asia/Shanghai")
    assert api.Program(community).get("").json() == {
        "slug": "lantern",
        "name": "Lantern",
        "tagline": "",
        "description": "",
        "type": "product",
        "language": "en",
        "timezone": "Asia/Shanghai",
        "currency": "EUR",
        "colour": "",
        "visibility": "public",
        "join_policy": "open",
        "references_asked": 0,
        "dues_first": False,
        "members_invite": True,
        "members_open_circles": False,
        "reactions": [kind.plain for kind in emoji.usual()],
        "score_weights": {},
        "founded_at": "2026-01-05T09:00:00Z",
    }


def test_only_the_fields_asked_for():
    program = api.Program(make.community("lantern"))
    assert program.get("?fields=name,slug").json() == {"name": "Lantern", "slug": "lantern"}
    listed = program.client.get("/api/v1/communities/?fields=slug").json()
    assert listed == {"results": [{"slug": "lantern"}], "next": None, "previous": None}


def test_settings_are_changed_and_who_did_it_is_kept():
    program = api.Program(make.community())
    answer = program.patch("", {"tagline": "Light", "score_weights": {"posted": 7}})
    assert answer.status_code == 200
    assert (answer.json()["tagline"], answer.json()["score_weights"]) == ("Light", {"posted": 7})
    answer = program.patch("", {"score_weights": {"asked": 2.5}})
    assert answer.json()["score_weights"] == {"posted": 7, "asked": 2.5}
    entry = AuditEntry.objects.filter(action="community.settings_changed").first()
    assert entry.actor_words.startswith("test (cd_")


def test_a_colour_of_its_own_comes_and_goes():
    program = api.Program(make.community())
    told = [program.patch("", {"colour": colour}).json()["colour"] for colour in ("#8A1C4B", "")]
    assert told == ["#8a1c4b", ""]


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        ({"timezone": "Mars/Base"}, ("#/timezone", "invalid_choice")),
        ({"currency": "eur"}, ("#/currency", "invalid")),
        ({"colour": "red"}, ("#/colour", "invalid")),
        ({"colour": "#8a1c4b\n"}, ("#/colour", "max_length")),
        ({"score_weights": {"joined": 1}}, ("#/score_weights/joined", "unknown_field")),
        ({"score_weights": {"posted": -1}}, ("#/score_weights/posted", "min_value")),
        ({"slug": "other"}, ("#/slug", "unknown_field")),
    ],
)
def test_settings_that_do_not_fit_change_nothing(body, fault):
    community = make.community()
    answer = api.Program(community).patch("", {"tagline": "x"} | body)
    assert (answer.status_code, where(answer)) == (400, [fault])
    assert Community.objects.get(pk=community.pk).tagline == ""


def test_an_edit_meets_what_its_author_saw():
    program = api.Program(make.community())
    tag = program.get("?fields=name")["ETag"]
    assert program.get("", **{"If-None-Match": tag}).status_code == 304
    changed = program.patch("", {"tagline": "first"}, **{"If-Match": tag})
    assert (changed.status_code, changed["ETag"]) == (200, program.get("")["ETag"])
    late = program.patch("", {"tagline": "second"}, **{"If-Match": tag})
    assert (late.status_code, where(late)) == (412, [("If-Match", "changed")])
    assert program.get("").json()["tagline"] == "first"
    assert program.patch("", {"tagline": "third"}, **{"If-Match": "*"}).status_code == 200
    assert program.patch("", {"tagline": "fourth"}, **{"If-Match": "untagged"}).status_code == 412


def test_circles_in_their_order():
    program = api.Program(make.community())
    listed = program.get("circles/?fields=slug,members").json()["results"]
    assert (
        listed
        == [{"slug": slug, "members": 0} for slug in ("ideas", "testing", "help", "showcase")][: len(listed)]
    )
    assert len(listed) > 2
