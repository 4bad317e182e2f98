-- Who may do what, and who did what.

-- API keys. The secret is not here: 256 random bits need no slow hash, so their SHA-256 is kept.
CREATE TABLE api_key (
    id TEXT NOT NULL PRIMARY KEY,
    digest TEXT NOT NULL,
    name TEXT NOT NULL,
    -- Several keys of one subject are one caller.
    subject TEXT NOT NULL,
    -- JSON: lists of words.
    roles TEXT NOT NULL,
    duties TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    not_before BIGINT NOT NULL,
    expires_at BIGINT,
    revoked_at BIGINT,
    -- Written at most once a minute.
    last_used_at BIGINT
);

-- Each change that a caller made, and each refused login. Rows are never changed; each carries
-- the digest of itself and of the row before, so that one that is altered or missing shows.
CREATE TABLE audit (
    sequence BIGINT NOT NULL PRIMARY KEY,
    at BIGINT NOT NULL,
    subject TEXT NOT NULL,
    credential TEXT,
    request_id TEXT,
    address TEXT,
    action TEXT NOT NULL,
    resource TEXT,
    outcome TEXT NOT NULL,
    reason TEXT,
    revision BIGINT,
    digest TEXT NOT NULL
);
-- who touched this invoice, order, receipt or key.
CREATE INDEX audit_by_resource ON audit (resource, sequence);

-- The end of the chain: one row, which writers wait for.
CREATE TABLE audit_head (
    name TEXT NOT NULL PRIMARY KEY,
    sequence BIGINT NOT NULL,
    digest TEXT NOT NULL
);
INSERT INTO audit_head (name, sequence, digest) VALUES ('audit', 0, '');
