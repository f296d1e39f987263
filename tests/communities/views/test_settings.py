import pytest

from communities.models import ApiKey, Community
from members.models import AuditEntry, Membership
from members.roles import Role
from tests import make

pytestmark = pytest.mark.django_db

DESK = "/c/lantern/desk/settings/"


@pytest.fixture
def community():
    return make.community("lantern")


@pytest.fixture
def owner(community, client):
    member = Membership.objects.of(community.id).get()
    client.force_login(member.user)
    return member


def settings_of(community, **change):
    fields = (
        "name", "tagline", "description", "visibility", "join_policy", "members_invite", "members_open_circles",
        "language", "timezone",
        "currency",
    )  # fmt: skip
    return {name: getattr(community, name) for name in fields} | change


def test_settings_are_saved(client, community, owner):
    answer = client.post(DESK, settings_of(community, name="Laterne", timezone="Europe/Berlin"))
    assert answer.headers["Location"] == DESK
    community.refresh_from_db()
    assert (community.name, community.timezone) == ("Laterne", "Europe/Berlin")
    assert AuditEntry.objects.get(action="community.settings_changed").actor == owner.user


def test_a_colour_of_its_own_is_worn_only_where_that_is_chosen(client, community, owner):
    field = client.get(DESK).context["form"]["colour"]
    assert (field.value(), str(field).startswith('<input type="color"')) == ("#454bc6", True)
    worn = []
    for chosen in ({"colour": "#8a1c4b", "own_colour": "on"}, {}, {"colour": "#8a1c4b"}):
        client.post(DESK, settings_of(community, **chosen))
        worn.append(Community.objects.get(pk=community.pk).colour)
    assert worn == ["#8a1c4b", "", ""]
    answer = client.post(DESK, settings_of(community, colour="red", own_colour="on"))
    assert set(answer.context["form"].errors) == {"colour"}


def test_settings_that_do_not_fit_change_nothing(client, community, owner):
    answer = client.post(DESK, settings_of(community, name="", timezone="Mars"))
    assert set(answer.context["form"].errors) == {"name", "timezone"}
    community.refresh_from_db()
    assert (community.name, community.timezone) == ("Lantern", "UTC")


@pytest.mark.parametrize(
    ("role", "expected"),
    [
        (Role.OWNER, [200, 200, 200, 200]),
        (Role.MANAGER, [200, 403, 200, 200]),
        (Role.MODERATOR, [403, 403, 200, 403]),
        (Role.MEMBER, [403, 403, 403, 403]),
    ],
)
def test_who_may_open_which_room(client, community, role, expected):
    client.force_login(make.member(community, role=role).user)
    rooms = [DESK, f"{DESK}keys/", f"{DESK}roles/", f"{DESK}audit/"]
    assert [client.get(room).status_code for room in rooms] == expected


def test_strangers_find_no_desk(client, community):
    client.force_login(make.person())
    assert client.get(DESK).status_code == 404


def test_ending_a_key_of_another_community_is_404(client, community, owner):
    other = ApiKey.objects.create(
        community=make.community("other"), name="theirs", prefix="cd_x", digest=b"1" * 32,
        scopes=["read"], created_at=make.EARLY,
    )  # fmt: skip
    assert client.post(f"{DESK}keys/{other.pk}/end/").status_code == 404
    other.refresh_from_db()
    assert other.revoked_at is None


def test_the_audit_log_pages_through_what_happened(client, community, owner):
    for position in range(60):
        client.post(DESK, settings_of(Community.objects.get(), tagline=f"Number {position}"))
    first = client.get(f"{DESK}audit/")
    assert len(first.context["lines"]) == 50
    second = client.get(f"{DESK}audit/", {"at": first.context["page"].after})
    assert (len(second.context["lines"]), second.context["page"].after) == (11, "")
    assert client.get(f"{DESK}audit/", {"at": "9" * 40}).status_code == 200


def test_saving_one_setting_keeps_a_zone_and_a_currency_that_the_form_does_not_offer(
    client, community, owner
):
    Community.objects.filter(pk=community.pk).update(timezone="Etc/GMT-8", currency="XOF")
    community.refresh_from_db()
    page = client.get(DESK)
    form = page.context["form"]
    assert form["timezone"].value() in dict(form.fields["timezone"].choices)
    assert "A change counts every day anew." in page.content.decode()
    client.post(DESK, settings_of(community, name="Laterne"))
    community.refresh_from_db()
    assert (community.name, community.timezone, community.currency) == ("Laterne", "Etc/GMT-8", "XOF")


def test_a_paused_owner_stands_among_the_staff_whose_powers_they_hold(client, community, owner):
    paused = make.member(community, role=Role.OWNER, name="Grace")
    Membership.objects.filter(pk=paused.pk).update(status="paused")
    staff = client.get(f"{DESK}roles/").context["staff"]
    assert {member.pk for member in staff} == {owner.pk, paused.pk}
