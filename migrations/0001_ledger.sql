-- The ledger, one text for SQLite and PostgreSQL.
--
-- Columns are TEXT and BIGINT only: the two databases agree on nothing more. Times are BIGINT
-- microseconds since 1970 UTC, dates are TEXT YYYY-MM-DD, money is BIGINT minor units with a
-- scale, quantities and documents are TEXT (decimal digits, JSON). Ids sort by time.
-- Each index names the query that it serves.

-- Small facts of the installation: the signing key, the row that the readiness probe writes.
CREATE TABLE setting (
    name TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
);

-- One row for each accepted document: the promise behind a 202.
CREATE TABLE invoice (
    id TEXT NOT NULL PRIMARY KEY,
    status TEXT NOT NULL,
    revision BIGINT NOT NULL,
    received_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    -- Who sent it. With a key, (subject, key_hash) is the idempotency record; without one,
    -- content_key is (it is the document's digest, and null when there is a key).
    subject TEXT NOT NULL,
    key_hash TEXT,
    content_key TEXT,
    sha256 TEXT NOT NULL,
    bytes BIGINT NOT NULL,
    media_type TEXT NOT NULL,
    order_hint TEXT,
    -- Given on the first entry into matching and kept: who came earlier to an order.
    sequence BIGINT,
    -- What was read. The total is total_minor with total_scale decimals, or, where that does not
    -- fit 64 bits, total_digits.
    syntax TEXT,
    kind TEXT,
    number TEXT,
    number_key TEXT,
    seller_key TEXT,
    supplier_name TEXT,
    purchase_order TEXT,
    issue_date TEXT,
    due_date TEXT,
    currency TEXT,
    total_minor BIGINT,
    total_scale BIGINT,
    total_digits TEXT,
    findings_fatal BIGINT NOT NULL,
    findings_warning BIGINT NOT NULL,
    -- When the dispatcher last made sure that the workflow is started.
    dispatched_at BIGINT,
    -- How often something came that may free it since it was last told; 0 when it was told.
    wake BIGINT NOT NULL,
    -- JSON: the holds; the reason why a person must look.
    holds TEXT NOT NULL,
    attention TEXT
);
-- accept: the same key again; of two at once one wins.
CREATE UNIQUE INDEX invoice_by_key ON invoice (subject, key_hash);
-- accept: the same bytes without a key; of two at once one wins.
CREATE UNIQUE INDEX invoice_by_content ON invoice (content_key);
-- accept: known bytes, whoever sent them.
CREATE INDEX invoice_by_digest ON invoice (sha256, id);
-- dispatcher, oldest of a state, counts, lists by status.
CREATE INDEX invoice_by_status ON invoice (status, id);
-- dispatcher: who is to be told.
CREATE INDEX invoice_to_wake ON invoice (id) WHERE wake > 0;
-- lists by number.
CREATE INDEX invoice_by_number ON invoice (number, id);
-- lists by order.
CREATE INDEX invoice_by_purchase_order ON invoice (purchase_order, id);
-- lists by currency.
CREATE INDEX invoice_by_currency ON invoice (currency, id);
-- lists by time of arrival.
CREATE INDEX invoice_by_received_at ON invoice (received_at);
-- matching: an earlier invoice of the same supplier with the same number.
CREATE INDEX invoice_by_claim ON invoice (seller_key, number_key, sequence);

-- Each change of an invoice; revisions count from 1 without a gap.
CREATE TABLE invoice_event (
    invoice_id TEXT NOT NULL REFERENCES invoice (id),
    revision BIGINT NOT NULL,
    event TEXT NOT NULL,
    data TEXT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (invoice_id, revision)
);

-- What was read out of the document, and what the rules said: JSON.
CREATE TABLE extraction (
    invoice_id TEXT NOT NULL PRIMARY KEY REFERENCES invoice (id),
    content TEXT NOT NULL
);

-- What the last reconciliation concluded: JSON.
CREATE TABLE reconciliation (
    invoice_id TEXT NOT NULL PRIMARY KEY REFERENCES invoice (id),
    input_hash TEXT NOT NULL,
    content TEXT NOT NULL
);

-- Every order that an invoice names, by header, line or hint. The key serves the search for
-- held invoices of an order.
CREATE TABLE invoice_order (
    order_key TEXT NOT NULL,
    invoice_id TEXT NOT NULL REFERENCES invoice (id),
    PRIMARY KEY (order_key, invoice_id)
);
-- extraction: the rows of an invoice are replaced.
CREATE INDEX invoice_order_by_invoice ON invoice_order (invoice_id);

-- What invoice lines take from order lines. Rows are never changed: a reversal adds the negative
-- row. An invoice's share is the sum of its rows.
CREATE TABLE allocation (
    invoice_id TEXT NOT NULL REFERENCES invoice (id),
    entry BIGINT NOT NULL,
    line TEXT NOT NULL,
    order_key TEXT NOT NULL,
    order_number TEXT NOT NULL,
    order_line TEXT NOT NULL,
    quantity TEXT NOT NULL,
    amount TEXT NOT NULL,
    state TEXT NOT NULL,
    input_hash TEXT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (invoice_id, entry)
);
-- matching: what was billed before on an order.
CREATE INDEX allocation_by_order ON allocation (order_key, invoice_id);

-- What matching waits on: one row for each order number, whether the order exists or not, and one
-- for each supplier's invoice number. Its sequence is the highest that passed through it.
CREATE TABLE matching_lock (
    name TEXT NOT NULL PRIMARY KEY,
    sequence BIGINT NOT NULL
);

-- Orders: the natural key and the newest revision.
CREATE TABLE purchase_order (
    id TEXT NOT NULL PRIMARY KEY,
    buyer_key TEXT NOT NULL,
    number_key TEXT NOT NULL,
    revision BIGINT NOT NULL
);
-- register: the natural key.
CREATE UNIQUE INDEX purchase_order_by_key ON purchase_order (buyer_key, number_key);
-- matching and lists: by number.
CREATE INDEX purchase_order_by_number ON purchase_order (number_key, id);

-- Every revision of every order: JSON.
CREATE TABLE purchase_order_revision (
    id TEXT NOT NULL REFERENCES purchase_order (id),
    revision BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    content TEXT NOT NULL,
    PRIMARY KEY (id, revision)
);

-- Goods receipts and despatch advices: the natural key and the newest revision.
CREATE TABLE receipt (
    id TEXT NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    number_key TEXT NOT NULL,
    order_key TEXT NOT NULL,
    revision BIGINT NOT NULL
);
-- register: the natural key.
CREATE UNIQUE INDEX receipt_by_key ON receipt (order_key, number_key, kind);
-- lists: by order.
CREATE INDEX receipt_by_order ON receipt (order_key, id);
-- lists: by number.
CREATE INDEX receipt_by_number ON receipt (number_key, id);

-- Every revision of every receipt: JSON.
CREATE TABLE receipt_revision (
    id TEXT NOT NULL REFERENCES receipt (id),
    revision BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    content TEXT NOT NULL,
    PRIMARY KEY (id, revision)
);
