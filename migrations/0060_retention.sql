-- Retention (docs/schedules.md): what was removed of finished invoices, and when.

-- When its document was removed; null while it is kept.
ALTER TABLE invoice ADD COLUMN document_removed_at BIGINT;
-- When what was read, compared and decided was removed. The row itself stays: what orders gave
-- to it, what was paid of it, and that it was here, goes on to count.
ALTER TABLE invoice ADD COLUMN rows_removed_at BIGINT;
-- retention: finished invoices, by when they came to their end.
CREATE INDEX invoice_with_document ON invoice (updated_at, id) WHERE document_removed_at IS NULL;
CREATE INDEX invoice_with_rows ON invoice (updated_at, id) WHERE rows_removed_at IS NULL;
