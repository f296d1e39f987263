"""Erasing while others act on the same member, on real connections: nobody comes back, nothing is half done."""

from datetime import timedelta
from functools import partial

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction

from members.actors import Actor
from members.models import AuditEntry, ErasureRequest, ImportRun, Membership, PersonExport
from members.roles import Role
from members.services import erasure, imports, memberships, person_export
from members.services.member_import import MemberLoad
from tests import make
from tests.make import EARLY, SITE
from tests.security.races import Session, together

pytestmark = pytest.mark.django_db(transaction=True)

HEAD = "member,joined_at,name,invited_by\n"
ROWS = [f"u{n},2026-01-01,Name {n},{'u1' if n in (2, 3) else ''}\n" for n in range(6)]


def begun(community, rows=ROWS, by=SITE):
    file = SimpleUploadedFile("m.csv", (HEAD + "".join(rows)).encode())
    return imports.begin(community=community, kind="members", file=file, filename="m.csv", at=EARLY, by=by)


def carried_out(run):
    return imports.carry_out(run_id=run.pk, now=lambda: EARLY)


def left(community):
    return {
        (one.external_id or "").partition(":")[0]: one
        for one in Membership.objects.of(community.pk).exclude(external_id=None)
    }


def test_erased_between_the_reading_of_a_file_and_its_taking(monkeypatch):
    """The file has been surveyed and knows the member by their id; then they are erased; then its rows are taken."""
    community = make.community()
    carried_out(begun(community))
    member = Membership.objects.get(community=community, external_id="u1")
    survey = MemberLoad.survey

    def erase_after(load, *args, **options):
        survey(load, *args, **options)
        Session(partial(erasure.erase, membership=member, at=EARLY, by=SITE)).finish()

    monkeypatch.setattr(MemberLoad, "survey", erase_after)
    changed = [row.replace("Name", "Another") for row in ROWS]
    run = carried_out(begun(community, changed))
    assert (run.state, run.counts) == ("done", {"created": 0, "updated": 5, "unchanged": 0, "rejected": 1})
    assert sorted(left(community)) == ["erased", "u0", "u2", "u3", "u4", "u5"]
    gone = left(community)["erased"]
    assert (gone.pk, gone.name, gone.number) == (member.pk, "", member.number)
    assert left(community)["u2"].invited_by_id == member.pk
    told = AuditEntry.objects.filter(action="member.changed").values_list("values__after", flat=True)
    assert not [after for after in told if after.get("invited_by") == "u1"]


@pytest.mark.parametrize("turn", range(3))
def test_erasing_while_a_file_of_the_same_member_runs(turn):
    community = make.community()
    carried_out(begun(community))
    member = Membership.objects.get(community=community, external_id="u1")
    run = begun(community, [row.replace("Name", "Another") for row in ROWS])
    together(partial(erasure.erase, membership=member, at=EARLY, by=SITE), partial(carried_out, run))
    assert sorted(left(community)) == ["erased", "u0", "u2", "u3", "u4", "u5"]
    assert left(community)["erased"].name == ""
    run.refresh_from_db()
    assert run.state == "done" and (run.updated, run.rejected) in ((5, 1), (6, 0))


@pytest.mark.parametrize("turn", range(2))
def test_a_person_is_erased_while_their_own_file_runs(turn):
    """Their run's row and the members it brings are held in one order by both, so that nobody waits for the other."""
    community = make.community()
    manager = make.member(community, role=Role.MANAGER, name="Grace")
    run = begun(community, by=Actor.person(manager.user, manager))
    together(partial(erasure.erase_person, user=manager.user, at=EARLY), partial(carried_out, run))
    run = ImportRun.objects.get(pk=run.pk)
    assert (run.state, run.created, run.by_words) == ("done", 6, "")
    assert Membership.objects.get(pk=manager.pk).erased_at == EARLY


def test_two_owners_who_are_erased_at_once_leave_one():
    community = make.community()
    first = Membership.objects.get(community=community)
    second = make.member(community, role=Role.OWNER)
    found = together(*[partial(erasure.erase, membership=one, at=EARLY, by=SITE) for one in (first, second)])
    assert [one for one in found if isinstance(one, str)] == ["last_owner"]
    assert Membership.objects.of(community.pk).filter(erased_at=None, status="active").count() == 1


def test_withdrawn_and_carried_out_at_once_is_one_of_the_two():
    member = make.member(make.community(), name="Ada")
    by = Actor.person(member.user, member)
    wish = erasure.ask(user=member.user, membership=member, typed="Ada", at=EARLY, by=by)
    later = EARLY + timedelta(days=3)
    found = together(
        partial(erasure.withdraw, request=wish, at=later, by=by), partial(erasure.carry_out_due, at=later)
    )
    wish.refresh_from_db()
    member.refresh_from_db()
    erased = member.erased_at is not None
    assert (wish.state, found[0] == "not_now", found[1]) == (
        ("done", True, 1) if erased else ("withdrawn", False, 0)
    )
    assert ErasureRequest.objects.count() == 1


def test_changed_and_erased_at_once_leaves_nothing_personal():
    member = make.member(make.community(), name="Ada")
    together(
        partial(erasure.erase, membership=member, at=EARLY, by=SITE),
        partial(memberships.update, membership=member, at=EARLY, by=SITE, city="London"),
    )
    member.refresh_from_db()
    assert (member.erased_at, member.name, member.city) == (EARLY, "", "")


def test_one_export_made_by_two_workers_is_one_file():
    person = make.person()
    make.community(owner=person)
    export = person_export.ask(user=person, at=EARLY)
    make_it = partial(person_export.make, export_id=export.pk, now=lambda: EARLY)
    together(make_it, make_it)
    export = PersonExport.objects.get()
    assert (export.state, export.attempts) == ("ready", 1)
    assert transaction.get_connection().in_atomic_block is False
