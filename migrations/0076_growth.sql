-- What is asked for often must not take longer with every invoice that was ever kept.
CREATE INDEX invoice_by_supplier ON invoice (supplier_name, id);

-- How many are in each state and since when: of the index alone.
CREATE INDEX invoice_by_age ON invoice (status, updated_at);

CREATE INDEX invoice_with_attention ON invoice (id) WHERE attention IS NOT NULL;
