"""Every entry of the kernel's registries keeps what its registry promises."""

import pytest
from django.template.loader import get_template
from django.urls import NoReverseMatch, reverse
from django.utils import translation

from crowdecon.management.commands.permissions import table as permissions_table
from kernel import imports, places, slots
from kernel.columns import ColumnType, columns
from kernel.permissions import permissions
from members.models import Membership
from members.roles import STAFF_ROLES, Role


@pytest.mark.parametrize("permission", list(permissions), ids=lambda permission: permission.key)
def test_a_permission_names_real_roles_and_the_owner_has_it(permission):
    assert permission.roles <= set(Role.values)
    assert Role.OWNER in permission.roles
    assert str(permission.label)


def test_no_permission_of_the_desk_is_given_to_plain_members():
    given = [permission.key for permission in permissions if Role.MEMBER in permission.roles]
    # Which is none of the desk, and only where the community lets its members invite.
    assert given == ["invitations.send"]
    assert permissions.get("desk.enter").roles == STAFF_ROLES


PARTS = [(slot, part) for slot in slots.names() for part in slots.parts(slot)]


@pytest.mark.parametrize(("slot", "part"), PARTS, ids=[f"{slot}:{part.template}" for slot, part in PARTS])
def test_a_part_has_its_template_and_a_known_permission(slot, part):
    get_template(part.template)
    assert part.permission == "" or part.permission in permissions


SHELLS = [
    (shell, place) for shell in (places.DESK, places.SETTINGS, places.ROOMS) for place in places.all_of(shell)
]


@pytest.mark.parametrize(("shell", "place"), SHELLS, ids=[f"{shell}:{place.key}" for shell, place in SHELLS])
def test_a_place_has_an_address_and_a_guard(shell, place):
    assert reverse(place.url_name, kwargs={"community_slug": "lantern"}).startswith("/c/lantern/")
    with pytest.raises(NoReverseMatch):
        reverse(place.url_name)
    assert place.permission == "" or place.permission in permissions
    assert place.permission or shell == places.ROOMS, "A place of the desk asks for a permission."
    assert str(place.label)


def test_places_of_a_shell_stand_in_an_order_of_their_own():
    for shell in (places.DESK, places.SETTINGS, places.ROOMS):
        orders = [place.order for place in places.all_of(shell)]
        assert len(set(orders)) == len(orders)


@pytest.mark.django_db
@pytest.mark.parametrize("column", list(columns), ids=lambda column: column.key)
def test_a_column_reads_from_the_membership(column):
    members = Membership.objects.select_related(*column.select_related)
    found = members.annotate(found=column.value()).values_list("found", flat=True)
    assert list(found.order_by("found")) == []
    assert (column.type is ColumnType.CHOICE) == bool(column.choices)
    assert str(column.label)
    keys = [key for key, _label in column.asked]
    assert len(set(keys)) == len(keys)
    for _key, _label, values in column.groups:
        assert values < {value for value, _label in column.choices}


@pytest.mark.parametrize("column", [one for one in columns if one.permission], ids=lambda column: column.key)
def test_who_reads_the_audit_log_may_see_the_columns_that_it_names(column):
    assert permissions.get("audit.view").roles <= permissions.get(column.permission).roles


@pytest.mark.parametrize("kind", list(imports.kinds), ids=lambda kind: kind.key)
def test_a_kind_of_import_shows_how_its_file_looks(kind):
    names = [column.name for column in kind.columns]
    assert len(set(names)) == len(names)
    assert kind.needed, "A file without a needed column has no identity."
    # Of what another tool writes nobody begins a file by hand.
    assert bool(kind.sample) != (kind.as_table.__func__ is not imports.ImportKind.as_table)
    assert all(len(row) == len(names) for row in kind.sample)
    for row in kind.sample:
        assert all(dict(zip(names, row, strict=True))[name] for name in kind.needed)
    assert str(kind.title) and str(kind.hint) and all(str(column.hint) for column in kind.columns)


def test_the_page_of_permissions_says_what_holds(settings):
    with translation.override("en"):
        assert (settings.ROOT / "docs/permissions.md").read_text().endswith(f"\n\n{permissions_table()}")
