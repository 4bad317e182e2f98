-- What reconciliation keeps beyond quantities and amounts.

-- The receipts that an invoice line names, as JSON; null when it names none.
ALTER TABLE allocation ADD COLUMN named_receipts TEXT;
-- Of a credit note's row, whose quantity and amount are negative: the invoice and the line that
-- it gives back of. The row counts with that invoice.
ALTER TABLE allocation ADD COLUMN credits_invoice TEXT;
ALTER TABLE allocation ADD COLUMN credits_line TEXT;
-- matching: what credit notes gave back of an invoice.
CREATE INDEX allocation_by_credited ON allocation (credits_invoice) WHERE credits_invoice IS NOT NULL;

-- What invoices charge on orders beyond their lines; the rows of an invoice are replaced when it
-- is matched again.
CREATE TABLE charge (
    invoice_id TEXT NOT NULL REFERENCES invoice (id),
    entry BIGINT NOT NULL,
    order_key TEXT NOT NULL,
    order_number TEXT NOT NULL,
    code TEXT NOT NULL,
    -- Negative for an allowance.
    amount TEXT NOT NULL,
    PRIMARY KEY (invoice_id, entry)
);
-- matching: what was charged before on an order.
CREATE INDEX charge_by_order ON charge (order_key, invoice_id);
