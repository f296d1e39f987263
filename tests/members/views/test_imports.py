"""Files at the desk: sent, watched, reported; and nobody else's."""

import uuid

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from kernel import uploads
from kernel.imports import kinds
from members.models import ImportRun, Membership
from members.roles import Role
from members.services import imports
from tests import make
from tests.members.imports.files import AT, begin, send

pytestmark = pytest.mark.django_db

TEXT = "member,joined_at,name\nu1,2026-03-02,=Ada\nu2,never,Bea\n"


@pytest.fixture
def community():
    return make.community("lantern", owner=make.person("owner@example.org"))


@pytest.fixture
def desk(client: Client, community, settings):
    settings.USERSESSIONS_TRACK_ACTIVITY = False
    client.force_login(Membership.objects.get(number=1).user)
    return client


def at(name: str, *args) -> str:
    return reverse(f"members:{name}", args=["lantern", *args])


def upload(client, content: str | bytes = TEXT, kind="members", **fields):
    raw = content.encode() if isinstance(content, str) else content
    return client.post(at("imports"), {"kind": kind, "file": SimpleUploadedFile("m.csv", raw), **fields})


def test_a_file_is_sent_and_its_run_shown(desk, community):
    response = upload(desk)
    run = ImportRun.objects.get()
    assert response.headers["Location"] == at("import_run", run.id)
    assert (run.state, run.filename, run.by_words) == ("waiting", "m.csv", str(run.by))
    page = desk.get(at("import_run", run.id)).content.decode()
    assert 'hx-trigger="every 1s"' in page
    imports.carry_out(run_id=run.id, now=lambda: AT)
    part = desk.get(at("import_run", run.id), headers={"HX-Request": "true"})
    assert [template.name for template in part.templates][0] == "members/imports/_run.html"
    assert "hx-get" not in part.content.decode()
    assert "1 row was rejected" in part.content.decode()
    assert "is no time" in part.content.decode()


@pytest.mark.parametrize("content", ["", "a;b\n1;2\n", TEXT.encode("utf-16"), b"PK\x03\x04" + bytes(100)])
def test_a_file_that_is_none_is_answered_on_the_form(desk, content):
    response = upload(desk, content)
    assert response.status_code == 200
    assert response.context["form"].errors["file"]
    assert not ImportRun.objects.exists()


def test_an_unknown_kind_is_answered_on_the_form(desk):
    assert upload(desk, kind="recipes").context["form"].errors["kind"]


@pytest.mark.parametrize("many", [1, 3])
def test_the_list_takes_the_same_queries_for_one_and_for_many(
    desk, community, many, django_assert_num_queries
):
    for _n in range(many):
        send(community, TEXT)
    desk.get(at("imports"))
    with django_assert_num_queries(3):
        response = desk.get(at("imports"))
    assert len(response.context["runs"]) == many


def test_reports_are_files_that_a_spreadsheet_opens_without_harm(desk, community):
    run = send(community, "member,joined_at,name\nu1,2026-03-02,Ada\nu2,never,=Bea\n")
    rejected = b"".join(desk.get(at("import_report", run.id))).decode("utf-8-sig").splitlines()
    assert [line.split(",")[0] for line in rejected] == ["line", "3"]
    assert rejected[1].endswith(",u2,never,'=Bea")
    everything = (
        b"".join(desk.get(at("import_report", run.id) + "?rows=all")).decode("utf-8-sig").splitlines()
    )
    assert [line.split(",")[:2] for line in everything] == [
        ["line", "outcome"],
        ["2", "created"],
        ["3", "rejected"],
    ]


@pytest.mark.parametrize("kind", [kind.key for kind in kinds if kind.sample])
def test_the_small_file_to_begin_from_goes_in(desk, community, kind):
    # Who comes has to be here, and what they come to.
    for before in {"members": [], "attendances": ["members", "events"]}.get(kind, ["members"]):
        send(community, b"".join(desk.get(at("import_sample", before))), kind=before, at=AT)
    sample = b"".join(desk.get(at("import_sample", kind)))
    run = send(community, sample, kind=kind, at=AT)
    assert (run.created, run.rejected) == (2, 0)


@pytest.mark.parametrize("kind", ["recipes", "slack"])
def test_there_is_no_sample_of_what_is_no_kind_or_of_what_nobody_writes(desk, kind):
    assert desk.get(at("import_sample", kind)).status_code == 404


@pytest.mark.parametrize(("role", "status"), [(Role.MANAGER, 200), (Role.HOST, 403), (Role.MEMBER, 403)])
def test_who_may_import(client, community, role, status):
    client.force_login(make.member(community, role=role).user)
    assert client.get(at("imports")).status_code == status


def test_another_communitys_runs_do_not_exist(desk):
    run = begin(make.community(), TEXT)
    for name in ("import_run", "import_report"):
        assert desk.get(at(name, run.id)).status_code == 404
        assert desk.get(at(name, uuid.uuid4())).status_code == 404


def test_what_is_too_large_is_refused_before_it_is_read(desk, settings):
    settings.IMPORT_UPLOAD_MAX_BYTES = 1000

    class Unread:
        def read(self, *args):
            raise AssertionError("somebody reads the body")

        readline = read

    huge = {
        "CONTENT_LENGTH": str(2 << 30),
        "CONTENT_TYPE": "multipart/form-data; boundary=x",
        "wsgi.input": Unread(),
    }
    for path in (at("imports"), reverse("communities:found")):
        response = desk.generic("POST", path, **huge)
        assert response.status_code == 413
        assert "too large" in response.content.decode()
    request = desk.get(at("imports")).wsgi_request
    assert uploads.UploadLimit._limit(request) == 1000 + uploads.AROUND
    assert not ImportRun.objects.exists()
