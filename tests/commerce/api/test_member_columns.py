"""Plan, paid until and dues of members by the API: with a key and for who may see the money; for nobody else."""

from dataclasses import replace

import pytest

from kernel.permissions import permissions
from members.models import Segment
from members.roles import Role
from tests import api, make
from tests.api import where
from tests.commerce.dues import plan
from tests.commerce.standing import subscribed

pytestmark = pytest.mark.django_db
DUES = ("plan", "paid_until", "dues")
LATE = {"all": [{"field": "dues", "is": "is", "value": ["late"]}]}


@pytest.fixture
def community():
    community = make.community("lantern", owner=make.person(name="Ada"), currency="CNY")
    monthly = plan(community, name="Monthly")
    subscribed(make.member(community, name="Bob"), monthly, status="past_due")
    subscribed(make.member(community, name="Cleo"), monthly, status="active", kind="gift")
    return community


@pytest.fixture
def late(community):
    return Segment.objects.create(
        community=community, name="Late ones", rules=LATE, made_at=make.EARLY, changed_at=make.EARLY
    )


@pytest.fixture
def strict():
    """A product in which managers change members and do not see the money."""
    known = permissions.get("money.view")
    permissions.replace("money.view", replace(known, roles=known.roles - {Role.MANAGER.value}))
    yield
    permissions.replace("money.view", known)


class Person(api.Program):
    """Somebody of staff who asks in the browser."""

    def __init__(self, of, role):
        self.root = f"/api/v1/communities/{of.slug}/"
        self.client = api.browser(make.member(of, role=role, name=role.label).user)
        self.client.handler.enforce_csrf_checks = False


def names(answer):
    return [one["name"] for one in answer.json()["results"]]


@pytest.mark.parametrize(
    "asks", [api.Program, lambda of: Person(of, Role.TREASURER)], ids=["key", "treasurer"]
)
def test_they_stand_with_a_member_filter_and_sort(community, late, asks):
    program = asks(community)
    bob = program.get("members/2/").json()
    assert {key: bob[key] for key in DUES} == {"plan": "Monthly", "paid_until": "2026-03-31", "dues": "grace"}
    assert program.get("members/1/?fields=plan,paid_until,dues").json() == {
        "plan": None, "paid_until": None, "dues": "none",
    }  # fmt: skip
    assert names(program.get("members/?dues=late")) == ["Bob"]
    assert names(program.get("members/?dues=in_order")) == ["Cleo"]
    assert names(program.get("members/?dues=gift&ordering=-plan")) == ["Cleo"]
    assert "Ada" in names(program.get("members/?dues=none"))
    assert names(program.get("members/?ordering=paid_until"))[:2] == ["Bob", "Cleo"]
    assert names(program.get(f"members/?segment={late.pk}")) == ["Bob"]
    assert where(program.get("members/?dues=rich")) == [("dues", "invalid_choice")]
    assert names(program.get("segments/")) == ["Late ones"]


@pytest.mark.parametrize("role", [Role.HOST, Role.MODERATOR])
def test_others_get_none_of_it_and_cannot_ask_for_it(community, late, role):
    person = Person(community, role)
    for found in (person.get("members/2/").json(), *person.get("members/").json()["results"]):
        assert not set(DUES) & set(found)
        assert "stage" in found
    assert "Monthly" not in person.get("members/").content.decode()
    for query, fault in [
        ("dues=late", ("dues", "unknown_parameter")),
        ("ordering=paid_until", ("ordering", "invalid_choice")),
        ("ordering=-plan", ("ordering", "invalid_choice")),
        ("fields=name,dues", ("fields", "unknown_field")),
        (f"segment={late.pk}", ("segment", "unknown")),
    ]:
        answer = person.get(f"members/?{query}")
        assert (answer.status_code, where(answer)) == (400, [fault])
        # Nor is there a word of them among what could be asked instead.
        assert not [key for key in DUES if key in answer.json()["errors"][0]["detail"] and key not in query]
    assert where(person.get("members/2/?fields=plan")) == [("fields", "unknown_field")]
    assert names(person.get("segments/")) == []
    assert person.get(f"segments/{late.pk}/").status_code == 404


def test_who_changes_members_and_may_not_see_money_does_nothing_by_dues(community, late, strict):
    manager = Person(community, Role.MANAGER)
    place = f"segments/{late.pk}/"
    assert manager.patch(place, {"name": "Mine"}).status_code == 404
    assert manager.client.delete(manager.root + place).status_code == 404
    assert where(manager.post("segments/", {"name": "Mine", "rules": LATE})) == [("#/rules", "rules")]
    acts = {"kind": "tag", "tag": "late"}
    assert where(manager.post("bulk/", {**acts, "rules": LATE})) == [("#/rules", "rules")]
    assert where(manager.post("bulk/", {**acts, "segment": late.pk})) == [("#/segment", "unknown")]
    assert [one.name for one in Segment.objects.all()] == ["Late ones"]
    for answer in (
        manager.patch("members/2/", {"city": "Paris"}),
        manager.post("members/", {"name": "Dan"}),
        manager.post("members/2/restrict/", {"reason": "Loud"}),
        manager.post("members/2/tier/", {"tier": community.tiers.get(is_default=True).key}),
    ):
        assert answer.status_code in (200, 201), answer.content
        assert not set(DUES) & set(answer.json())
    changed = manager.get("members/2/")
    again = manager.patch("members/2/", {"city": "Lyon"}, **{"If-Match": changed["ETag"]})
    assert again.status_code == 200


def test_a_bulk_act_by_dues_reaches_who_is_late(community):
    program = api.Program(community)
    act = program.post("bulk/", {"kind": "tag", "tag": "late", "rules": LATE})
    assert (act.status_code, act.json()["total"]) == (201, 1)


def test_the_description_tells_for_whom_they_are(client):
    schemas = client.get("/api/v1/schema/?format=json", headers={"Accept": "application/json"}).json()
    member = schemas["components"]["schemas"]["Member"]
    for key in DUES:
        assert "Only for who has the permission `money.view`." in member["properties"][key]["description"]
        assert key not in member.get("required", [])
    operations = [found for path in schemas["paths"].values() for found in path.values()]
    listed = next(one for one in operations if one["operationId"] == "list_members")
    dues = next(one for one in listed["parameters"] if one["name"] == "dues")
    assert {"late", "in_order", "grace", "none"} < set(dues["schema"]["enum"])
    assert "money.view" in dues["description"]


@pytest.mark.parametrize("members", [1, 3])
def test_the_list_takes_the_same_queries(community, members, django_assert_num_queries):
    program = api.Program(community)
    for n in range(members):
        subscribed(make.member(community, name=f"M{n}"), plan(community, name=f"P{n}"), status="active")
    program.get("members/")
    with django_assert_num_queries(3):
        assert program.get("members/?dues=in_order").status_code == 200
