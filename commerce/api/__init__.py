"""The API's rooms of this app: plans, dues, invoices, payments, the ledger."""
