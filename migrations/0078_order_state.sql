-- Whether an order may still be invoiced, of its newest revision: open, closed or cancelled.
ALTER TABLE purchase_order ADD COLUMN state TEXT NOT NULL DEFAULT 'open';
-- The order alone has such a member, and in a text its quotes would be written otherwise.
UPDATE purchase_order SET state = 'closed' WHERE EXISTS (
    SELECT 1 FROM purchase_order_revision r
    WHERE r.id = purchase_order.id AND r.revision = purchase_order.revision
    AND r.content LIKE '%"status":"closed"%');
UPDATE purchase_order SET state = 'cancelled' WHERE EXISTS (
    SELECT 1 FROM purchase_order_revision r
    WHERE r.id = purchase_order.id AND r.revision = purchase_order.revision
    AND r.content LIKE '%"status":"cancelled"%');
-- lists of orders that are open.
CREATE INDEX purchase_order_open ON purchase_order (id) WHERE state = 'open';
