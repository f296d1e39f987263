"""Fields of the community's own: made, ordered, held to their kind on the page, by programs and in the table."""

import pytest
from django.urls import reverse

from kernel.errors import Refused
from members.actors import Actor
from members.models import CustomField, Membership
from members.roles import Role
from members.services import custom_fields, memberships
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
