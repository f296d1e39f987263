from django.db import migrations

from members import likeness

# Who was merged stands for who was kept, and who was kept stood for themselves when it happened: so chains end, and no
# two ever stand for one another. The row that is pointed at is held, so that two merges at once cannot each be right
# and together be wrong.
FORWARD = """
CREATE FUNCTION members_refuse_merge() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    goes_on bigint;
    home integer;
BEGIN
    SELECT merged_into_id, community_id INTO goes_on, home FROM members_membership
    WHERE id = NEW.merged_into_id FOR UPDATE;
    IF goes_on IS NOT NULL OR home IS DISTINCT FROM NEW.community_id THEN
        RAISE EXCEPTION 'This record cannot be merged into that one.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'membership_merged_into_a_member';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER membership_merged_into_a_member BEFORE UPDATE OF merged_into_id ON members_membership
    FOR EACH ROW WHEN (NEW.merged_into_id IS NOT NULL AND OLD.merged_into_id IS DISTINCT FROM NEW.merged_into_id)
    EXECUTE FUNCTION members_refuse_merge();
"""
# Who is given as an inviter may have been merged a moment ago: then it is who they stand for. The lock comes first, and
# is the one of `members.services.inviters`, so that nobody holds a row and waits for it.
INVITERS = """
CREATE FUNCTION members_invited_by_who_is_kept() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    goes_on bigint;
BEGIN
    PERFORM pg_advisory_xact_lock(861361595, NEW.community_id::integer);
    LOOP
        SELECT merged_into_id INTO goes_on FROM members_membership WHERE id = NEW.invited_by_id FOR KEY SHARE;
        EXIT WHEN goes_on IS NULL;
        NEW.invited_by_id := goes_on;
    END LOOP;
    RETURN NEW;
END $$;
CREATE TRIGGER membership_invited_by_on_insert BEFORE INSERT ON members_membership
    FOR EACH ROW WHEN (NEW.invited_by_id IS NOT NULL) EXECUTE FUNCTION members_invited_by_who_is_kept();
CREATE TRIGGER membership_invited_by_on_update BEFORE UPDATE OF invited_by_id ON members_membership
    FOR EACH ROW WHEN (NEW.invited_by_id IS NOT NULL AND OLD.invited_by_id IS DISTINCT FROM NEW.invited_by_id)
    EXECUTE FUNCTION members_invited_by_who_is_kept();
"""
NO_INVITERS = """
DROP TRIGGER membership_invited_by_on_update ON members_membership;
DROP TRIGGER membership_invited_by_on_insert ON members_membership;
DROP FUNCTION members_invited_by_who_is_kept();
"""
BACKWARD = """
DROP TRIGGER membership_merged_into_a_member ON members_membership;
DROP FUNCTION members_refuse_merge();
"""
CHUNK = 2000


def set_keys(apps, schema_editor):
    """What duplicates are found by, of the members who are here already."""
    memberships = apps.get_model("members", "Membership").objects.filter(erased_at=None)
    last = 0
    while rows := list(memberships.filter(pk__gt=last).order_by("pk").only("name", "email")[:CHUNK]):
        for row in rows:
            row.name_key, row.mailbox_key = likeness.name_key(row.name), likeness.mailbox_key(row.email)
        memberships.bulk_update(rows, ["name_key", "mailbox_key"])
        last = rows[-1].pk


class Migration(migrations.Migration):
    dependencies = [("members", "0016_merging")]

    operations = [
        migrations.RunSQL(FORWARD, BACKWARD),
        migrations.RunSQL(INVITERS, NO_INVITERS),
        migrations.RunPython(set_keys, migrations.RunPython.noop),
    ]
