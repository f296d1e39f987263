"""A member's own tree, and the desk's pages of invitations."""

import pytest

from communities.services import settings as community_settings
from kernel.clock import now
from members.models import Invitation, Membership, Message
from members.roles import Role
from members.services import invitation_mail, invitations, memberships
from tests import make
from tests.make import EARLY, SITE

pytestmark = pytest.mark.django_db
TREE, LINKS, LETTERS = (
    "/c/lantern/tree/",
    "/c/lantern/desk/invitations/",
    "/c/lantern/desk/invitations/letters/",
)
FOREST = "/c/lantern/desk/members/forest/"


@pytest.fixture
def community():
    return make.community("lantern", owner=make.person(name="Owner"))


def as_member(client, community, role=Role.MEMBER, **fields) -> Membership:
    membership = make.member(community, role=role, **fields)
    client.force_login(membership.user, backend="django.contrib.auth.backends.ModelBackend")
    return Membership.objects.select_related("community").get(pk=membership.pk)


def bring(community, inviter, *names, **fields):
    return [
        memberships.add(community=community, at=EARLY, by=SITE, name=name, invited_by=inviter, **fields)
        for name in names
    ]


def text(page) -> str:
    return page.content.decode()


def test_the_link_is_there_with_its_code_as_a_picture(client, community):
    bob = as_member(client, community)
    page = client.get(TREE)
    link = Invitation.objects.get(inviter=bob)
    assert f"http://testserver/i/{link.code}" in text(page)
    assert "<svg" in str(page.context["qr"])
    assert client.post(f"{TREE}link/")["Location"] == TREE
    link.refresh_from_db()
    assert link.revoked_at is not None
    assert f"/i/{link.code}" not in text(client.get(TREE))


def test_names_of_those_alone_who_are_listed(client, community):
    bob = as_member(client, community, name="Bob")
    cleo, dan = bring(community, bob, "Cleo", "Dan")
    bring(community, cleo, "Eve")
    bring(community, dan, "Fay")
    Membership.objects.filter(pk=dan.pk).update(listed=False)
    page = text(client.get(TREE))
    assert "2 people have come by your invitation." in page and "it is 4." in page
    assert "Cleo" in page and "Dan" not in page
    assert "by Cleo" in page and "Fay" in page


def test_a_letter_goes_out_and_what_cannot_is_told(client, community):
    bob = as_member(client, community)
    fields = {"emails": "mei@example.org, ada@example.org\nnonsense", "language": "zh-hans", "note": "Hi"}
    page = client.post(TREE, fields, follow=True)
    assert "2 invitations are on their way." in text(page)
    assert "nonsense: This is no e-mail address." in text(page)
    assert Message.objects.filter(kind="invitation", language="zh-hans").count() == 2
    again = client.post(TREE, fields)
    assert again.status_code == 200 and "mei@example.org: This address cannot be invited now." in text(again)
    assert "mei@example.org" in text(client.get(TREE))
    assert Invitation.objects.mails().filter(inviter=bob).count() == 2


def test_at_most_twenty_at_once(client, community):
    as_member(client, community)
    emails = " ".join(f"p{n}@example.org" for n in range(21))
    page = client.post(TREE, {"emails": emails, "language": "en"})
    assert page.context["form"].errors == {"emails": ["At most 20 addresses at once."]}


def test_where_members_do_not_invite_the_tree_alone_stands(client, community):
    community_settings.update(community=community, at=EARLY, by=SITE, members_invite=False)
    bob = as_member(client, community)
    bring(community, bob, "Cleo")
    page = text(client.get(TREE))
    assert "Cleo" in page and "In this community, its staff invite." in page and "my-link" not in page
    client.post(f"{TREE}link/")
    client.post(TREE, {"emails": "mei@example.org", "language": "en"})
    assert not Invitation.objects.exists()


@pytest.mark.parametrize("many", [1, 3])
def test_the_tree_costs_the_same_however_many(client, community, many, django_assert_num_queries):
    bob = as_member(client, community)
    for one in bring(community, bob, *[f"m{n}" for n in range(many)]):
        bring(community, one, "x")
    for n in range(many):
        invitation_mail.send(community=community, inviter=bob, email=f"p{n}@example.org", at=now(), by=SITE)
    client.get(TREE)
    with django_assert_num_queries(TREE_QUERIES):
        client.get(TREE)


TREE_QUERIES = 9


def test_a_link_is_made_listed_and_ended(client, community):
    as_member(client, community, Role.HOST)
    assert "No links yet" in text(client.get(LINKS))
    fields = {"channel": "wechat", "campaign": "spring", "limit": "5", "expires_at": "2099-01-01T10:00"}
    assert client.post(f"{LINKS}new/", fields)["Location"] == LINKS
    link = Invitation.objects.get()
    assert (link.channel, link.campaign, link.limit, link.expires_at.year) == ("wechat", "spring", 5, 2099)
    assert f"http://testserver/i/{link.code}" in text(client.get(LINKS))
    assert client.post(f"{LINKS}{link.pk}/revoke/")["Location"] == LINKS
    link.refresh_from_db()
    assert link.revoked_at is not None and "Revoked" in text(client.get(LINKS))


def test_what_is_wrong_with_a_link_is_told_beside_it(client, community):
    as_member(client, community, Role.HOST)
    page = client.post(f"{LINKS}new/", {"channel": "we chat", "limit": "0", "expires_at": "2001-01-01T10:00"})
    assert sorted(page.context["form"].errors) == ["channel", "limit"]
    page = client.post(f"{LINKS}new/", {"channel": "wechat", "expires_at": "2001-01-01T10:00"})
    assert page.context["form"].errors == {"expires_at": ["This time has passed already."]}
    assert not Invitation.objects.exists()


def test_letters_of_everyone_with_who_came(client, community):
    host = as_member(client, community, Role.HOST, name="Host")
    bob = make.member(community, name="Bob")
    sent = invitation_mail.send(community=community, inviter=bob, email="mei@example.org", at=now(), by=SITE)
    came = bring(community, bob, "Mei")[0]
    invitations.used(invitation=sent, membership=came, at=now())
    page = client.post(
        LETTERS, {"emails": "ada@example.org", "language": "en", "campaign": "spring"}, follow=True
    )
    assert "1 invitation is on its way." in text(page)
    assert "Mei" in text(page) and "Has joined" in text(page) and "spring" in text(page)
    other = Invitation.objects.get(inviter=host)
    assert client.post(f"{LINKS}{other.pk}/revoke/")["Location"] == LETTERS


def test_a_personal_link_is_nobody_else_s_to_see_or_end(client, community):
    as_member(client, community, Role.OWNER)
    bob = Membership.objects.select_related("community").get(pk=make.member(community).pk)
    link = invitations.personal(membership=bob, at=EARLY)
    assert client.post(f"{LINKS}{link.pk}/revoke/").status_code == 404
    assert link.code not in text(client.get(LINKS)) + text(client.get(LETTERS))


@pytest.mark.parametrize(("role", "status"), [("member", 403), ("moderator", 403), ("host", 200)])
def test_who_sees_the_links(client, community, role, status):
    as_member(client, community, role)
    assert [client.get(url).status_code for url in (LINKS, LETTERS, f"{LINKS}new/")] == [status] * 3


@pytest.mark.parametrize("many", [1, 3])
def test_the_lists_cost_the_same_however_many(client, community, many, django_assert_num_queries):
    host = as_member(client, community, Role.HOST)
    for n in range(many):
        invitations.create_link(community=community, channel="x", at=EARLY, by=SITE)
        invitation_mail.send(community=community, inviter=host, email=f"p{n}@example.org", at=now(), by=SITE)
    client.get(LINKS)
    with django_assert_num_queries(LINKS_QUERIES):
        client.get(LINKS)
    with django_assert_num_queries(LETTERS_QUERIES):
        client.get(LETTERS)


LINKS_QUERIES, LETTERS_QUERIES = 3, 7


def test_the_forest_opens_by_branch(client, community):
    as_member(client, community, Role.MODERATOR)
    ada = bring(community, None, "Ada")[0]
    bob, _cleo = bring(community, ada, "Bob", "Cleo")
    bring(community, bob, "Dan")
    page = text(client.get(FOREST))
    assert "1 tree holds 4 of 6 members." in page and "Ada" in page and "Bob" not in page
    branch = text(client.get(f"{FOREST}{ada.number}/", headers={"HX-Request": "true"}))
    assert "Bob" in branch and "Cleo" in branch and "Dan" not in branch and "<html" not in branch
    answer = client.get(f"{FOREST}{ada.number}/")
    assert answer["Location"] == f"{FOREST}?member={ada.number}"
    opened = text(client.get(f"{FOREST}?member={bob.number}"))
    assert "Dan" in opened and f'href="?member={ada.number}"' in opened


def test_the_forest_finds_a_member(client, community):
    as_member(client, community, Role.MODERATOR)
    bring(community, bring(community, None, "Ada")[0], "小明")
    part = text(client.get(f"{FOREST}?q=小明", headers={"HX-Request": "true"}))
    assert "小明" in part and "by Ada" in part and "<html" not in part
    assert "Nobody fits" in text(client.get(f"{FOREST}?q=zzz"))
    for query in ("member=0", "member=x", "member=99999999999", "member=77"):
        assert client.get(f"{FOREST}?{query}").status_code == 404


@pytest.mark.parametrize("many", [1, 3])
def test_the_forest_costs_the_same_however_many(client, community, many, django_assert_num_queries):
    as_member(client, community, Role.MODERATOR)
    for n in range(many):
        root = bring(community, None, f"r{n}")[0]
        bring(community, root, *[f"x{n}" for n in range(many)])
    client.get(FOREST)
    with django_assert_num_queries(FOREST_QUERIES):
        client.get(FOREST)
    with django_assert_num_queries(BRANCH_QUERIES):
        client.get(f"{FOREST}{root.number}/", headers={"HX-Request": "true"})


#: The forest itself is read as numbers, which is no statement that is counted here.
FOREST_QUERIES, BRANCH_QUERIES = 4, 5


def test_the_inviter_is_corrected_on_the_member_s_page(client, community):
    as_member(client, community, Role.MANAGER)
    ada, bob = bring(community, None, "Ada", "Bob")
    cleo = bring(community, ada, "Cleo")[0]
    address = f"/c/lantern/desk/members/{cleo.number}/inviter/"
    assert client.get(address).context["form"].initial == {"inviter": ada.number}
    answer = client.post(address, {"inviter": bob.number, "reason": "Bob did."})
    assert answer["Location"] == f"/c/lantern/desk/members/{cleo.number}/"
    cleo.refresh_from_db()
    assert cleo.invited_by == bob
    for number, words in ((cleo.number, "Nobody invites themselves."), (4711, "no member of this number")):
        page = client.post(address, {"inviter": number, "reason": "x"})
        assert words in text(page)
    address = f"/c/lantern/desk/members/{bob.number}/inviter/"
    page = client.post(address, {"inviter": cleo.number, "reason": "x"})
    assert "that would go round in a circle" in text(page)
    assert page.context["form"].errors.keys() == {"inviter"}
