"""The order in which a table's columns lie in its rows, for migrations: PostgreSQL unpacks a row up to the last column
that is asked for, so what every question asks should stand first, and Django adds each new column at the end."""

from collections.abc import Sequence
from typing import Any

#: What a table has besides its rows, as the database itself writes it, in the order in which it can be made again.
_COLUMNS = """
SELECT attname, quote_ident(attname) || ' ' || format_type(atttypid, atttypmod)
    || CASE WHEN attcollation <> typcollation THEN ' COLLATE ' || attcollation::regcollation ELSE '' END
    || coalesce(' DEFAULT ' || pg_get_expr(adbin, adrelid), '')
    || CASE WHEN attnotnull THEN coalesce(' CONSTRAINT ' || quote_ident(conname), '') || ' NOT NULL' ELSE '' END
FROM pg_attribute JOIN pg_type ON pg_type.oid = atttypid
LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
LEFT JOIN pg_constraint ON conrelid = attrelid AND contype = 'n' AND conkey = ARRAY[attnum]
WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum
"""
_IDENTITIES = """
SELECT attname, attidentity = 'a', seqrelid::regclass::text FROM pg_attribute
JOIN pg_sequence ON seqrelid = pg_get_serial_sequence(attrelid::regclass::text, attname)::regclass
WHERE attrelid = %s::regclass AND attidentity <> ''
"""
_OPTIONS = "SELECT unnest(reloptions) FROM pg_class WHERE oid = %s::regclass"
_CONSTRAINTS = """
SELECT format('ALTER TABLE %%s ADD CONSTRAINT %%I %%s', conrelid::regclass, conname, pg_get_constraintdef(oid))
FROM pg_constraint WHERE conrelid = %s::regclass AND contype <> 'n' AND contype <> 't'
ORDER BY contype IN ('p', 'u') DESC, contype = 'f', conname
"""
_INDEXES = """
SELECT pg_get_indexdef(indexrelid) FROM pg_index WHERE indrelid = %s::regclass
AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid AND conrelid = indrelid) ORDER BY indexrelid
"""
_TRIGGERS = """
SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE tgrelid = %s::regclass AND NOT tgisinternal ORDER BY tgname
"""
_POINTING_HERE = """
SELECT format('ALTER TABLE %%s DROP CONSTRAINT %%I', conrelid::regclass, conname),
    format('ALTER TABLE %%s ADD CONSTRAINT %%I %%s', conrelid::regclass, conname, pg_get_constraintdef(oid))
FROM pg_constraint WHERE confrelid = %s::regclass AND conrelid <> confrelid AND conparentid = 0
ORDER BY conrelid::regclass::text, conname
"""
_GRANTS = """
SELECT format('GRANT %%s ON %%s %%s TO %%s', string_agg(privilege_type, ', '),
    CASE relkind WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END, pg_class.oid::regclass,
    CASE grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(grantee)) END)
FROM pg_class, aclexplode(relacl) WHERE pg_class.oid = %s::regclass AND grantee <> relowner
GROUP BY relkind, pg_class.oid, grantee
"""


def put_first(editor: Any, table: str, columns: Sequence[str]) -> None:
    """Write the table anew with these columns first, and the others behind them as they stood.

    Everything that hangs on it is made again from what the database says of it: defaults, identities and what they have
    counted to, constraints, indexes, triggers, rights, storage options, foreign keys of other tables. What else may hang
    on a table (a view, a rule) is not expected, and lets the database refuse. It holds the table while it works.
    """
    if editor.collect_sql:
        editor.execute(f"-- the columns of {table} are put into another order: {', '.join(columns)} first")
        return
    with editor.connection.cursor() as cursor:

        def told(question: str, about: str = table) -> list[Any]:
            cursor.execute(question, [about])
            rows = cursor.fetchall()
            return [row[0] for row in rows] if len(cursor.description) == 1 else rows

        def run(*statements: str) -> None:
            for statement in statements:
                cursor.execute(statement)

        run(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE")
        # Foreign keys are checked at a transaction's end; what waits for that would keep the tables from being altered.
        run("SET CONSTRAINTS ALL IMMEDIATE")
        written = dict(told(_COLUMNS))
        order = [*columns, *(name for name in written if name not in columns)]
        identities = [(*one, *_counted(cursor, one[2]), told(_GRANTS, one[2])) for one in told(_IDENTITIES)]
        options, rights, pointing = told(_OPTIONS), told(_GRANTS), told(_POINTING_HERE)
        again = [*told(_CONSTRAINTS), *told(_INDEXES), *told(_TRIGGERS), *(add for _drop, add in pointing)]

        run(*(drop for drop, _add in pointing))
        run(f"ALTER TABLE {table} RENAME TO {table}_before")
        run(f"CREATE TABLE {table} ({', '.join(written[name] for name in order)})")
        if options:
            run(f"ALTER TABLE {table} SET ({', '.join(options)})")
        names = ", ".join(f'"{name}"' for name in order)
        run(f'INSERT INTO {table} ({names}) SELECT {names} FROM {table}_before ORDER BY "{order[0]}"')
        run(f"DROP TABLE {table}_before")
        for name, always, sequence, last, called, its_rights in identities:
            how = "ALWAYS" if always else "BY DEFAULT"
            run(
                f'ALTER TABLE {table} ALTER COLUMN "{name}" ADD GENERATED {how} AS IDENTITY (SEQUENCE NAME {sequence})',
                f"SELECT setval('{sequence}', {last}, {called})",
                *its_rights,
            )
        run(*rights, *again, f"ANALYZE {table}")


def _counted(cursor: Any, sequence: str) -> tuple[int, bool]:
    cursor.execute(f"SELECT last_value, is_called FROM {sequence}")
    last, called = cursor.fetchone()
    return last, called
