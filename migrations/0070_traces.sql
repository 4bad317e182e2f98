-- Traces (docs/operations.md): what belongs together, also when a process died in between.

-- The trace of the request that brought the invoice, as JSON of its two W3C headers; null for
-- those of earlier versions.
ALTER TABLE invoice ADD COLUMN trace TEXT;
-- The trace of what a message tells of.
ALTER TABLE webhook_delivery ADD COLUMN trace TEXT;
