"""What no form of ours would send: refused or read as something harmless, never a 500, never half done."""

import base64
import json

import pytest
from django.contrib.auth.models import AnonymousUser
from django.http import HttpResponse
from django.test import Client

from kernel.api import problems
from kernel.uploads import UploadLimit
from members.models import Membership
from members.services import memberships
from tests import api, make

pytestmark = pytest.mark.django_db

DESK = "/c/lantern/desk/members/"
HALF = "\\ud800"


@pytest.fixture
def community():
    return make.community("lantern", owner=make.person("ada@example.org", name="Ada"))


@pytest.fixture
def desk(community, client: Client) -> Client:
    client.force_login(community.founded_by)
    return client


@pytest.fixture
def program(community) -> api.Program:
    return api.Program(community)


# --- cursors of pages ---------------------------------------------------------------------------------

CURSORS = [
    '["after","",Infinity,1]', '["after","","\\ud800",1]', '["after","t","2026-01-01T00:00:00",1]',
    '["after","t","9999-12-31T23:59:59-23:59",1]', '["after","n","NaN",1]', '["after",[],1,1]', "[" * 3000, "{}",
]  # fmt: skip


@pytest.mark.parametrize("sort", ["", "-joined", "tags", "-number"])
def test_a_made_up_cursor_is_the_first_page(desk, sort):
    for cursor in CURSORS:
        made_up = base64.urlsafe_b64encode(cursor.encode()).decode().rstrip("=")
        page = desk.get(DESK, {"sort": sort, "at": made_up})
        assert (page.status_code, [row.number for row in page.context["page"].rows]) == (200, [1])


def test_a_cursor_of_another_order_is_the_first_page(desk, community, monkeypatch):
    monkeypatch.setattr("members.selectors.directory.PAGE_SIZE", 1)
    make.member(community, name="Bob")
    after = desk.get(DESK, {"sort": "name"}).context["page"].after
    for sort, numbers in (("name", [2]), ("number", [1]), ("-name", [2]), ("tags", [1])):
        page = desk.get(DESK, {"sort": sort, "at": after}).context["page"]
        assert (sort, [row.number for row in page.rows]) == (sort, numbers)


def test_pages_in_the_order_of_a_list_go_on(desk, community, monkeypatch):
    monkeypatch.setattr("members.selectors.directory.PAGE_SIZE", 1)
    for name, tags in (("Bob", ["b", "x"]), ("Cleo", ["a"])):
        memberships.add(community=community, at=make.EARLY, by=make.SITE, name=name, tags=tags)
    seen, at = [], ""
    for _page in range(3):
        page = desk.get(DESK, {"sort": "tags", "at": at}).context["page"]
        seen += [row.number for row in page.rows]
        at = page.after
    assert (seen, at) == ([1, 3, 2], "")


# --- bytes that are no text ---------------------------------------------------------------------------


def multipart(**fields: str) -> bytes:
    parts = "".join(
        f'--X\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in fields.items()
    )
    return f"{parts}--X--\r\n".encode()


@pytest.mark.parametrize("charset", ["unicode_escape", "utf-7", "rot13", "nonsense"])
def test_forms_are_utf_8_whatever_they_say(desk, charset):
    kind = f"multipart/form-data; boundary=X; charset={charset}"
    answer = desk.generic("POST", f"{DESK}new/", multipart(name=HALF), content_type=kind)
    assert answer.status_code == 302
    assert Membership.objects.get(number=2).name == HALF
    answer = desk.generic("GET", f"{DESK}?q=%5Cud800", content_type=f"text/plain; charset={charset}")
    assert [row.number for row in answer.context["page"].rows] == [2]


@pytest.mark.parametrize("name", ["sessionid", "csrftoken", "django_language", "messages"])
def test_a_cookie_with_nul_is_none(community, name):
    client = Client(HTTP_COOKIE=f'{name}="' + "\\000" * 32 + '"')
    for path in ("/", "/c/lantern/", "/accounts/login/"):
        assert client.get(path).status_code == 200
    assert client.get("/me/").status_code == 302


@pytest.mark.parametrize(
    "path", ["circles/%00/", "circles/a%00b/", f"circles/{'x' * 5000}/", "circles/%ED%A0%80/"]
)
def test_no_address_holds_nul(desk, path):
    assert desk.post(f"/c/lantern/{path}").status_code == 404


@pytest.mark.parametrize("text", ["\x00", "a\x00b", "\x00" * 300])
def test_nul_in_any_field_of_any_form_is_refused(desk, community, text):
    """Walked: what each form has, filled with NUL; nothing is stored."""
    before = list(Membership.objects.values()), community.__class__.objects.values().get()
    for path, name in (
        (f"{DESK}new/", "form"), (f"{DESK}1/edit/", "form"), (f"{DESK}1/role/", "form"),
        (f"{DESK}1/acts/remove/", "form"), ("/c/lantern/desk/settings/", "form"), ("/c/new/", "form"),
        ("/c/lantern/desk/settings/imports/", "form"), ("/me/", "form"),
    ):  # fmt: skip
        fields = desk.get(path).context[name].fields
        answer = desk.post(path, dict.fromkeys(fields, text))
        assert (path, answer.status_code) == (path, 200)
        assert answer.context[name].errors
    assert (list(Membership.objects.values()), community.__class__.objects.values().get()) == before


PLACES = [
    ("post", "members/", ["name", "email", "city", "country", "member", "joined_at", "tier"]),
    ("patch", "members/1/", ["name", "email", "city", "country"]),
    ("patch", "", ["name", "tagline", "description", "language", "timezone", "currency", "visibility"]),
    ("post", "members/1/leave/", ["reason"]),
]


@pytest.mark.parametrize("text", ["\\u0000", HALF, "a\\udfff\\ud800"])
def test_in_the_api_nul_and_halves_of_pairs_are_named(program, text):
    for method, path, fields in PLACES:
        for field in fields:
            answer = program._send(method, path, f'{{"{field}": "{text}"}}', {})
            assert (path, field, answer.status_code) == (path, field, 400)
            assert f"#/{field}" in [fault["pointer"] for fault in answer.json()["errors"]]
        unknown = program._send(method, path, f'{{"x{text}": 1}}', {})
        assert (unknown.status_code, unknown["Content-Type"]) == (400, problems.MEDIA_TYPE)
    for body in (
        f'{{"tags": ["{text}"]}}',
        f'{{"custom": {{"{text}": 1}}}}',
        f'{{"custom": {{"a": "{text}"}}}}',
    ):
        assert program.post("members/", body).status_code == 400
    for field in ("member", "verb", "occurred_at", "target", "object", "circle", "value", "id", "x"):
        row = {"member": "#1", "verb": "posted", "occurred_at": "2026-01-06"}
        body = json.dumps(row | {field: "@"}).replace("@", text)
        answer = program.post("activities/", body)
        assert (field, answer.status_code, len(answer.json()["rejected"])) == (field, 200, 1)
    assert Membership.objects.count() == 1


# --- too deep, too large, too many --------------------------------------------------------------------


@pytest.mark.parametrize("depth", [2, 300, 800, 100_000])
def test_what_is_nested_too_deeply_is_400(program, depth):
    arrays, objects = "[" * depth + "]" * depth, '{"a":' * depth + "1" + "}" * depth
    for nested in (arrays, objects):
        for body in (
            f'{{"custom": {{"a": {nested}}}}}',
            f'{{"custom": {nested}}}',
            f'{{"tags": {nested}}}',
            nested,
        ):
            assert program.post("members/", body).status_code == 400
        assert program.patch("", f'{{"score_weights": {nested}}}').status_code == 400
    assert program.post("activities/", arrays).status_code in (200, 400)
    assert Membership.objects.count() == 1


@pytest.mark.parametrize("number", ["0", str(2**31), str(2**63), "9" * 30, "9" * 5000])
def test_numbers_that_nobody_has_are_not_found(desk, program, number):
    for page in ("", "edit/", "role/", "remove/", "timeline/"):
        assert desk.get(f"{DESK}{number}/{page}").status_code == 404
    assert desk.post(f"/me/sessions/{number}/end/").status_code == 404
    for path in (f"members/{number}/", f"members/{number}/timeline/"):
        assert program.get(path).status_code == 404
    assert program.post(f"members/{number}/leave/", {}).status_code == 404
    for path, name in (("/", "page"), (DESK, "tier"), (DESK, "score_min"), (f"{DESK}1/", "before")):
        assert desk.get(path, {name: number}).status_code == 200
    assert desk.get("/c/lantern/desk/settings/audit/", {"before": number}).status_code == 200


def test_more_fields_than_any_form_has_are_400(desk):
    assert desk.post(f"{DESK}new/", {f"f{n}": "x" for n in range(2001)}).status_code == 400


@pytest.mark.parametrize("path", [f"{DESK}new/", "/c/lantern/desk/settings/imports/", "/accounts/login/"])
def test_a_body_that_says_it_is_larger_than_the_limit_is_413(desk, path):
    answer = desk.generic(
        "POST", path, b"x", content_type="multipart/form-data; boundary=X", CONTENT_LENGTH=str(2**40)
    )
    assert answer.status_code == 413


def test_the_api_says_in_a_sentence_that_a_file_is_too_large(program):
    answer = program.post("imports/", CONTENT_LENGTH=str(2**31))
    assert answer.status_code == 413
    assert answer.json()["detail"] == "The request is larger than this address takes."


@pytest.mark.parametrize(("person", "status"), [("founded_by", 200), (None, 413)])
def test_only_who_has_signed_in_sends_large_files(community, rf, person, status):
    """A stranger's file would be taken to disk before anybody asks who they are."""
    request = rf.post("/c/lantern/desk/settings/imports/", CONTENT_LENGTH=str(100 * 1024 * 1024))
    request.user = getattr(community, person) if person else AnonymousUser()
    assert UploadLimit(lambda _request: HttpResponse())(request).status_code == status
