-- Whether a charge is an allowance (1) or a charge (0): what is taken back of a charge is less than
-- nothing too. Null where it was kept before this was said.
ALTER TABLE charge ADD COLUMN allowance BIGINT;
