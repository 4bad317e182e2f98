-- What people decide about invoices, and who hears of those that rest.

-- Of needs_attention: the state that a retry goes back to.
ALTER TABLE invoice ADD COLUMN came_from TEXT;
-- The revision at which it was last put to people for approval; earlier approvals do not count.
ALTER TABLE invoice ADD COLUMN approval_since BIGINT;

-- One row for each decision that was taken; rows are never changed.
CREATE TABLE decision (
    -- Follows from the subject and its Idempotency-Key: the same decision twice is one.
    id TEXT NOT NULL PRIMARY KEY,
    invoice_id TEXT NOT NULL REFERENCES invoice (id),
    -- The revision of its event.
    revision BIGINT NOT NULL,
    subject TEXT NOT NULL,
    action TEXT NOT NULL,
    -- Digest of what was sent: the same id with another one is another decision.
    fingerprint TEXT NOT NULL,
    -- The comparison that was on the screen, and the policy that allowed it.
    input_hash TEXT,
    policy_version TEXT NOT NULL,
    -- JSON: what was sent; what it did.
    content TEXT NOT NULL,
    effect TEXT NOT NULL,
    at BIGINT NOT NULL
);
-- matching, approving, the timeline of an invoice.
CREATE INDEX decision_by_invoice ON decision (invoice_id, revision);

-- Who was told that an invoice rests; no revision of the invoice, so that no screen gets stale.
CREATE TABLE notice (
    invoice_id TEXT NOT NULL REFERENCES invoice (id),
    -- reminder or escalation.
    kind TEXT NOT NULL,
    -- Where it rests; the entries of one kind count from 1 there.
    revision BIGINT NOT NULL,
    entry BIGINT NOT NULL,
    status TEXT NOT NULL,
    -- Whom: a subject or group of the policy; null for whoever may decide.
    recipient TEXT,
    at BIGINT NOT NULL,
    PRIMARY KEY (invoice_id, kind, revision, entry)
);
