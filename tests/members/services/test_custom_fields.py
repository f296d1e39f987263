"""Fields of the community's own: made, ordered, held to their kind on the page, by programs and in the table."""

import pytest
from django.urls import reverse

from kernel.errors import Refused
from kernel.person_data import Person, Place
from members import person_data
from members.actors import Actor
from members.models import CustomField, Membership
from members.roles import Role
from members.services import custom_fields, memberships, profiles, standing
from tests import api, make

pytestmark = pytest.mark.django_db


@pytest.fixture
def community():
    return make.community("lantern", owner=make.person(name="Ada"))


def field(community, name="Shoe", kind="number", by=make.SITE, **more):
    return custom_fields.create(community=community, name=name, kind=kind, at=make.EARLY, by=by, **more)


def names(community):
    return [field.name for field in CustomField.objects.of(community.pk)]


def test_fields_are_made_moved_changed_and_deleted(community):
    shoe, born, shirt = (
        field(community),
        field(community, "Born", "day"),
        field(community, "Shirt", "choice", choices=["S", "S", " M "]),
    )
    assert shirt.choices == ["S", "M"]
    custom_fields.move(field=shirt, up=True, at=make.EARLY, by=make.SITE)
    custom_fields.move(field=shoe, up=True, at=make.EARLY, by=make.SITE)
    assert names(community) == ["Shoe", "Shirt", "Born"]
    custom_fields.update(field=shoe, name="Shoe size", at=make.EARLY, by=make.SITE)
    shoe.refresh_from_db()
    assert (shoe.key, shoe.name) == ("Shoe", "Shoe size")
    custom_fields.delete(field=born, at=make.EARLY, by=make.SITE)
    assert names(community) == ["Shoe size", "Shirt"]


@pytest.mark.parametrize(
    ("given", "fault"),
    [
        ({"name": "Shoe"}, "name"),
        ({"name": " "}, "name"),
        ({"kind": "colour"}, "kind"),
        ({"kind": "choice", "choices": []}, "choices"),
        ({"seen_by": "everybody"}, "seen_by"),
        ({"required": True, "seen_by": "staff"}, "seen_by"),
    ],
)
def test_what_is_refused(community, given, fault):
    field(community)
    with pytest.raises(Refused) as refusal:
        field(community, **({"name": "New", "kind": "text"} | given))
    assert (refusal.value.field, names(community)) == (fault, ["Shoe"])


def test_moderators_make_none(community):
    moderator = make.member(community, role=Role.MODERATOR)
    with pytest.raises(Refused):
        field(community, by=Actor.person(moderator.user, moderator))


@pytest.mark.parametrize(
    ("kind", "fits", "does_not"),
    [
        ("text", "43", 43),
        ("number", 43.5, "43"),
        ("number", 0, True),
        ("day", "2026-03-02", "2026-02-30"),
        ("choice", "S", "XL"),
        ("several", ["M", "S"], ["S", "XL"]),
        ("several", ["M"], "M"),
        ("flag", False, "no"),
        ("phone", "+49 (30) 90-1820", "ask me"),
        ("phone", "13800138000", "1234"),
        ("phone", "10086", 10086),
    ],
)
def test_values_are_of_their_kind_and_others_stay(community, kind, fits, does_not):
    member = memberships.add(
        community=community, at=make.EARLY, by=make.SITE, name="Bob", custom={"Size": "from a file", "Own": 1}
    )
    field(community, "Size", kind, choices=["S", "M"])
    program = api.Program(community)
    path = f"members/{member.number}/"
    assert program.patch(path, {"custom": {"Size": "from a file", "Own": 2}}).status_code == 200
    assert program.patch(path, {"custom": {"Size": does_not}}).status_code == 422
    assert program.patch(path, {"custom": {"Size": fits, "Own": "x"}}).json()["custom"] == {
        "Size": fits,
        "Own": "x",
    }
    assert program.patch(path, {"custom": {"Size": None}}).json()["custom"] == {}


def test_on_the_edit_form_and_in_the_table(client, community):
    client.force_login(Membership.objects.get(role=Role.OWNER).user)
    shoe, vegan = field(community), field(community, "Vegan", "flag")
    skills = field(community, "Skills", "several", choices=["a", "b"])
    member = memberships.add(
        community=community, at=make.EARLY, by=make.SITE, name="Bob", tags=["old"], custom={"Own": 1}
    )
    place = reverse("members:edit", args=["lantern", member.number])
    form = {"name": "Bob", "initial-tags": "old", "tags": "old", "initial-interests": "", "interests": ""}
    given = {f"custom_{shoe.pk}": "43", f"custom_{vegan.pk}": "no", f"custom_{skills.pk}": ["a", "b"]}
    assert f'name="custom_{shoe.pk}"' in client.get(place).content.decode()
    # Somebody else gives a tag while the form is open.
    memberships.update(membership=member, at=make.EARLY, by=make.SITE, tags=["old", "vip"])
    assert client.post(place, form | given).status_code == 302
    member.refresh_from_db()
    assert member.custom == {"Own": 1, "Shoe": 43, "Vegan": False, "Skills": ["a", "b"]}
    assert member.tags == ["old", "vip"]
    client.post(
        reverse("members:columns", args=["lantern"]),
        {"column": ["custom.Shoe", "custom.Vegan", "custom.Skills"]},
    )
    table = client.get(reverse("members:desk", args=["lantern"]), {"q": "Bob"})
    (row,) = table.context["page"].rows
    assert [cell.words for cell in row.cells] == ["43", "No", "a, b"]
    assert "Skills" in client.get(reverse("members:member", args=["lantern", member.number])).content.decode()


def test_on_the_settings_page_and_by_the_api(client, community):
    client.force_login(Membership.objects.get(role=Role.OWNER).user)
    form = {"name": "Shirt", "kind": "choice", "choices": "S\nM", "seen_by": "member", "required": "on"}
    client.post(reverse("members:new_field", args=["lantern"]), form)
    client.post(reverse("members:new_field", args=["lantern"]), form | {"name": "Shoe", "kind": "number"})
    shirt, shoe = CustomField.objects.of(community.pk)
    assert (shirt.choices, shirt.required, shirt.seen_by) == (["S", "M"], True, "member")
    client.post(reverse("members:fields", args=["lantern"]), {"up": shoe.pk})
    assert names(community) == ["Shoe", "Shirt"]
    program = api.Program(community)
    made = program.post("fields/", {"name": "Born", "kind": "day"}).json()
    assert program.patch(f"fields/{made['id']}/", {"seen_by": "members"}).json()["seen_by"] == "members"
    assert [one["key"] for one in program.get("fields/").json()["results"]] == ["Shoe", "Shirt", "Born"]
    assert program.client.delete(f"{program.root}fields/{made['id']}/").status_code == 204
    client.post(reverse("members:delete_field", args=["lantern", shoe.pk]))
    assert names(community) == ["Shirt"]


# --- asked on joining, changed by members, seen by whom ---------------------------------------------------


def asked(community):
    """One of each: for the staff, for the member to read, for the member to change, for all to see."""
    more = {
        "Locker": {"kind": "text"},
        "Paid": {"kind": "flag", "seen_by": "member"},
        "Allergy": {"kind": "text", "seen_by": "member", "asked": True, "editable": True},
        "Shirt": {
            "kind": "choice",
            "choices": ["S", "M"],
            "seen_by": "members",
            "required": True,
            "editable": True,
        },
    }
    return {name: field(community, name, **given) for name, given in more.items()}


HAS = {"Locker": "7", "Paid": True, "Allergy": "Nuts", "Shirt": "M", "Unknown": "x"}


def having(community, **given):
    member = make.member(community, name="Bo")
    Membership.objects.filter(pk=member.pk).update(custom=HAS | given)
    return Membership.objects.get(pk=member.pk)


@pytest.mark.parametrize(
    ("given", "fault"),
    [
        ({"asked": True}, "seen_by"),
        ({"editable": True}, "seen_by"),
        ({"required": True, "asked": False, "seen_by": "member"}, "asked"),
    ],
)
def test_what_members_are_asked_they_see_and_what_is_needed_is_asked(community, given, fault):
    with pytest.raises(Refused) as refusal:
        field(community, **given)
    assert refusal.value.field == fault
    assert field(community, seen_by="member", required=True).asked is True


def test_each_sees_of_a_member_what_is_for_them(client, community):
    asked(community)
    bo, cy = having(community), make.member(community, name="Cy")
    person = f"/c/lantern/people/{bo.number}/"
    for viewer, path, told in (
        (cy, person, {"Shirt"}),
        (cy, "/c/lantern/people/", {"Shirt"}),
        (bo, person, {"Shirt"}),
        (bo, "/c/lantern/me/", {"Paid", "Allergy", "Shirt"}),
        (Membership.objects.get(number=1), f"/c/lantern/desk/members/{bo.number}/", set(HAS)),
    ):
        client.force_login(viewer.user)
        page = client.get(path).content.decode()
        assert (
            path,
            {name for name in HAS if f"{name}<" in page or f"{name}:" in page or f"{name} <" in page},
        ) == (
            path,
            told,
        )


def test_programs_and_members_read_what_is_for_them(community):
    asked(community)
    bo, cy = having(community), make.member(community)
    root = "/api/v1/communities/lantern/"
    program = api.Program(community)
    for get in (program.client.get, api.browser(cy.user).get):
        assert get(f"{root}people/{bo.number}/").json()["custom"] == {"Shirt": "M"}
        listed = get(f"{root}people/").json()["results"]
        assert [one["custom"] for one in listed if one["number"] == bo.number] == [{"Shirt": "M"}]
    assert api.browser(bo.user).get(f"{root}profile/").json()["custom"] == {
        name: HAS[name] for name in ("Paid", "Allergy", "Shirt")
    }
    assert program.get(f"members/{bo.number}/").json()["custom"] == HAS
    assert api.browser(cy.user).get(f"{root}members/{bo.number}/").status_code == 403
    # A person's own copy of what is held on them holds all of it: that is their right.
    (table,) = (
        one
        for one in person_data.memberships(Person(bo.user_id, (place_of(bo),)))
        if one.name == "memberships"
    )
    assert [row["custom"] for row in table.rows()] == [HAS]


def place_of(member):
    return Place(member.community_id, member.pk, member.number)


def test_a_member_changes_what_is_theirs_to_change(client, community):
    fields = asked(community)
    bo = having(community)
    client.force_login(bo.user)
    page = client.get("/c/lantern/me/").context["form"]
    assert {name for name in page.fields if name.startswith("custom_")} == {
        f"custom_{fields[name].pk}" for name in ("Allergy", "Shirt")
    }
    said = {"name": "Bo", "listed": "on"}
    allergy, shirt = (f"custom_{fields[name].pk}" for name in ("Allergy", "Shirt"))
    answer = client.post(
        "/c/lantern/me/", said | {allergy: "", shirt: "S", f"custom_{fields['Locker'].pk}": "9"}
    )
    assert answer.status_code == 302
    bo.refresh_from_db()
    assert bo.custom == {"Locker": "7", "Paid": True, "Shirt": "S", "Unknown": "x"}
    # What is needed is changed and not taken away.
    assert set(client.post("/c/lantern/me/", said | {shirt: ""}).context["form"].errors) == {shirt}
    Membership.objects.filter(pk=bo.pk).update(custom={})
    assert client.post("/c/lantern/me/", said | {shirt: ""}).status_code == 302


def test_a_member_changes_them_over_the_api(community):
    asked(community)
    bo = having(community)
    client = api.browser(bo.user)
    client.get("/c/lantern/me/")
    given = {
        "content_type": "application/json",
        "headers": {"X-CSRFToken": client.cookies["csrftoken"].value},
    }
    path = "/api/v1/communities/lantern/profile/"
    answer = client.patch(path, '{"custom": {"Shirt": "S", "Allergy": null}}', **given)
    assert (answer.status_code, answer.json()["custom"]) == (200, {"Paid": True, "Shirt": "S"})
    refused = client.patch(path, '{"custom": {"Locker": "9"}}', **given)
    assert (refused.status_code, api.where(refused)) == (422, [("#/custom", "unknown")])


@pytest.mark.parametrize(
    ("custom", "code"),
    [
        ({"Locker": "9"}, "unknown"),
        ({"Paid": False}, "unknown"),
        ({"Unknown": "y"}, "unknown"),
        ({"Shirt": "XXL"}, "custom"),
        ({"Shirt": None}, "required"),
    ],
)
def test_what_is_not_theirs_or_does_not_fit_is_refused(community, custom, code):
    asked(community)
    bo = having(community)
    with pytest.raises(Refused) as refusal:
        profiles.present(membership=bo, at=make.EARLY, custom=custom)
    assert (refusal.value.code, refusal.value.field) == (code, "custom")
    assert profiles.present(membership=bo, at=make.EARLY, custom={"Allergy": None}).custom["Shirt"] == "M"


def test_a_restricted_member_changes_no_field(community):
    asked(community)
    bo = having(community)
    standing.act("restrict", membership=bo, at=make.EARLY, by=make.SITE, reason="Rude.")
    with pytest.raises(Refused) as refusal:
        profiles.present(membership=bo, at=make.EARLY, custom={"Allergy": "Buy!"})
    assert refusal.value.code == "restricted"
