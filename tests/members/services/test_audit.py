import pytest
from django.db import DatabaseError, IntegrityError, ProgrammingError, connection, transaction

from crowdecon.embedded import postgres
from members.actors import Actor
from members.models import AuditEntry, AuditValues
from members.services import audit
from tests import make
from tests.make import EARLY, SITE

pytestmark = pytest.mark.django_db


def an_entry(**fields):
    values = {"action": "test.done", "object_kind": "test", "by": SITE, "at": EARLY, "community_id": None}
    return audit.record(**values | {"before": {"n": 1}, "after": {"n": 2, "name": "Ada"}} | fields)


def told():
    return list(
        AuditEntry.objects.values_list("action", "values__actor_words", "values__before", "values__after")
    )


REFUSED = [
    "DELETE FROM members_auditentry",
    "UPDATE members_auditentry SET action = 'x'",
    "UPDATE members_auditentry SET at = now()",
    "DELETE FROM members_auditvalues",
    "UPDATE members_auditvalues SET actor_words = 'Somebody else'",
    "UPDATE members_auditvalues SET address = '10.0.0.1'",
    """UPDATE members_auditvalues SET after = '{"n": 3, "name": "Ada"}'""",
    """UPDATE members_auditvalues SET after = '{"n": 2, "name": "Ada", "more": 1}'""",
    """UPDATE members_auditvalues SET before = '{"n": 2}'""",
]


@pytest.mark.parametrize("statement", REFUSED)
@pytest.mark.parametrize("role", ["web", "owner"])
def test_entries_can_neither_be_changed_nor_removed(statement, role):
    an_entry()
    before = told()
    with (
        pytest.raises(IntegrityError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        if role == "owner":
            cursor.execute("RESET ROLE")
            cursor.execute(f"SET ROLE {postgres.OWNER}")
        cursor.execute(statement)
    assert told() == before == [("test.done", "tests", {"n": 1}, {"n": 2, "name": "Ada"})]


@pytest.mark.parametrize("table", ["members_auditentry", "members_auditvalues"])
@pytest.mark.parametrize(("role", "error"), [("web", ProgrammingError), ("owner", DatabaseError)])
def test_the_log_is_not_truncated(table, role, error):
    an_entry()
    with (
        pytest.raises(error, match="append-only|permission denied"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        # What a test's own transaction still has to check would hold the table.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        if role == "owner":
            cursor.execute("RESET ROLE")
            cursor.execute(f"SET ROLE {postgres.OWNER}")
        cursor.execute(f"TRUNCATE {table} CASCADE")
    assert len(told()) == 1


def test_values_can_be_emptied_and_stay_empty():
    member = make.member(make.community())
    entry = an_entry(
        object_kind="member", object_id=member.number, by=Actor(words="Grace", address="10.1.2.3"),
        before={"status": "active", "name": "Ada"}, after={"status": "left", "name": "Ada L."},
    )  # fmt: skip
    assert audit.empty(AuditValues.objects.filter(entry=entry), at=EARLY) == 1
    values = AuditValues.objects.get(entry=entry)
    assert (values.actor_words, values.address, values.emptied_at) == ("", None, EARLY)
    assert (values.before, values.after) == ({"status": "active"}, {"status": "left"})
    for back in (
        {"actor_words": "Grace"},
        {"emptied_at": None},
        {"after": {"status": "left", "name": "Ada"}},
    ):
        with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
            AuditValues.objects.filter(entry=entry).update(**back)
    assert audit.empty(AuditValues.objects.filter(entry=entry), at=EARLY) == 0


def test_an_actor_is_forgotten_where_they_acted_and_nowhere_else():
    person, other = make.person(name="Grace"), make.person(name="Ada")
    an_entry(by=Actor(words="Grace", user=person, address="10.1.2.3"))
    an_entry(by=Actor(words="Ada", user=other, address="10.1.2.4"))
    assert audit.forget_actor(user_id=person.pk) == 1
    found = AuditValues.objects.order_by("entry_id").values_list("actor_words", "address", "after")
    kept = {"n": 2, "name": "Ada"}
    assert list(found) == [("", None, kept), ("Ada", "10.1.2.4", kept)]


def test_an_address_never_becomes_part_of_what_stays():
    with pytest.raises(ValueError, match="address"):
        an_entry(object_id="ada@example.org")
    assert told() == []


def test_changed_keeps_only_what_differs():
    assert audit.changed({"a": 1, "b": 2}, {"a": 1, "b": 3}) == ({"b": 2}, {"b": 3})
