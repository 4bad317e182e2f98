-- The supplier on file whose invoice it is, as of its last comparison.
ALTER TABLE invoice ADD COLUMN supplier_id TEXT;
-- Of earlier invoices it is known which suppliers their seller may be: where that is one and no
-- hold speaks against it, it is that one.
UPDATE invoice SET supplier_id =
    (SELECT MIN(s.supplier_id) FROM invoice_seller s WHERE s.invoice_id = invoice.id)
    WHERE (SELECT COUNT(*) FROM invoice_seller s WHERE s.invoice_id = invoice.id) = 1
    AND holds NOT LIKE '%"VENDOR_UNKNOWN"%' AND holds NOT LIKE '%"VENDOR_AMBIGUOUS"%';
-- lists by supplier.
CREATE INDEX invoice_by_supplier_id ON invoice (supplier_id, id) WHERE supplier_id IS NOT NULL;

-- The total in ten-thousandths, rounded down, and the end of 64 bits for what is beyond it: amounts
-- are compared by it (a decimal has no order here that both databases know).
ALTER TABLE invoice ADD COLUMN total_key BIGINT;
-- What would not fit when it is multiplied (above some nine thousand billion) and what has more than
-- eight decimals is found by amount once it is read again.
UPDATE invoice SET total_key = CASE total_scale
        WHEN 0 THEN total_minor * 10000
        WHEN 1 THEN total_minor * 1000
        WHEN 2 THEN total_minor * 100
        WHEN 3 THEN total_minor * 10
        WHEN 4 THEN total_minor
        WHEN 5 THEN (total_minor - (total_minor % 10 + 10) % 10) / 10
        WHEN 6 THEN (total_minor - (total_minor % 100 + 100) % 100) / 100
        WHEN 7 THEN (total_minor - (total_minor % 1000 + 1000) % 1000) / 1000
        WHEN 8 THEN (total_minor - (total_minor % 10000 + 10000) % 10000) / 10000
    END
    WHERE total_minor BETWEEN -922337203685477 AND 922337203685477;

-- lists by hold: those that have any.
CREATE INDEX invoice_on_hold ON invoice (id) WHERE holds <> '[]';
-- Lists by the day on which it is due have no index: what is due about now came lately, so a walk
-- back from the newest meets it soon, where an index would have all that was ever due sorted first.

-- The sender's own name for an invoice, as it came with it.
ALTER TABLE invoice ADD COLUMN reference TEXT;
-- lists by reference.
CREATE INDEX invoice_by_reference ON invoice (reference, id) WHERE reference IS NOT NULL;
