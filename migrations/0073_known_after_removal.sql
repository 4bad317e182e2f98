-- What is known of bank statements after their removal: an entry's id follows from what the bank
-- said, so `removed` has it too, and whatever file brings it again brings nothing new. A file may
-- be read by another mapping profile, under which its entries have other ids: its digest stays.

CREATE TABLE removed_statement (
    sha256 TEXT NOT NULL,
    -- The mapping profile that it was read by; empty for none.
    profile TEXT NOT NULL,
    id TEXT NOT NULL,
    PRIMARY KEY (sha256, profile)
);
