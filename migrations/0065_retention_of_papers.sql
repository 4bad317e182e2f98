-- Retention of bank statements, payment files and batches (docs/schedules.md): their rows go, and
-- this stays of each, so that whoever follows an old link hears what became of it.

CREATE TABLE removed (
    -- Of the statement, payment file or batch.
    id TEXT NOT NULL PRIMARY KEY,
    removed_at BIGINT NOT NULL
);
