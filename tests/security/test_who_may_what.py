"""Who may do what, as one table: every room of a community and every operation of its API, by who asks.

A row is an address (and what is done there); a column is a person. What a page or operation stands behind is
named by its permission, which docs/permissions.md explains. A new address that is not in the table fails.

    .   the page or the answer          x   forbidden: told so (403)
    -   not found (404)                 >   sent to sign in, or (in the API) 401
"""

import json
from functools import cache

import pytest
from django.test import Client
from django.utils.safestring import SafeString

from communities.models import ApiKey
from communities.services import settings as community_settings
from kernel.api import operations
from kernel.permissions import permissions
from members.models import Membership
from members.roles import Role, Status
from tests import make
from tests.contracts.addresses import views
from tests.contracts.test_the_wall import furnished

pytestmark = pytest.mark.django_db

#: In the order of the columns. nobody: has not signed in. other: another community's owner. left, removed: were
#: members here. lapsed: was a manager whose membership has lapsed. The others are members here with that role.
PEOPLE = "nobody other left removed lapsed member host treasurer moderator manager owner".split()

ROOMS = """
                                                          nob oth lft rmd lps mem hst tre mod man own
GET   {c}                                                  .   .   .   .   .   .   .   .   .   .   .  public
GET   {c}privacy/                                          .   .   .   .   .   .   .   .   .   .   .  public
GET   {c}join/                                             >   .   .   .   .   .   .   .   .   .   .  public
GET   {c}leave/                                            >   -   -   -   -   .   .   .   .   .   .  members
POST  {c}circles/<any_slug:circle_slug>/                   >   -   -   -   -   .   .   .   .   .   .  members
GET   {c}desk/                                             >   -   -   -   -   x   .   .   .   .   .  desk.enter
GET   {c}desk/settings/roles/                              >   -   -   -   -   x   .   .   .   .   .  desk.enter
GET   {c}desk/figures/freshness/                           >   -   -   -   -   x   .   .   .   .   .  desk.enter
GET   {c}desk/members/                                     >   -   -   -   -   x   .   .   .   .   .  members.view
POST  {c}desk/members/columns/                             >   -   -   -   -   x   .   .   .   .   .  members.view
GET   {c}desk/members/export.csv                           >   -   -   -   -   x   .   .   .   .   .  members.view
GET   {c}desk/members/<int:number>/                        >   -   -   -   -   x   .   .   .   .   .  members.view
GET   {c}desk/members/<int:number>/timeline/               >   -   -   -   -   x   .   .   .   .   .  members.view
GET   {c}desk/members/new/                                 >   -   -   -   -   x   x   x   x   .   .  members.change
POST  {c}desk/members/new/                                 >   -   -   -   -   x   x   x   x   .   .  members.change
GET   {c}desk/members/<int:number>/edit/                   >   -   -   -   -   x   x   x   x   .   .  members.change
POST  {c}desk/members/<int:number>/edit/                   >   -   -   -   -   x   x   x   x   .   .  members.change
GET   {c}desk/members/<int:number>/tier/                   >   -   -   -   -   x   x   x   x   .   .  members.change
POST  {c}desk/members/<int:number>/tier/                   >   -   -   -   -   x   x   x   x   .   .  members.change
GET   {c}desk/members/<int:number>/acts/<slug:act>/        >   -   -   -   -   x   x   x   x   .   .  members.change
POST  {c}desk/members/<int:number>/acts/<slug:act>/        >   -   -   -   -   x   x   x   x   .   .  members.change
GET   {c}desk/members/<int:number>/role/                   >   -   -   -   -   x   x   x   x   x   .  members.change_role
POST  {c}desk/members/<int:number>/role/                   >   -   -   -   -   x   x   x   x   x   .  members.change_role
GET   {c}desk/settings/imports/                            >   -   -   -   -   x   x   x   x   .   .  imports.run
POST  {c}desk/settings/imports/                            >   -   -   -   -   x   x   x   x   .   .  imports.run
GET   {c}desk/settings/imports/sample/<slug:kind>.csv      >   -   -   -   -   x   x   x   x   .   .  imports.run
GET   {c}desk/settings/imports/<uuid:run_id>/              >   -   -   -   -   x   x   x   x   .   .  imports.run
GET   {c}desk/settings/imports/<uuid:run_id>/report.csv    >   -   -   -   -   x   x   x   x   .   .  imports.run
GET   {c}desk/settings/imports/<uuid:run_id>/retract/      >   -   -   -   -   x   x   x   x   .   .  facts.retract
POST  {c}desk/settings/imports/<uuid:run_id>/retract/      >   -   -   -   -   x   x   x   x   .   .  facts.retract
GET   {c}desk/settings/                                    >   -   -   -   -   x   x   x   x   .   .  settings.change
POST  {c}desk/settings/                                    >   -   -   -   -   x   x   x   x   .   .  settings.change
GET   {c}desk/settings/keys/                               >   -   -   -   -   x   x   x   x   x   .  api_keys.manage
POST  {c}desk/settings/keys/                               >   -   -   -   -   x   x   x   x   x   .  api_keys.manage
POST  {c}desk/settings/keys/<uuid:key_id>/end/             >   -   -   -   -   x   x   x   x   x   .  api_keys.manage
GET   {c}desk/settings/audit/                              >   -   -   -   -   x   x   x   x   .   .  audit.view
GET   {c}desk/settings/audit/export.csv                    >   -   -   -   -   x   x   x   x   .   .  audit.view
GET   {c}desk/settings/privacy/                            >   -   -   -   -   x   x   x   x   .   .  settings.change
POST  {c}desk/settings/privacy/                            >   -   -   -   -   x   x   x   x   .   .  settings.change
GET   {c}desk/settings/privacy/due.csv                     >   -   -   -   -   x   x   x   x   .   .  settings.change
GET   {c}desk/members/<int:number>/erase/                  >   -   -   -   -   x   x   x   x   .   .  members.change
POST  {c}desk/members/<int:number>/erase/                  >   -   -   -   -   x   x   x   x   .   .  members.change
GET   {c}desk/settings/weights/                            >   -   -   -   -   x   x   x   x   .   .  settings.change
POST  {c}desk/settings/weights/                            >   -   -   -   -   x   x   x   x   .   .  settings.change
GET   {c}desk/figures/                                     >   -   -   -   -   x   .   .   .   .   .  figures.view
GET   {c}desk/figures/<slug:key>/                          >   -   -   -   -   x   .   .   .   .   .  figures.view
GET   {c}desk/figures/<slug:key>/csv/                      >   -   -   -   -   x   .   .   .   .   .  figures.view
"""

OPERATIONS = """
                                                          nob oth lft rmd lps mem hst tre mod man own
GET   {a}                                                  >   -   -   -   -   .   .   .   .   .   .  members
PATCH {a}                                                  >   -   -   -   -   x   x   x   x   .   .  settings.change
GET   {a}audit/                                            >   -   -   -   -   x   x   x   x   .   .  audit.view
GET   {a}privacy/                                          >   -   -   -   -   .   .   .   .   .   .  members
PATCH {a}privacy/                                          >   -   -   -   -   x   x   x   x   .   .  settings.change
POST  {a}members/<int:number>/erase/                       >   -   -   -   -   x   x   x   x   .   .  members.change
GET   {a}circles/                                          >   -   -   -   -   .   .   .   .   .   .  members
GET   {a}tiers/                                            >   -   -   -   -   .   .   .   .   .   .  members
GET   {a}members/                                          >   -   -   -   -   x   .   .   .   .   .  members.view
POST  {a}members/                                          >   -   -   -   -   x   x   x   x   .   .  members.change
GET   {a}members/<int:number>/                             >   -   -   -   -   x   .   .   .   .   .  members.view
PATCH {a}members/<int:number>/                             >   -   -   -   -   x   x   x   x   .   .  members.change
POST  {a}members/<int:number>/tier/                        >   -   -   -   -   x   x   x   x   .   .  members.change
POST  {a}members/<int:number>/wait/                        >   -   -   -   -   x   x   x   x   .   .  members.change
POST  {a}members/<int:number>/approve/                     >   -   -   -   -   x   x   x   x   .   .  members.change
POST  {a}members/<int:number>/reject/                      >   -   -   -   -   x   x   x   x   .   .  members.change
POST  {a}members/<int:number>/ask_payment/                 >   -   -   -   -   x   x   .   x   .   .  members.dues
POST  {a}members/<int:number>/begin_trial/                 >   -   -   -   -   x   x   .   x   .   .  members.dues
POST  {a}members/<int:number>/activate/                    >   -   -   -   -   x   x   x   x   .   .  members.change
POST  {a}members/<int:number>/pause/                       >   -   -   -   -   x   x   x   x   .   .  members.change
POST  {a}members/<int:number>/resume/                      >   -   -   -   -   x   x   x   x   .   .  members.change
POST  {a}members/<int:number>/suspend/                     >   -   -   -   -   x   x   .   x   .   .  members.dues
POST  {a}members/<int:number>/lapse/                       >   -   -   -   -   x   x   .   x   .   .  members.dues
POST  {a}members/<int:number>/renew/                       >   -   -   -   -   x   x   .   x   .   .  members.dues
POST  {a}members/<int:number>/restrict/                    >   -   -   -   -   x   x   x   .   .   .  members.discipline
POST  {a}members/<int:number>/lift/                        >   -   -   -   -   x   x   x   .   .   .  members.discipline
POST  {a}members/<int:number>/take_back/                   >   -   -   -   -   x   x   x   x   .   .  members.change
POST  {a}members/<int:number>/leave/                       >   -   -   -   -   x   x   x   x   .   .  members.change
POST  {a}members/<int:number>/remove/                      >   -   -   -   -   x   x   x   x   .   .  members.change
POST  {a}members/<int:number>/ban/                         >   -   -   -   -   x   x   x   x   .   .  members.change
GET   {a}members/<int:number>/timeline/                    >   -   -   -   -   x   .   .   .   .   .  members.view
GET   {a}imports/                                          >   -   -   -   -   x   x   x   x   .   .  imports.run
POST  {a}imports/                                          >   -   -   -   -   x   x   x   x   .   .  imports.run
GET   {a}imports/<uuid:run_id>/                            >   -   -   -   -   x   x   x   x   .   .  imports.run
POST  {a}activities/                                       >   -   -   -   -   x   x   x   x   .   .  imports.run
GET   {a}metrics/                                          >   -   -   -   -   x   .   .   .   .   .  figures.view
GET   {a}metrics/active_members/                           >   -   -   -   -   x   .   .   .   .   .  figures.view
"""

C, A = "c/<slug:community_slug>/", "api/v1/communities/<slug:community_slug>/"
SIGNS = {200: ".", 201: ".", 202: ".", 302: ".", 400: ".", 409: ".", 422: ".", 401: ">", 403: "x", 404: "-"}


def rows(table: str) -> list[tuple[str, str, list[str], str]]:
    """(method, address, what each of `PEOPLE` gets, permission)."""
    found = []
    for line in table.format(c=C, a=A).strip().splitlines()[1:]:
        method, address, *cells, permission = line.split()
        assert len(cells) == len(PEOPLE), line
        found.append((method, address, cells, permission))
    return found


@cache
def table() -> list[tuple[str, str, list[str], str]]:
    return rows(ROOMS) + rows(OPERATIONS)


# --- the table is whole, and says what the table of permissions says --------------------------------------


def test_every_room_and_every_operation_is_in_the_table():
    listed = {address for _method, address, _cells, _permission in table()}
    figures = {address for address, _view in views(f"{A}metrics/")}
    there = {address for prefix in (C, A) for address, _view in views(prefix)} - figures
    assert there | {f"{A}metrics/", f"{A}metrics/active_members/"} == listed
    methods = {(method.lower(), address) for method, address, _cells, _permission in table()}
    for address, view in views(A):
        shown = f"{A}metrics/active_members/" if address in figures - {f"{A}metrics/"} else address
        for method in ("get", "post", "patch", "put", "delete"):
            if operations.of(view.cls, method) is not None:
                assert (method, shown) in methods


def test_the_table_names_permissions_that_there_are():
    named = {permission for _method, _address, _cells, permission in table()}
    assert named - {"public", "members"} <= set(permissions.keys())


def test_the_table_is_the_table_of_permissions():
    """Roles get in where their permission says so: the same as `./manage.py permissions` prints."""
    for method, address, cells, permission in table():
        for role in Role.values:
            opened = permission in ("public", "members") or role in permissions.get(permission).roles
            assert (method, address, role, cells[PEOPLE.index(role)]) == (
                method,
                address,
                role,
                "." if opened else "x",
            )


def test_operations_ask_for_the_permission_of_the_table():
    asked = {address: view.cls for address, view in views(A)}
    for method, address, _cells, permission in rows(OPERATIONS):
        needs = operations.of(asked[address], method.lower()).needs
        assert (method, address, needs or "members") == (method, address, permission)


# --- and it holds -----------------------------------------------------------------------------------------


def somebody(who: str, place) -> Client:
    client = Client()
    if who == "nobody":
        return client
    if who == "other":
        user = make.person()
        make.community(owner=user)
    elif who == "owner":
        user = place.community.founded_by
    else:
        role = who if who in Role.values else Role.MANAGER if who == "lapsed" else Role.MEMBER
        member = make.member(place.community, role=role)
        status = {"left": Status.LEFT, "removed": Status.REMOVED, "lapsed": Status.LAPSED}.get(
            who, Status.ACTIVE
        )
        Membership.objects.filter(pk=member.pk).update(status=status)
        user = member.user
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture(autouse=True)
def _nothing_is_drawn(monkeypatch):
    """Whether one is let in is decided before a page is drawn, which is most of the time it takes."""
    monkeypatch.setattr("django.template.base.Template.render", lambda template, context: SafeString(""))
    # Everybody has just proven who they are: the second question is another test's.
    monkeypatch.setattr("members.doors.recently_proven", lambda request: True)


@pytest.mark.parametrize("who", PEOPLE)
def test_it_holds(who, settings):
    """Every row of one person's column, the acts with bodies that mean nothing: who gets as far as that is let in."""
    settings.API_RATE_LIMITS = {"anonymous": None, "default": None, "bulk": None}
    place = furnished(slug="lantern")
    over(place)
    client = somebody(who, place)
    kept = Membership.objects.count(), ApiKey.objects.filter(revoked_at=None).count()
    got, wanted = [], []
    for method, address, cells, _permission in table():
        answer = send(client, method, place.address(address))
        sign = SIGNS[answer.status_code]
        if sign == "." and answer.get("Location", "").startswith("/accounts/login/"):
            sign = ">"
        got.append(f"{method} {address} {sign}")
        wanted.append(f"{method} {address} {cells[PEOPLE.index(who)]}")
    assert got == wanted
    if who not in ("manager", "owner"):
        assert (Membership.objects.count(), ApiKey.objects.filter(revoked_at=None).count()) == kept


def over(place) -> None:
    """The import of the place has ended, and brought activities: it can be taken back."""
    from members.models import ImportRun

    ImportRun.objects.update(kind="activities", state="done", created=1, rows=1)


def send(client: Client, method: str, path: str):
    if method == "GET":
        return client.get(path)
    if path.startswith("/api/"):
        kind = "multipart/form-data; boundary=X" if path.endswith("imports/") else "application/json"
        body = "--X--\r\n" if path.endswith("imports/") else json.dumps({"nothing": "meant"})
        return getattr(client, method.lower())(path, body, content_type=kind)
    return client.post(path, {})


def test_a_private_community_shows_its_face_to_nobody_it_has_not_let_in():
    place = furnished(slug="lantern")
    community_settings.update(community=place.community, at=make.EARLY, by=make.SITE, visibility="private")
    for who, signs in (("nobody", ">>"), ("other", "--"), ("left", "--"), ("lapsed", "--"), ("member", "..")):
        client = somebody(who, place)
        found = ""
        for path in ("/c/lantern/", "/c/lantern/join/"):
            answer = client.get(path)
            found += ">" if answer.get("Location", "").startswith("/accounts/") else SIGNS[answer.status_code]
        assert (who, found) == (who, signs)
