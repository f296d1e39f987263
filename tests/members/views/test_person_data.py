import io
import zipfile
from datetime import timedelta

import pytest
from django.test import Client

from kernel.clock import now
from members.models import AuditEntry, ErasureRequest, Membership, PersonExport
from members.services import memberships, person_export
from tests import make

pytestmark = pytest.mark.django_db
PASSWORD = "a long way to Tipperary"


@pytest.fixture
def person():
    return make.person(email="ada@example.org", name="Ada Byron", password=PASSWORD)


@pytest.fixture
def member(person):
    return memberships.enrol(community=make.community("lantern"), user=person, at=make.EARLY, by=make.SITE)


@pytest.fixture
def proven(person):
    """The browser of somebody who has just signed in."""
    client = Client()
    client.post("/accounts/login/", {"login": person.email, "password": PASSWORD})
    return client


@pytest.fixture
def stale(person):
    """The browser of somebody who signed in long ago."""
    client = Client()
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return client


def gathered(person):
    export = person_export.ask(user=person, at=now())
    person_export.make(export_id=export.pk, now=now)
    export.refresh_from_db()
    return export


def test_it_is_asked_for_watched_and_fetched(proven, person, member):
    assert "Gather my data" in proven.get("/me/data/").content.decode()
    assert proven.post("/me/data/").status_code == 302
    part = proven.get("/me/data/", headers={"HX-Request": "true"}).content.decode()
    assert "Gathering your data" in part and "<html" not in part
    person_export.make(export_id=PersonExport.objects.get().pk, now=now)
    assert "Fetch the file" in proven.get("/me/data/").content.decode()
    export = PersonExport.objects.get()
    assert proven.get(f"/me/data/{export.pk}/").status_code == 200
    answer = proven.post(f"/me/data/{export.pk}/")
    assert answer["Content-Disposition"].startswith("attachment") and "no-store" in answer["Cache-Control"]
    assert "memberships.json" in zipfile.ZipFile(io.BytesIO(b"".join(answer))).namelist()


def test_it_is_given_only_to_whom_it_is_about_and_who_has_proven_it(stale, person, member):
    export = gathered(person)
    answer = stale.post(f"/me/data/{export.pk}/")
    assert answer.status_code == 302 and "/accounts/" in answer["Location"]
    other = Client()
    other.force_login(make.person(), backend="django.contrib.auth.backends.ModelBackend")
    owner = Client()
    place_owner = Membership.objects.get(community__slug="lantern", role="owner").user
    owner.force_login(place_owner, backend="django.contrib.auth.backends.ModelBackend")
    for client in (other, owner):
        assert client.get(f"/me/data/{export.pk}/").status_code == 404
        assert client.post(f"/me/data/{export.pk}/").status_code == 404
    assert Client().get(f"/me/data/{export.pk}/").status_code == 302


def test_it_is_not_given_any_more_once_its_time_is_over(proven, person, member):
    export = gathered(person)
    PersonExport.objects.update(expires_at=now() - timedelta(seconds=1))
    assert proven.get(f"/me/data/{export.pk}/").status_code == 404


def test_one_is_erased_after_proof_and_the_typed_name_and_can_take_it_back(proven, member):
    page = proven.get("/me/data/erase/").content.decode()
    assert "Lantern" in page and "Ada Byron" in page
    refused = proven.post("/me/data/erase/", {"where": "all", "typed": "Ada"})
    assert refused.status_code == 200 and "Type Ada Byron" in refused.content.decode()
    assert not ErasureRequest.objects.exists()
    assert proven.post("/me/data/erase/", {"where": str(member.pk), "typed": "Ada Byron"}).status_code == 302
    wish = ErasureRequest.objects.get()
    assert (wish.membership, wish.state) == (member, "waiting")
    assert "What is personal in Lantern is erased on" in proven.get("/me/data/").content.decode()
    stranger = Client()
    stranger.force_login(make.person(), backend="django.contrib.auth.backends.ModelBackend")
    assert stranger.post(f"/me/data/erase/{wish.pk}/withdraw/").status_code == 404
    proven.post(f"/me/data/erase/{wish.pk}/withdraw/")
    wish.refresh_from_db()
    assert wish.state == "withdrawn"


def test_without_proof_nothing_is_asked(stale, member):
    answer = stale.post("/me/data/erase/", {"where": "all", "typed": "Ada Byron"})
    assert answer.status_code == 302 and "/accounts/" in answer["Location"]
    assert not ErasureRequest.objects.exists()


def test_nobody_is_erased_by_naming_their_membership(proven, member):
    other = make.member(member.community)
    answer = proven.post("/me/data/erase/", {"where": str(other.pk), "typed": "Ada Byron"})
    assert answer.status_code == 200 and not ErasureRequest.objects.exists()


def test_the_last_owner_reads_what_to_do():
    owner = make.person(email="olga@example.org", name="Olga", password=PASSWORD)
    make.community("alone", owner=owner)
    client = Client()
    client.post("/accounts/login/", {"login": owner.email, "password": PASSWORD})
    answer = client.post("/me/data/erase/", {"where": "all", "typed": "Olga"}).content.decode()
    assert "make somebody else one first" in answer
    assert not ErasureRequest.objects.exists()


def test_staff_erase_a_record_with_a_reason():
    owner = make.person()
    place = make.community("lantern", owner=owner)
    record = memberships.add(community=place, at=make.EARLY, by=make.SITE, name="Grace", external_id="g1")
    client = Client()
    client.force_login(owner, backend="django.contrib.auth.backends.ModelBackend")
    where = f"/c/lantern/desk/members/{record.number}/erase/"
    assert where in client.get(f"/c/lantern/desk/members/{record.number}/").content.decode()
    assert client.post(where, {"reason": ""}).status_code == 200
    assert client.post(where, {"reason": "By letter"}).status_code == 302
    record.refresh_from_db()
    assert (record.name, record.erased_at is not None) == ("", True)
    assert AuditEntry.objects.get(action="member.erased").actor == owner
    moderator = make.member(place, role="moderator")
    client.force_login(moderator.user, backend="django.contrib.auth.backends.ModelBackend")
    assert client.post(where, {"reason": "x"}).status_code == 403
