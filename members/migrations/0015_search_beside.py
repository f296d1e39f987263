from django.contrib.postgres.indexes import GinIndex
from django.db import migrations

# The trigger of 0007 tells whose inviter changed by a difference of sets and no longer by a join: a session keeps the
# plan of its first update, and where that was of one row it compared, later, every row of an act upon many with every
# other one.
FORWARD = """
CREATE OR REPLACE FUNCTION members_refuse_loop() RETURNS trigger LANGUAGE plpgsql
SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    changed bigint[];
    home integer;
    met boolean;
BEGIN
    IF TG_OP = 'INSERT' THEN
        SELECT array_agg(id) INTO changed FROM added WHERE invited_by_id IS NOT NULL;
    ELSE
        SELECT array_agg(id) INTO changed FROM (
            SELECT id, invited_by_id FROM added WHERE invited_by_id IS NOT NULL
            EXCEPT
            SELECT id, invited_by_id FROM former
        ) AS moved;
    END IF;
    IF changed IS NULL THEN
        RETURN NULL;
    END IF;
    FOR home IN SELECT DISTINCT community_id FROM added WHERE id = ANY (changed) ORDER BY 1 LOOP
        PERFORM pg_advisory_xact_lock(861361595, home);
    END LOOP;
    WITH RECURSIVE up AS (
        SELECT one.id, one.invited_by_id FROM members_membership one
        WHERE one.id = ANY (changed)
            AND EXISTS (SELECT FROM members_membership brought WHERE brought.invited_by_id = one.id)
        UNION
        SELECT one.id, one.invited_by_id FROM members_membership one JOIN up ON one.id = up.invited_by_id
    ), down AS (
        SELECT up.id FROM up WHERE NOT EXISTS (SELECT FROM up above WHERE above.id = up.invited_by_id)
        UNION ALL
        SELECT up.id FROM up JOIN down ON up.invited_by_id = down.id
    )
    SELECT (SELECT count(*) FROM up) = (SELECT count(*) FROM down) INTO met;
    IF NOT met THEN
        RAISE EXCEPTION 'This inviter would close a loop of inviters.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'membership_no_loop_of_inviters';
    END IF;
    RETURN NULL;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("members", "0014_fill_search"),
    ]

    operations = [
        migrations.RunSQL(FORWARD, migrations.RunSQL.noop),
        migrations.RemoveIndex(model_name="membership", name="membership_search"),
        migrations.RemoveField(model_name="membership", name="search_terms"),
        # Built once over all entries, not entry by entry.
        migrations.AddIndex(
            model_name="searchentry", index=GinIndex(fields=["terms"], name="search_entry_terms")
        ),
    ]
