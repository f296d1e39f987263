"""The directory and one's own profile by the API: what members show, and nothing else."""

import json

import pytest

from members.models import Membership
from members.services import profiles, standing
from tests import api, make

pytestmark = pytest.mark.django_db

ROOT = "/api/v1/communities/lantern/"


@pytest.fixture
def community():
    return make.community("lantern", owner=make.person(name="Ada"))


def said(community, name, *shown, **words):
    member = make.member(community, name=name)
    return profiles.present(membership=member, at=make.EARLY, shown=shown, **words)


def test_a_key_and_a_member_read_what_is_shown(community):
    bo = said(community, "Bo", "city", city="Ulm", interests=["go"], introduction="Hi.")
    said(community, "Cy", listed=False)
    expected = {
        "number": bo.number, "name": "Bo", "introduction": "", "interests": [], "city": "Ulm", "country": "",
        "email": "", "custom": {},
    }  # fmt: skip
    for get in (api.Program(community, "read").client.get, api.browser(bo.user).get):
        found = get(f"{ROOT}people/").json()["results"]
        assert [one["name"] for one in found] == ["Ada", "Bo"]
        assert found[1] == expected == get(f"{ROOT}people/{bo.number}/").json()
        assert [one["name"] for one in get(f"{ROOT}people/?city=ulm").json()["results"]] == ["Bo"]
        assert get(f"{ROOT}people/?interest=go").json()["results"] == []
        assert get(f"{ROOT}people/3/").status_code == 404


def test_who_is_gone_is_not_found_by_a_key_either(community):
    bo = said(community, "Bo")
    standing.act("ban", membership=bo, at=make.EARLY, by=make.SITE, reason="Spam.")
    assert api.Program(community).get(f"people/{bo.number}/").status_code == 404


def test_one_changes_one_s_own_profile_and_a_key_has_none(community):
    bo = said(community, "Bo")
    client = api.browser(bo.user)
    client.get("/c/lantern/me/")
    answer = client.patch(
        f"{ROOT}profile/", json.dumps({"introduction": "I bind.", "shown": ["city", "introduction"]}),
        content_type="application/json", headers={"X-CSRFToken": client.cookies["csrftoken"].value},
    )  # fmt: skip
    assert answer.status_code == 200
    assert (answer.json()["introduction"], answer.json()["shown"]) == ("I bind.", ["introduction", "city"])
    assert Membership.objects.get(pk=bo.pk).introduction == "I bind."
    program = api.Program(community)
    assert program.get("profile/").status_code == program.patch("profile/", {"name": "X"}).status_code == 403
