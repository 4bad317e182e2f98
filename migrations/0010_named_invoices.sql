-- The invoices that a document names (BG-3), as they are looked up: when one comes, the documents
-- that wait for it are found here.
CREATE TABLE invoice_named (
    seller_key TEXT NOT NULL,
    number_key TEXT NOT NULL,
    invoice_id TEXT NOT NULL REFERENCES invoice (id),
    PRIMARY KEY (seller_key, number_key, invoice_id)
);
-- extraction: the rows of an invoice are replaced.
CREATE INDEX invoice_named_by_invoice ON invoice_named (invoice_id);
