-- Keys of callers (`Idempotency-Key`) for what a natural key or its content identifies: orders,
-- receipts, suppliers, bank statements. Whatever is found by its key alone keeps it in its own row.
CREATE TABLE claimed_key (
    -- Whose key it is.
    subject TEXT NOT NULL,
    -- The table of what was made.
    kind TEXT NOT NULL,
    key_hash TEXT NOT NULL,
    -- SHA-256 of what was sent.
    fingerprint TEXT NOT NULL,
    -- What it is the key of.
    resource TEXT NOT NULL,
    PRIMARY KEY (subject, kind, key_hash)
);
