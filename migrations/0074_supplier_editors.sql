-- Who last changed the accounts of a supplier, and when: for some days they do not approve its
-- invoices.
CREATE TABLE supplier_editor (
    supplier_id TEXT NOT NULL REFERENCES supplier (id),
    subject TEXT NOT NULL,
    changed_at BIGINT NOT NULL,
    PRIMARY KEY (supplier_id, subject)
);

-- The suppliers that the seller of an invoice may be, as of its last comparison.
CREATE TABLE invoice_seller (
    invoice_id TEXT NOT NULL REFERENCES invoice (id),
    supplier_id TEXT NOT NULL REFERENCES supplier (id),
    PRIMARY KEY (invoice_id, supplier_id)
);
