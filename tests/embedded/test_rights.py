"""The web's role reads and writes rows, and can neither make, change, empty nor drop a table."""

import pytest
from django.db import ProgrammingError, connection, transaction

pytestmark = pytest.mark.django_db


def test_suite_runs_with_the_rights_of_the_web():
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        assert cursor.fetchone() == ("crowdecon_web",)


def test_rows_can_be_written_and_owns_no_table():
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO django_content_type (app_label, model) VALUES ('a', 'b') RETURNING id")
        cursor.execute("DELETE FROM django_content_type WHERE app_label = 'a'")
        cursor.execute("SELECT count(*) FROM pg_tables WHERE tableowner = 'crowdecon_web'")
        assert cursor.fetchone() == (0,)


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE mine (id int)",
        "ALTER TABLE members_user ADD COLUMN more text",
        "TRUNCATE members_user CASCADE",
        "DROP TABLE members_user CASCADE",
        "CREATE INDEX slow ON members_user (email)",
        "CREATE SCHEMA mine",
        "GRANT SELECT ON members_user TO PUBLIC",
        "ALTER ROLE crowdecon_web SUPERUSER",
    ],
)
def test_shape_of_tables_is_refused(statement):
    with pytest.raises(ProgrammingError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
        # A grant without the right to give it is only a warning; being refused is having no effect.
        if statement.startswith("GRANT"):
            cursor.execute(
                "SELECT 1 FROM pg_class WHERE relname = 'members_user' AND relacl::text LIKE '%,=r/%'"
            )
            if cursor.fetchone() is None:
                raise ProgrammingError
