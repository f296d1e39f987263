import pytest
from django.db import IntegrityError, transaction

from members.models import AuditEntry
from members.services import audit
from tests.make import EARLY, SITE

pytestmark = pytest.mark.django_db


def test_entries_can_neither_be_changed_nor_removed():
    entry = audit.record(
        action="test.done", object_kind="test", by=SITE, at=EARLY, community_id=None, after={"n": 1}
    )
    for attempt in (
        AuditEntry.objects.filter(pk=entry.pk).delete,
        lambda: AuditEntry.objects.update(action="x"),
    ):
        with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
            attempt()
    assert list(AuditEntry.objects.values_list("action", "actor_words", "after")) == [
        ("test.done", "tests", {"n": 1})
    ]


def test_changed_keeps_only_what_differs():
    assert audit.changed({"a": 1, "b": 2}, {"a": 1, "b": 3}) == ({"b": 2}, {"b": 3})
