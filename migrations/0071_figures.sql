-- Figures (docs/operations.md): invoices with holds, by state.
CREATE INDEX invoice_with_holds ON invoice (status) WHERE holds <> '[]';
