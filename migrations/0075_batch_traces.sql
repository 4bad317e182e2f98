-- The trace of the request that brought the batch, for one that is started later; null for those
-- of earlier versions.
ALTER TABLE batch ADD COLUMN trace TEXT;
