-- Orders are looked up without the leading zeros of their number: an invoice may say 4711 and mean
-- 0004711. The natural keys stay as they are written. (ltrim takes zeros off in both databases.)
ALTER TABLE purchase_order ADD COLUMN lookup_key TEXT NOT NULL DEFAULT '';
UPDATE purchase_order SET lookup_key = CASE
    WHEN number_key <> '' AND ltrim(number_key, '0') = '' THEN '0' ELSE ltrim(number_key, '0') END;
-- matching: by number.
CREATE INDEX purchase_order_by_lookup ON purchase_order (lookup_key, id);

ALTER TABLE receipt ADD COLUMN order_lookup TEXT NOT NULL DEFAULT '';
UPDATE receipt SET order_lookup = CASE
    WHEN order_key <> '' AND ltrim(order_key, '0') = '' THEN '0' ELSE ltrim(order_key, '0') END;
-- matching: by order.
CREATE INDEX receipt_by_lookup ON receipt (order_lookup, id);

-- From here on these columns have the number as it is looked up.
UPDATE allocation SET order_key = CASE
    WHEN ltrim(order_key, '0') = '' THEN '0' ELSE ltrim(order_key, '0') END
    WHERE order_key LIKE '0_%';
UPDATE charge SET order_key = CASE
    WHEN ltrim(order_key, '0') = '' THEN '0' ELSE ltrim(order_key, '0') END
    WHERE order_key LIKE '0_%';
INSERT INTO invoice_order (order_key, invoice_id)
    SELECT DISTINCT CASE WHEN ltrim(order_key, '0') = '' THEN '0' ELSE ltrim(order_key, '0') END,
        invoice_id
    FROM invoice_order WHERE order_key LIKE '0_%' ON CONFLICT DO NOTHING;
DELETE FROM invoice_order WHERE order_key LIKE '0_%';
-- Who passed through a lock is remembered under its new name ("order " has six characters).
INSERT INTO matching_lock (name, sequence)
    SELECT 'order ' || CASE
        WHEN ltrim(substr(name, 7), '0') = '' THEN '0' ELSE ltrim(substr(name, 7), '0') END,
        MAX(sequence)
    FROM matching_lock WHERE name LIKE 'order 0_%' GROUP BY 1
    ON CONFLICT (name) DO UPDATE SET sequence = CASE
        WHEN matching_lock.sequence < excluded.sequence THEN excluded.sequence
        ELSE matching_lock.sequence END;
