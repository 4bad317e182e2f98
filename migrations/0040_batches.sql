-- Many documents handed in at once.

CREATE TABLE batch (
    id TEXT NOT NULL PRIMARY KEY,
    -- inline, archive, manifest.
    kind TEXT NOT NULL,
    -- accepting, accepted, cancelled, refused: whether its items are taken up still.
    status TEXT NOT NULL,
    -- Who sent it; with the key it is the idempotency record.
    subject TEXT NOT NULL,
    key_hash TEXT NOT NULL,
    -- new, replay: what a document means that is known already.
    known TEXT NOT NULL,
    -- The archive or manifest, by its address; null for what came inline.
    source TEXT,
    -- How many items it has; null until its source was read.
    items BIGINT,
    -- Why the whole of it was refused, as JSON.
    problem TEXT,
    created_at BIGINT NOT NULL,
    -- When the dispatcher last made sure that its workflow is started.
    dispatched_at BIGINT,
    -- When all its invoices had come to rest for the first time.
    finished_at BIGINT
);
-- accept: the same key again; of two at once one wins.
CREATE UNIQUE INDEX batch_by_key ON batch (subject, key_hash);
-- dispatcher: what is to be started, what may have finished.
CREATE INDEX batch_unfinished ON batch (id) WHERE finished_at IS NULL;

CREATE TABLE batch_item (
    batch_id TEXT NOT NULL REFERENCES batch (id),
    -- From 1, in the order of the source.
    position BIGINT NOT NULL,
    item_key TEXT NOT NULL,
    -- What its sender calls it; shown, never used as a path.
    name TEXT,
    -- pending, accepted, refused, cancelled.
    state TEXT NOT NULL,
    invoice_id TEXT REFERENCES invoice (id),
    -- Why it was refused, as JSON.
    problem TEXT,
    PRIMARY KEY (batch_id, position)
);
-- accept: an item that is sent again.
CREATE UNIQUE INDEX batch_item_by_key ON batch_item (batch_id, item_key);
-- lists of invoices by batch; which batches an invoice is in.
CREATE INDEX batch_item_by_invoice ON batch_item (invoice_id, batch_id);
