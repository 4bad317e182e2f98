-- Suppliers: the natural key and the newest revision.
CREATE TABLE supplier (
    id TEXT NOT NULL PRIMARY KEY,
    number_key TEXT NOT NULL,
    -- The name in lower case.
    name_key TEXT NOT NULL,
    revision BIGINT NOT NULL
);
-- register: the natural key.
CREATE UNIQUE INDEX supplier_by_key ON supplier (number_key);

-- Every revision of every supplier: JSON.
CREATE TABLE supplier_revision (
    id TEXT NOT NULL REFERENCES supplier (id),
    revision BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    content TEXT NOT NULL,
    PRIMARY KEY (id, revision)
);

-- What the newest revision is known by, such as vat:DE123456789.
CREATE TABLE supplier_identity (
    identity TEXT NOT NULL,
    supplier_id TEXT NOT NULL REFERENCES supplier (id),
    PRIMARY KEY (identity, supplier_id)
);
-- register: the rows of a supplier are replaced.
CREATE INDEX supplier_identity_by_supplier ON supplier_identity (supplier_id);

-- What the sellers of invoices are known by that something about the supplier holds: they are
-- compared again when a record with one of these comes.
CREATE TABLE invoice_identity (
    identity TEXT NOT NULL,
    invoice_id TEXT NOT NULL REFERENCES invoice (id),
    PRIMARY KEY (identity, invoice_id)
);
-- matching: the rows of an invoice are replaced.
CREATE INDEX invoice_identity_by_invoice ON invoice_identity (invoice_id);
