from django.db import migrations

# The database is the last guard of money: whatever code does, a posting sums to zero in each currency, is added to by
# nobody later, and is never changed or removed; what an invoice says once it has its number stays said.
FORWARD = """
CREATE FUNCTION commerce_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only: rows are neither changed nor removed', TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END $$;

CREATE FUNCTION commerce_entry_in_its_transaction() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    posting commerce_transaction%ROWTYPE;
BEGIN
    SELECT * INTO posting FROM commerce_transaction WHERE id = NEW.transaction_id;
    IF posting.written_in IS DISTINCT FROM (pg_current_xact_id()::text)::bigint
        OR posting.community_id <> NEW.community_id OR posting.day <> NEW.day THEN
        RAISE EXCEPTION 'an entry belongs to the posting, community and day it is written with'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION commerce_posting_sums_to_zero() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    posting bigint;
    wrong text;
BEGIN
    IF TG_TABLE_NAME = 'commerce_transaction' THEN posting := NEW.id; ELSE posting := NEW.transaction_id; END IF;
    SELECT string_agg(currency, ', ') INTO wrong FROM (
        SELECT currency FROM commerce_entry WHERE transaction_id = posting GROUP BY currency HAVING sum(amount) <> 0
    ) AS unequal;
    IF wrong IS NOT NULL THEN
        RAISE EXCEPTION 'posting % does not sum to zero in %', posting, wrong USING ERRCODE = 'check_violation';
    END IF;
    IF NOT EXISTS (SELECT FROM commerce_entry WHERE transaction_id = posting) THEN
        RAISE EXCEPTION 'posting % has no entries', posting USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER ledger_entry_at_once BEFORE INSERT ON commerce_entry
    FOR EACH ROW EXECUTE FUNCTION commerce_entry_in_its_transaction();
CREATE CONSTRAINT TRIGGER ledger_transaction_sums_to_zero AFTER INSERT ON commerce_transaction
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION commerce_posting_sums_to_zero();
CREATE CONSTRAINT TRIGGER ledger_entry_sums_to_zero AFTER INSERT ON commerce_entry
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION commerce_posting_sums_to_zero();
CREATE TRIGGER ledger_transaction_is_append_only BEFORE UPDATE OR DELETE ON commerce_transaction
    FOR EACH ROW EXECUTE FUNCTION commerce_refuse_change();
CREATE TRIGGER ledger_entry_is_append_only BEFORE UPDATE OR DELETE ON commerce_entry
    FOR EACH ROW EXECUTE FUNCTION commerce_refuse_change();
CREATE TRIGGER ledger_transaction_is_not_truncated BEFORE TRUNCATE ON commerce_transaction
    FOR EACH STATEMENT EXECUTE FUNCTION commerce_refuse_change();
CREATE TRIGGER ledger_entry_is_not_truncated BEFORE TRUNCATE ON commerce_entry
    FOR EACH STATEMENT EXECUTE FUNCTION commerce_refuse_change();

CREATE FUNCTION commerce_invoice_is_final() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    moves text[] := ARRAY['status', 'credit_used', 'paid_at', 'voided_at', 'void_reason', 'billed_to', 'tries',
        'tried_on', 'needs_other_means', 'extended_to', 'next_at'];
BEGIN
    IF to_jsonb(NEW) - moves IS DISTINCT FROM to_jsonb(OLD) - moves
        OR (NEW.billed_to IS DISTINCT FROM OLD.billed_to AND NEW.billed_to <> '{}'::jsonb)
        OR (OLD.status = 'void' AND NEW.status <> 'void') THEN
        RAISE EXCEPTION 'a final invoice does not change' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION commerce_invoice_adds_up() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    invoice bigint;
BEGIN
    IF TG_TABLE_NAME = 'commerce_invoice' THEN invoice := NEW.id; ELSE invoice := NEW.invoice_id; END IF;
    IF NOT EXISTS (
        SELECT FROM commerce_invoice AS i WHERE i.id = invoice AND (i.net, i.tax, i.gross) = (
            SELECT coalesce(sum(net), 0), coalesce(sum(tax), 0), coalesce(sum(gross), 0)
            FROM commerce_invoiceline WHERE invoice_id = i.id
        )
    ) THEN
        RAISE EXCEPTION 'the lines of invoice % do not add up to it', invoice USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION commerce_credit_within_invoice() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (SELECT sum(gross) FROM commerce_creditnote WHERE invoice_id = NEW.invoice_id)
        > (SELECT gross FROM commerce_invoice WHERE id = NEW.invoice_id) THEN
        RAISE EXCEPTION 'credit notes take back more than the invoice' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER invoice_is_final BEFORE UPDATE ON commerce_invoice
    FOR EACH ROW EXECUTE FUNCTION commerce_invoice_is_final();
CREATE TRIGGER invoice_stays BEFORE DELETE ON commerce_invoice
    FOR EACH ROW EXECUTE FUNCTION commerce_refuse_change();
CREATE TRIGGER invoice_line_stays BEFORE UPDATE OR DELETE ON commerce_invoiceline
    FOR EACH ROW EXECUTE FUNCTION commerce_refuse_change();
CREATE TRIGGER credit_note_stays BEFORE UPDATE OR DELETE ON commerce_creditnote
    FOR EACH ROW EXECUTE FUNCTION commerce_refuse_change();
CREATE CONSTRAINT TRIGGER invoice_is_its_lines AFTER INSERT ON commerce_invoice
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION commerce_invoice_adds_up();
CREATE CONSTRAINT TRIGGER invoice_line_in_sum AFTER INSERT ON commerce_invoiceline
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION commerce_invoice_adds_up();
CREATE CONSTRAINT TRIGGER credit_within_invoice AFTER INSERT ON commerce_creditnote
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION commerce_credit_within_invoice();
"""
BACKWARD = """
DROP TRIGGER credit_within_invoice ON commerce_creditnote;
DROP TRIGGER invoice_line_in_sum ON commerce_invoiceline;
DROP TRIGGER invoice_is_its_lines ON commerce_invoice;
DROP TRIGGER credit_note_stays ON commerce_creditnote;
DROP TRIGGER invoice_line_stays ON commerce_invoiceline;
DROP TRIGGER invoice_stays ON commerce_invoice;
DROP TRIGGER invoice_is_final ON commerce_invoice;
DROP TRIGGER ledger_entry_is_not_truncated ON commerce_entry;
DROP TRIGGER ledger_transaction_is_not_truncated ON commerce_transaction;
DROP TRIGGER ledger_entry_is_append_only ON commerce_entry;
DROP TRIGGER ledger_transaction_is_append_only ON commerce_transaction;
DROP TRIGGER ledger_entry_sums_to_zero ON commerce_entry;
DROP TRIGGER ledger_transaction_sums_to_zero ON commerce_transaction;
DROP TRIGGER ledger_entry_at_once ON commerce_entry;
DROP FUNCTION commerce_credit_within_invoice();
DROP FUNCTION commerce_invoice_adds_up();
DROP FUNCTION commerce_invoice_is_final();
DROP FUNCTION commerce_posting_sums_to_zero();
DROP FUNCTION commerce_entry_in_its_transaction();
DROP FUNCTION commerce_refuse_change();
"""


class Migration(migrations.Migration):
    dependencies = [("commerce", "0001_initial")]

    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
