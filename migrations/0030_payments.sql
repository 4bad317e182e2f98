-- Bank statements, what their entries pay, and payment files (docs/payments.md).

-- One row for each file that was handed in. The same bytes, read by the same profile, are one.
CREATE TABLE bank_statement (
    id TEXT NOT NULL PRIMARY KEY,
    sha256 TEXT NOT NULL,
    -- How CSV is read: the name of a mapping profile, or empty.
    profile TEXT NOT NULL,
    bytes BIGINT NOT NULL,
    media_type TEXT NOT NULL,
    subject TEXT NOT NULL,
    received_at BIGINT NOT NULL,
    status TEXT NOT NULL,
    -- JSON: what was read; why it could not be.
    content TEXT,
    failure TEXT
);
-- accept: the same file again; of two at once one wins.
CREATE UNIQUE INDEX bank_statement_by_content ON bank_statement (sha256, profile);

-- The statements of a file, to see that one follows the other.
CREATE TABLE bank_account_statement (
    statement_id TEXT NOT NULL REFERENCES bank_statement (id),
    position BIGINT NOT NULL,
    account_key TEXT NOT NULL,
    last_day TEXT NOT NULL,
    -- JSON: the head, and the finding when its opening is not the closing before it.
    head TEXT NOT NULL,
    gap TEXT,
    PRIMARY KEY (statement_id, position)
);
-- continuity: the statement before and behind of an account; lists by account.
CREATE INDEX bank_account_statement_by_day
    ON bank_account_statement (account_key, last_day, statement_id, position);

-- Every entry of every statement once, however many files have it; a batch has one row for each
-- of its payments.
CREATE TABLE bank_entry (
    id TEXT NOT NULL PRIMARY KEY,
    state TEXT NOT NULL,
    -- Grows by one with each change of state, matches or answers.
    revision BIGINT NOT NULL,
    -- JSON: the transaction; what the engine made of it; what people said of it.
    content TEXT NOT NULL,
    decision TEXT,
    answers TEXT NOT NULL
);
-- work lists: what waits for a person, newest first.
CREATE INDEX bank_entry_by_state ON bank_entry (state, id);

-- Which file has which entry.
CREATE TABLE bank_statement_entry (
    statement_id TEXT NOT NULL REFERENCES bank_statement (id),
    position BIGINT NOT NULL,
    entry_id TEXT NOT NULL REFERENCES bank_entry (id),
    PRIMARY KEY (statement_id, position)
);
-- entries: the files that have one.
CREATE INDEX bank_statement_entry_by_entry ON bank_statement_entry (entry_id);

-- By what a return names its original: end-to-end ids and references.
CREATE TABLE bank_entry_key (
    key TEXT NOT NULL,
    entry_id TEXT NOT NULL REFERENCES bank_entry (id),
    PRIMARY KEY (key, entry_id)
);

-- What is to be paid of an invoice, worked out from its document when it may be paid.
CREATE TABLE open_item (
    invoice_id TEXT NOT NULL PRIMARY KEY REFERENCES invoice (id),
    -- The invoice's when this was worked out; another one asks for it again.
    revision BIGINT NOT NULL,
    -- JSON; null where nothing can be paid of it.
    content TEXT,
    -- When it was paid; null while it is open.
    closed_at BIGINT
);
-- matching: what was paid a short while ago.
CREATE INDEX open_item_by_closing ON open_item (closed_at) WHERE closed_at IS NOT NULL;

-- What payments took from invoices. Rows are never changed: a reversal adds the negative row.
CREATE TABLE payment_row (
    sequence BIGINT NOT NULL PRIMARY KEY,
    invoice_id TEXT NOT NULL REFERENCES invoice (id),
    entry_id TEXT,
    reverses BIGINT,
    -- JSON.
    content TEXT NOT NULL,
    subject TEXT NOT NULL,
    at BIGINT NOT NULL
);
-- matching: what was taken of an invoice, and of an entry.
CREATE INDEX payment_row_by_invoice ON payment_row (invoice_id, sequence);
CREATE INDEX payment_row_by_entry ON payment_row (entry_id, sequence);
-- record: a row is taken back once.
CREATE UNIQUE INDEX payment_row_by_reversed ON payment_row (reverses) WHERE reverses IS NOT NULL;

-- What people confirmed and declined, by counterparty, supplier and item (empty for the pair).
CREATE TABLE payment_pair (
    counterparty TEXT NOT NULL,
    supplier TEXT NOT NULL,
    item TEXT NOT NULL,
    confirmed BIGINT NOT NULL,
    declined TEXT,
    PRIMARY KEY (counterparty, supplier, item)
);

-- Files of payment orders.
CREATE TABLE payment_file (
    id TEXT NOT NULL PRIMARY KEY,
    subject TEXT NOT NULL,
    key_hash TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    -- Null until it is withdrawn.
    cancelled_at BIGINT,
    sha256 TEXT NOT NULL,
    -- JSON: debtor, day and transfers.
    content TEXT NOT NULL
);
-- accept: the same key again; of two at once one wins.
CREATE UNIQUE INDEX payment_file_by_key ON payment_file (subject, key_hash);

-- The invoices of a file, and the id that their transfer travels under.
CREATE TABLE payment_file_item (
    file_id TEXT NOT NULL REFERENCES payment_file (id),
    invoice_id TEXT NOT NULL REFERENCES invoice (id),
    end_to_end_id TEXT NOT NULL,
    PRIMARY KEY (file_id, invoice_id)
);
-- matching: the orders that pay an invoice.
CREATE INDEX payment_file_item_by_invoice ON payment_file_item (invoice_id);
