-- Who is told of what happens, and what became of each message.

CREATE TABLE webhook (
    id TEXT NOT NULL PRIMARY KEY,
    -- Who made it; with the key it is the idempotency record.
    subject TEXT NOT NULL,
    key_hash TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    url TEXT NOT NULL,
    description TEXT,
    -- JSON: a list of words such as invoice.approved.
    topics TEXT NOT NULL,
    -- Sealed with the key of the key file. The one before still signs until its time is over.
    secret TEXT NOT NULL,
    previous_secret TEXT,
    previous_until BIGINT,
    -- Counts its changes, so that of two at once one hears of the other.
    revision BIGINT NOT NULL,
    -- Deliveries in a row that were given up.
    failures BIGINT NOT NULL,
    disabled_at BIGINT,
    -- gone, failing, asked.
    disabled_reason TEXT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
-- create: the same key again; of two at once one wins.
CREATE UNIQUE INDEX webhook_by_key ON webhook (subject, key_hash);

-- One message for one webhook: written in the transaction of what it tells. It names its webhook
-- without a reference: an invoice must not fail to move because a webhook is deleted meanwhile.
CREATE TABLE webhook_delivery (
    id TEXT NOT NULL PRIMARY KEY,
    webhook_id TEXT NOT NULL,
    -- What it tells, such as inv_… approved: told once to each webhook.
    source TEXT NOT NULL,
    topic TEXT NOT NULL,
    -- The bytes that are signed and sent.
    body TEXT NOT NULL,
    -- pending, delivered, failed.
    state TEXT NOT NULL,
    -- How often it was replayed; each time has a workflow of its own.
    round BIGINT NOT NULL,
    attempts BIGINT NOT NULL,
    status_code BIGINT,
    failure TEXT,
    attempted_at BIGINT,
    next_attempt_at BIGINT,
    -- Since when it is pending, and when the dispatcher looks whether its workflow runs.
    pending_since BIGINT NOT NULL,
    due_at BIGINT NOT NULL,
    created_at BIGINT NOT NULL
);
-- announce: what was told already.
CREATE UNIQUE INDEX webhook_delivery_by_source ON webhook_delivery (webhook_id, source);
-- the log of a webhook, newest first.
CREATE INDEX webhook_delivery_by_webhook ON webhook_delivery (webhook_id, id);
-- dispatcher: what is to be started.
CREATE INDEX webhook_delivery_due ON webhook_delivery (due_at) WHERE state = 'pending';
-- metrics: the oldest that waits.
CREATE INDEX webhook_delivery_pending ON webhook_delivery (pending_since) WHERE state = 'pending';
-- retention.
CREATE INDEX webhook_delivery_by_age ON webhook_delivery (created_at);

-- Replays that came with a key.
CREATE TABLE webhook_replay (
    webhook_id TEXT NOT NULL,
    subject TEXT NOT NULL,
    key_hash TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    deliveries BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (webhook_id, subject, key_hash)
);
