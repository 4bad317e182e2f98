-- What of an invoice is compared when another may be the same one (docs/duplicates.md). Kept when
-- it is first matched.
CREATE TABLE likeness (
    invoice_id TEXT NOT NULL PRIMARY KEY REFERENCES invoice (id),
    -- Who was matched first is the original; never changed.
    kept_at BIGINT NOT NULL,
    vendor TEXT,
    number_key TEXT,
    number TEXT,
    currency TEXT,
    -- Negative for a credit note, in ten-thousandths.
    gross BIGINT,
    date TEXT,
    content_key TEXT,
    -- All that is judged: JSON.
    candidate TEXT NOT NULL
);
-- duplicates: the same number of the same supplier, in any spelling.
CREATE INDEX likeness_by_number ON likeness (vendor, number_key);
-- duplicates: the same amount of the same supplier. Date and number are in it because a price
-- that is billed a thousand times is sorted out without a look at the rows.
CREATE INDEX likeness_by_amount ON likeness (vendor, currency, gross, date, number, invoice_id);
-- duplicates: the same number and date of another supplier.
CREATE INDEX likeness_by_claim ON likeness (number_key, date);
-- duplicates: the same content in another form.
CREATE INDEX likeness_by_content ON likeness (content_key);

-- What an invoice is for: parts of one purchase.
CREATE TABLE likeness_purchase (
    invoice_id TEXT NOT NULL REFERENCES invoice (id),
    purchase TEXT NOT NULL,
    vendor TEXT NOT NULL,
    date TEXT NOT NULL,
    PRIMARY KEY (invoice_id, purchase)
);
-- duplicates: parts of a split purchase.
CREATE INDEX likeness_purchase_by_vendor ON likeness_purchase (vendor, purchase, date, invoice_id);
