"""Invitations by the API."""

import pytest

from members.models import Invitation, Membership, Message, Tier
from members.roles import Role
from members.services import invitations, memberships
from tests import api, make
from tests.make import EARLY, SITE

pytestmark = pytest.mark.django_db


@pytest.fixture
def community():
    return make.community("lantern")


@pytest.fixture
def program(community):
    return api.Program(community)


def member_of(community, **fields) -> Membership:
    membership = make.member(community, **fields)
    return Membership.objects.select_related("community", "user").get(pk=membership.pk)


def test_a_link_is_made_read_listed_and_ended(community, program):
    tier = Tier.objects.of(community.pk).last()
    body = {
        "channel": "flyer",
        "campaign": "spring",
        "tier": tier.key,
        "limit": 3,
        "expires_at": "2099-01-01T00:00",
    }
    made = program.post("invitations/", body)
    assert made.status_code == 201
    link = Invitation.objects.get()
    place = f"invitations/{link.pk}/"
    assert made["Location"].endswith(place)
    told = made.json()
    assert {
        key: told[key] for key in ("kind", "state", "url", "channel", "campaign", "tier", "limit", "used")
    } == {
        "kind": "link",
        "state": "open",
        "url": f"http://testserver/i/{link.code}",
        "channel": "flyer",
        "campaign": "spring",
        "tier": tier.key,
        "limit": 3,
        "used": 0,
    }
    assert (told["inviter"], told["email"], told["expires_at"]) == (None, "", "2099-01-01T00:00:00Z")
    assert program.get(place).json() == told
    assert program.get("invitations/").json()["results"] == [told]
    ended = program.post(f"{place}revoke/")
    assert (ended.status_code, ended.json()["state"]) == (200, "revoked")
    assert program.post(f"{place}revoke/").json() == ended.json()


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        ({}, ("#/channel", "required")),
        ({"channel": "we chat"}, ("#/channel", "invalid")),
        ({"channel": "a", "tier": "nope"}, ("#/tier", "unknown")),
        ({"channel": "a", "limit": 0}, ("#/limit", "min_value")),
        ({"channel": "a", "expires_at": "2001-01-01T00:00Z"}, ("#/expires_at", "past")),
    ],
)
def test_what_is_wrong_with_a_link(program, body, fault):
    answer = program.post("invitations/", body)
    assert answer.status_code in (400, 422) and api.where(answer) == [fault]
    assert not Invitation.objects.exists()


def test_a_program_mails_in_the_name_of_a_member(community, program):
    bob = member_of(community, name="Bob")
    assert api.where(program.post("invitations/send/", {"email": "mei@example.org"})) == [
        ("#/inviter", "required")
    ]
    sent = program.post(
        "invitations/send/", {"email": "mei@example.org", "inviter": bob.number, "note": "Hi"}
    )
    assert sent.status_code == 201
    assert (sent.json()["inviter"], sent.json()["email"], sent.json()["url"]) == (
        bob.number,
        "mei@example.org",
        None,
    )
    again = program.post("invitations/send/", {"email": "mei@example.org", "inviter": bob.number})
    assert api.where(again) == [("#/email", "not_now")]
    assert Message.objects.filter(kind="invitation").count() == 1


def test_a_member_mails_in_their_own_name_and_sees_no_list(community):
    bob, cleo = member_of(community), member_of(community)
    client = api.browser(bob.user)
    client.get("/c/lantern/")
    token = client.cookies["csrftoken"].value if "csrftoken" in client.cookies else ""
    if not token:
        client.get("/c/lantern/tree/")
        token = client.cookies["csrftoken"].value
    root = "/api/v1/communities/lantern/invitations/"

    def post(body):
        return client.post(
            f"{root}send/", body, content_type="application/json", headers={"X-CSRFToken": token}
        )

    assert post({"email": "mei@example.org"}).status_code == 201
    assert api.where(post({"email": "x@example.org", "inviter": cleo.number})) == [("#/inviter", "not_yours")]
    assert client.get(root).status_code == 403


def test_members_own_links_are_theirs_alone(community, program):
    link = invitations.personal(membership=member_of(community), at=EARLY)
    assert program.get("invitations/").json()["results"] == []
    assert program.get(f"invitations/{link.pk}/").status_code == 404
    assert program.post(f"invitations/{link.pk}/revoke/").status_code == 404
    assert program.get(f"invitations/{2**70}/").status_code == 404


def test_the_list_goes_page_by_page_newest_first(community, program):
    for n in range(3):
        invitations.create_link(community=community, channel=f"c{n}", at=EARLY, by=SITE)
    first = program.get("invitations/?limit=2").json()
    assert [one["channel"] for one in first["results"]] == ["c2", "c1"]
    second = program.client.get(first["next"]).json()
    assert [one["channel"] for one in second["results"]] == ["c0"]
    assert program.get("invitations/?kind=email").json()["results"] == []


def test_whom_a_member_brought_and_who_brought_them(community, program):
    ada, bob = (memberships.add(community=community, at=EARLY, by=SITE, name=name) for name in ("Ada", "Bob"))
    cleo = memberships.add(community=community, at=EARLY, by=SITE, name="Cleo", invited_by=ada)
    listed = program.get(f"members/{ada.number}/invitees/?fields=number,name").json()["results"]
    assert listed == [{"number": cleo.number, "name": "Cleo"}]
    body = {"inviter": bob.number, "reason": "Bob did."}
    assert program.post(f"members/{cleo.number}/inviter/", body).json()["invited_by"] == bob.number
    body = {"inviter": None, "reason": "Came alone."}
    assert program.post(f"members/{cleo.number}/inviter/", body).json()["invited_by"] is None
    for inviter, code in ((cleo.number, "own_inviter"), (999, "unknown")):
        answer = program.post(f"members/{cleo.number}/inviter/", {"inviter": inviter, "reason": "x"})
        assert api.where(answer) == [("#/inviter", code)]
    body = {"inviter": cleo.number, "reason": "x"}
    program.post(f"members/{cleo.number}/inviter/", {"inviter": ada.number, "reason": "x"})
    assert api.where(program.post(f"members/{ada.number}/inviter/", body)) == [("#/inviter", "loop")]


@pytest.mark.parametrize(("role", "status"), [(Role.HOST, 200), (Role.MODERATOR, 403)])
def test_who_may_list(community, role, status):
    client = api.browser(member_of(community, role=role).user)
    assert client.get("/api/v1/communities/lantern/invitations/").status_code == status
