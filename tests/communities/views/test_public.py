import pytest
from django.urls import reverse

from communities.models import Circle, Community
from communities.services import joining
from members.models import Membership
from tests import make
from tests.make import EARLY, SITE

pytestmark = pytest.mark.django_db

FOUNDING = {
    "type": "interest",
    "name": "晨跑 Club",
    "slug": "",
    "tagline": "",
    "language": "en",
    "timezone": "Asia/Shanghai",
    "currency": "CNY",
}


def test_the_directory_shows_public_communities_to_everyone(client):
    make.community("lantern", name="Lantern")
    make.community("hidden", name="Hidden one", visibility="unlisted")
    make.community("secret", name="Secret one", visibility="private")
    page = client.get("/").content.decode()
    assert "Lantern" in page
    assert "Hidden one" not in page and "Secret one" not in page


@pytest.mark.parametrize("rows", [1, 3])
def test_the_directory_s_queries_do_not_grow(client, django_assert_num_queries, rows):
    for position in range(rows):
        make.member(make.community(f"community-{position}"))
    with django_assert_num_queries(2):
        client.get("/")


def test_a_search_that_finds_nothing_says_so(client):
    make.community(name="Lantern")
    assert "Nothing found" in client.get("/", {"q": "zebra\x00", "type": "no-such"}).content.decode()


def test_founding_asks_to_sign_in(client):
    assert client.get("/c/new/").headers["Location"].startswith("/accounts/login/?next=/c/new/")


def test_a_person_founds_and_lands_at_the_desk(client):
    user = make.person()
    client.force_login(user)
    answer = client.post("/c/new/", FOUNDING)
    community = Community.objects.get()
    assert (answer.status_code, answer.headers["Location"]) == (302, f"/c/{community.slug}/desk/")
    assert (community.slug, community.type, community.timezone) == (
        "chen-pao-club",
        "interest",
        "Asia/Shanghai",
    )
    assert Membership.objects.get().role == "owner"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"type": "cult"}, "type"),
        ({"name": ""}, "name"),
        ({"name": "!!!"}, "slug"),
        ({"slug": "new"}, "slug"),
        ({"timezone": "Mars"}, "timezone"),
        ({"currency": "XXXX"}, "currency"),
        ({"name": "a\x00b"}, "name"),
    ],
)
def test_what_does_not_fit_comes_back_with_a_reason(client, change, field):
    client.force_login(make.person())
    answer = client.post("/c/new/", FOUNDING | change)
    assert answer.status_code == 200
    assert field in answer.context["form"].errors
    assert Community.objects.count() == 0


@pytest.mark.parametrize("visibility", ["public", "unlisted"])
def test_a_face_is_open_to_everyone(client, visibility):
    community = make.community("lantern", visibility=visibility, tagline="We build")
    Community.objects.update(description="# Hello\n<script>x</script>")
    page = client.get("/c/lantern/").content.decode()
    assert "<h2>Hello</h2>" in page and "<script>x" not in page
    assert reverse("communities:join", args=[community.slug]) in page


def test_a_face_names_no_members(client):
    community = make.community("lantern")
    make.member(community, name="Ada Adler")
    assert "Ada Adler" not in client.get("/c/lantern/").content.decode()


@pytest.mark.parametrize("slug", ["secret", "no-such"])
@pytest.mark.parametrize("path", ["", "join/", "desk/", "leave/", "desk/settings/"])
def test_a_private_community_answers_as_one_that_is_not_there(client, path, slug):
    make.community("secret", visibility="private")
    page = f"/c/{slug}/{path}"
    assert client.get(page).headers["Location"] == f"/accounts/login/?next={page}"
    assert client.post(page).status_code == 404
    client.force_login(make.person())
    assert (client.get(page).status_code, client.post(page).status_code) == (404, 404)


@pytest.mark.parametrize("path", ["", "join/", "desk/", "leave/", "desk/settings/"])
def test_a_private_community_does_not_exist_for_others(client, path):
    make.community("secret", visibility="private")
    client.force_login(make.person())
    assert client.get(f"/c/secret/{path}").status_code == 404


def test_joining_asks_and_lets_in(client):
    community = make.community("lantern")
    user = make.person(name="Ada")
    client.force_login(user)
    first, second = community.join_questions.all()
    answer = client.post(
        "/c/lantern/join/", {f"question_{first.pk}": "Reading", f"question_{second.pk}": "Yes"}
    )
    assert answer.headers["Location"] == "/c/lantern/"
    member = Membership.objects.get(user=user)
    assert member.answers == [
        {"question": first.text, "kind": first.kind, "answer": "Reading"},
        {"question": second.text, "kind": second.kind, "answer": "Yes"},
    ]
    assert "Hello, Ada" in client.get("/c/lantern/").content.decode()


def test_leaving_asks_first(client):
    member = make.member(make.community("lantern"))
    client.force_login(member.user)
    assert "Leave Lantern?" in client.get("/c/lantern/leave/").content.decode()
    client.post("/c/lantern/leave/", {"reason": "no time"})
    member.refresh_from_db()
    assert (member.status, member.changes.last().reason) == ("left", "no time")


def test_circles_are_joined_and_left(client):
    member = make.member(make.community("lantern"))
    client.force_login(member.user)
    client.post("/c/lantern/circles/ideas/", {"act": "join"})
    client.post("/c/lantern/circles/ideas/", {"act": "join"})
    assert list(member.circle_memberships.values_list("circle__slug", flat=True)) == ["ideas"]
    client.post("/c/lantern/circles/ideas/", {"act": "leave"})
    assert member.circle_memberships.count() == 0


def test_a_secret_circle_is_not_to_be_found(client):
    member = make.member(make.community("lantern"))
    Circle.objects.filter(slug="ideas").update(kind="secret")
    client.force_login(member.user)
    assert client.post("/c/lantern/circles/ideas/", {"act": "join"}).status_code == 404
    assert "Ideas" not in client.get("/c/lantern/").content.decode()


@pytest.mark.parametrize(("rows", "asked", "queries"), [(1, 0, 10), (3, 0, 10), (3, 2, 11)])
def test_the_home_s_queries_do_not_grow(client, django_assert_num_queries, rows, asked, queries):
    community = make.community("lantern")
    Community.objects.update(references_asked=asked)
    members = [make.member(community) for _ in range(rows)]
    client.force_login(members[0].user)
    client.get("/c/lantern/")
    with django_assert_num_queries(queries):
        client.get("/c/lantern/")


def test_a_community_awaiting_approval_cannot_be_joined(client):
    community = make.community("lantern")
    Community.objects.update(approved_at=None)
    community.refresh_from_db()
    user = make.person()
    client.force_login(user)
    answers = {f"question_{question.pk}": "Yes" for question in community.join_questions.all()}
    assert "opens once the site" in client.post("/c/lantern/join/", answers).content.decode()
    assert not Membership.objects.filter(user=user).exists()
    Community.objects.update(approved_at=EARLY)
    community.refresh_from_db()
    joining.join(community=community, user=user, answers={}, at=EARLY, by=SITE)
