"""What Django's models cannot say: facts stand as written, and packed columns are not packed again."""

from django.db import migrations

FACTS_STAND = """
CREATE FUNCTION engagement_facts_stand() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    unchanged engagement_fact;
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.retracted_at IS NULL AND NEW.retracted_at IS NOT NULL THEN
        unchanged := NEW;
        unchanged.retracted_at := OLD.retracted_at;
        -- A retracted fact gives up its identity, so that the right row can come in under it.
        unchanged.dedupe := OLD.dedupe;
        IF unchanged IS NOT DISTINCT FROM OLD THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION 'Facts are never changed or deleted: retract them.' USING ERRCODE = 'restrict_violation';
END;
$$;
CREATE TRIGGER engagement_facts_stand BEFORE UPDATE OR DELETE ON engagement_fact
    FOR EACH ROW EXECUTE FUNCTION engagement_facts_stand();
"""
FACTS_MAY_CHANGE = """
DROP TRIGGER engagement_facts_stand ON engagement_fact;
DROP FUNCTION engagement_facts_stand();
"""

PACKED = [
    ("engagement_memberday", "counts"),
    ("engagement_memberday", "firsts"),
    ("engagement_pairday", "pairs"),
    ("engagement_pairday", "firsts"),
    ("engagement_activeday", "members"),
]


def storage(kind: str) -> str:
    return ";".join(
        f"ALTER TABLE {table} ALTER COLUMN {column} SET STORAGE {kind}" for table, column in PACKED
    )


class Migration(migrations.Migration):
    dependencies = [("engagement", "0001_initial")]

    operations = [
        migrations.RunSQL(FACTS_STAND, FACTS_MAY_CHANGE),
        migrations.RunSQL(storage("EXTERNAL"), storage("EXTENDED")),
    ]
