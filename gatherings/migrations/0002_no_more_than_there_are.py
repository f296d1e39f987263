from django.db import migrations

# The database is the last guard of places: whatever code does, a room and a kind of ticket never have more live tickets
# than there are. Whoever takes one waits for the row of the room, then of the kind, and counts what stands by then.
FORWARD = """
CREATE FUNCTION gatherings_no_more_than_there_are() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    most integer;
    taken integer;
BEGIN
    IF NEW.state NOT IN ('held', 'valid') THEN RETURN NEW; END IF;
    IF TG_OP = 'UPDATE' AND OLD.state IN ('held', 'valid')
        AND OLD.room_id = NEW.room_id AND OLD.kind_id = NEW.kind_id THEN
        RETURN NEW;
    END IF;
    SELECT capacity INTO most FROM gatherings_room WHERE id = NEW.room_id FOR NO KEY UPDATE;
    IF most IS NOT NULL THEN
        SELECT count(*) INTO taken FROM gatherings_ticket
        WHERE room_id = NEW.room_id AND state IN ('held', 'valid') AND id IS DISTINCT FROM NEW.id;
        IF taken >= most THEN
            RAISE EXCEPTION 'all % places of room % are taken', most, NEW.room_id
                USING ERRCODE = 'check_violation', CONSTRAINT = 'room_not_oversold';
        END IF;
    END IF;
    SELECT quantity INTO most FROM gatherings_ticketkind WHERE id = NEW.kind_id FOR NO KEY UPDATE;
    IF most IS NOT NULL THEN
        SELECT count(*) INTO taken FROM gatherings_ticket
        WHERE kind_id = NEW.kind_id AND state IN ('held', 'valid') AND id IS DISTINCT FROM NEW.id;
        IF taken >= most THEN
            RAISE EXCEPTION 'all % tickets of kind % are taken', most, NEW.kind_id
                USING ERRCODE = 'check_violation', CONSTRAINT = 'ticket_kind_not_oversold';
        END IF;
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION gatherings_no_fewer_than_are_taken() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    most integer;
    taken integer;
BEGIN
    IF TG_TABLE_NAME = 'gatherings_room' THEN
        most := NEW.capacity;
        SELECT count(*) INTO taken FROM gatherings_ticket WHERE room_id = NEW.id AND state IN ('held', 'valid');
    ELSE
        most := NEW.quantity;
        SELECT count(*) INTO taken FROM gatherings_ticket WHERE kind_id = NEW.id AND state IN ('held', 'valid');
    END IF;
    IF taken > most THEN
        RAISE EXCEPTION '% are taken already', taken
            USING ERRCODE = 'check_violation', CONSTRAINT = TG_NAME;
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER ticket_has_a_place BEFORE INSERT OR UPDATE OF state, room_id, kind_id ON gatherings_ticket
    FOR EACH ROW EXECUTE FUNCTION gatherings_no_more_than_there_are();
CREATE TRIGGER room_keeps_its_places BEFORE UPDATE OF capacity ON gatherings_room
    FOR EACH ROW EXECUTE FUNCTION gatherings_no_fewer_than_are_taken();
CREATE TRIGGER ticket_kind_keeps_its_places BEFORE UPDATE OF quantity ON gatherings_ticketkind
    FOR EACH ROW EXECUTE FUNCTION gatherings_no_fewer_than_are_taken();
"""

BACKWARD = """
DROP TRIGGER ticket_kind_keeps_its_places ON gatherings_ticketkind;
DROP TRIGGER room_keeps_its_places ON gatherings_room;
DROP TRIGGER ticket_has_a_place ON gatherings_ticket;
DROP FUNCTION gatherings_no_fewer_than_are_taken();
DROP FUNCTION gatherings_no_more_than_there_are();
"""


class Migration(migrations.Migration):
    dependencies = [("gatherings", "0001_initial")]

    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
