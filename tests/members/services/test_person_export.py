import csv
import io
import json
import tracemalloc
import zipfile
from datetime import timedelta

import pytest

from engagement.models import Fact
from kernel.errors import Refused
from members.models import PersonExport
from members.services import erasure, memberships, person_export
from tests import make

pytestmark = pytest.mark.django_db


@pytest.fixture
def person():
    return make.person(email="ada@example.org", name="Ada Byron")


@pytest.fixture
def member(person):
    place = make.community("lantern")
    answers = [{"question": "Why?", "answer": "=1+1"}]
    return memberships.enrol(community=place, user=person, at=make.EARLY, by=make.SITE, answers=answers)


def made(person, at=make.EARLY):
    export = person_export.ask(user=person, at=at)
    person_export.make(export_id=export.pk, now=lambda: at)
    export.refresh_from_db()
    return export


def test_it_holds_every_table_twice_and_says_what_is_not_in_it(person, member):
    other = memberships.enrol(community=make.community("other"), user=person, at=make.EARLY, by=make.SITE)
    stranger = make.member(member.community, name="Grace Hopper", email="grace@example.org")
    memberships.update(membership=member, at=make.EARLY, by=make.SITE, city="London")
    memberships.update(membership=stranger, at=make.EARLY, by=make.SITE, city="Arlington")
    export = made(person)
    assert (export.state, export.done, export.total) == ("ready", export.total, export.total)
    with export.file.open("rb") as file, zipfile.ZipFile(file) as archive:
        assert archive.testzip() is None
        names = set(archive.namelist())
        assert {name.rpartition(".")[0] for name in names if name.endswith(".json")} == {
            name.rpartition(".")[0] for name in names if name.endswith(".csv")
        }
        rows = json.loads(archive.read("memberships.json"))
        assert [(row["community__slug"], row["number"], row["city"]) for row in rows] == [
            ("lantern", member.number, "London"), ("other", other.number, ""),
        ]  # fmt: skip
        assert json.loads(archive.read("account.json"))[0]["email"] == "ada@example.org"
        facts = json.loads(archive.read("facts.json"))
        assert {fact["verb"] for fact in facts} == {"joined"} and len(facts) == 2
        audit = json.loads(archive.read("audit_about_you.json"))
        assert [(row["action"], row["values__after"]) for row in audit] == [
            ("member.changed", {"city": "London"})
        ]
        table = list(csv.reader(io.StringIO(archive.read("memberships.csv").decode("utf-8-sig"))))
        assert len(table) == 3 and table[0][0] == "community__slug"
        assert "staff" in archive.read("README.txt").decode()
        everything = b"".join(archive.read(name) for name in names)
    assert b"Grace" not in everything and b"Arlington" not in everything


def test_one_at_once_and_the_former_goes_when_the_next_is_there(person, member):
    first = person_export.ask(user=person, at=make.EARLY)
    with pytest.raises(Refused) as refusal:
        person_export.ask(user=person, at=make.EARLY)
    assert refusal.value.code == "under_way"
    person_export.make(export_id=first.pk, now=lambda: make.EARLY)
    second = made(person, at=make.EARLY + timedelta(hours=1))
    first.refresh_from_db()
    assert (first.state, first.file.name, second.state) == ("deleted", "", "ready")
    person_export.make(export_id=first.pk, now=lambda: make.EARLY)
    assert PersonExport.objects.get(pk=first.pk).state == "deleted"


def test_it_goes_after_a_week(person, member, django_capture_on_commit_callbacks):
    export = made(person)
    storage, name = export.file.storage, export.file.name
    person_export.sweep(at=make.EARLY + timedelta(days=6, hours=23))
    assert storage.exists(name)
    with django_capture_on_commit_callbacks(execute=True):
        person_export.sweep(at=make.EARLY + timedelta(days=7))
    assert not storage.exists(name)
    export.refresh_from_db()
    assert (export.state, export.file.name) == ("deleted", "")


def test_a_lost_one_is_begun_again_and_given_up_in_the_end(person, member):
    export = person_export.ask(user=person, at=make.EARLY)
    later = make.EARLY
    for _attempt in range(3):
        assert person_export._start(export.pk, at=later).attempts == _attempt + 1
        assert person_export._start(export.pk, at=later) is None
        later += timedelta(minutes=6)
    person_export.sweep(at=later)
    export.refresh_from_db()
    assert export.state == "failed"


def test_it_goes_with_who_asked_for_it(person, member, django_capture_on_commit_callbacks):
    export = made(person)
    storage, name = export.file.storage, export.file.name
    with django_capture_on_commit_callbacks(execute=True):
        erasure.erase_person(user=person, at=make.EARLY)
    assert not PersonExport.objects.exists() and not storage.exists(name)


def test_many_facts_do_not_take_much_memory(person, member):
    def fact(n):
        at = make.EARLY + timedelta(minutes=n)
        return Fact(
            community_id=member.community_id, dedupe=f"{n:032x}", occurred_at=at, utc_day=at.date(),
            member=member.number, verb="posted", object_kind="post", object_id="x" * 60,
        )  # fmt: skip

    Fact.objects.bulk_create(map(fact, range(30_000)), batch_size=5000)
    export = person_export.ask(user=person, at=make.EARLY)
    tracemalloc.start()
    person_export.make(export_id=export.pk, now=lambda: make.EARLY)
    _now, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    export.refresh_from_db()
    with export.file.open("rb") as file, zipfile.ZipFile(file) as archive:
        assert archive.getinfo("facts.json").file_size > 6_000_000
    assert most < 12_000_000
