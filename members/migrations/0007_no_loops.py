from django.db import migrations

# Nobody is their own inviter's inviter. The service says so kindly; here it is impossible, for files and raw SQL too.
#
# Two changes at once could each be right and together close a loop, so those that set an inviter go one after the
# other within a community, by the same lock as `members.services.inviters`. Only a member whom somebody names as
# inviter can be part of a loop: for whoever just came in, that is one look at an index. From the others one walks up
# to the roots and down again; whoever is not met on the way down stands in a loop or below one.
FORWARD = """
CREATE FUNCTION members_refuse_loop() RETURNS trigger LANGUAGE plpgsql
SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    changed bigint[];
    home integer;
    met boolean;
BEGIN
    IF TG_OP = 'INSERT' THEN
        SELECT array_agg(id) INTO changed FROM added WHERE invited_by_id IS NOT NULL;
    ELSE
        SELECT array_agg(added.id) INTO changed FROM added JOIN former USING (id)
        WHERE added.invited_by_id IS NOT NULL AND added.invited_by_id IS DISTINCT FROM former.invited_by_id;
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
CREATE TRIGGER membership_no_loop_on_insert AFTER INSERT ON members_membership
    REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION members_refuse_loop();
CREATE TRIGGER membership_no_loop_on_update AFTER UPDATE ON members_membership
    REFERENCING OLD TABLE AS former NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION members_refuse_loop();
"""
BACKWARD = """
DROP TRIGGER membership_no_loop_on_update ON members_membership;
DROP TRIGGER membership_no_loop_on_insert ON members_membership;
DROP FUNCTION members_refuse_loop();
"""


class Migration(migrations.Migration):
    dependencies = [("members", "0006_invitations")]

    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
