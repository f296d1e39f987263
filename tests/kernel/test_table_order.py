"""A table written anew in another order of its columns is the same table: nothing that hangs on it is lost or changed."""

from importlib import import_module

import pytest
from django.db import connection

from kernel.table_order import put_first
from members.models import Membership
from tests import make

pytestmark = pytest.mark.django_db

TABLE = "members_membership"
FIRST = import_module("members.migrations.0025_asked_first").FIRST
COLUMNS = f"""SELECT attname FROM pg_attribute WHERE attrelid = '{TABLE}'::regclass AND attnum > 0
    AND NOT attisdropped ORDER BY attnum"""
HANGING_ON_IT = {
    "columns": f"""SELECT attname, format_type(atttypid, atttypmod), attnotnull, attidentity, attstorage,
        attcollation, pg_get_expr(adbin, adrelid) FROM pg_attribute
        LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
        WHERE attrelid = '{TABLE}'::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attname""",
    "constraints": f"""SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint
        WHERE '{TABLE}'::regclass IN (conrelid, confrelid) ORDER BY 1, 2""",
    "indexes": f"SELECT pg_get_indexdef(indexrelid) FROM pg_index WHERE indrelid = '{TABLE}'::regclass ORDER BY 1",
    "triggers": f"""SELECT pg_get_triggerdef(oid) FROM pg_trigger
        WHERE tgrelid = '{TABLE}'::regclass AND NOT tgisinternal ORDER BY 1""",
    "rights": f"""SELECT relname, relowner, reloptions, ARRAY(SELECT unnest(relacl)::text ORDER BY 1) FROM pg_class
        WHERE oid IN ('{TABLE}'::regclass, pg_get_serial_sequence('{TABLE}', 'id')::regclass) ORDER BY 1""",
    "counter": f"SELECT last_value, is_called FROM {TABLE}_id_seq",
}


def told(question):
    with connection.cursor() as cursor:
        cursor.execute(question)
        return cursor.fetchall()


def test_all_that_hangs_on_it_stays():
    community = make.community("lantern")
    for name in ("Ada", "Bob"):
        make.member(community, name=name)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL ROLE NONE")
    with connection.schema_editor() as editor:
        put_first(editor, TABLE, FIRST)
        before = {name: told(question) for name, question in HANGING_ON_IT.items()}
        rows = list(Membership.objects.order_by("id").values())
        put_first(editor, TABLE, ["id", "name_key"])
    assert {name: told(question) for name, question in HANGING_ON_IT.items()} == before
    assert list(Membership.objects.order_by("id").values()) == rows
    assert [row["name"] for row in rows] == ["", "Ada", "Bob"]
    assert [name for (name,) in told(COLUMNS)][:4] == ["id", "name_key", "community_id", "merged_into_id"]
    assert all(before.values())
