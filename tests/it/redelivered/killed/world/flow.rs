//! What happens, and where the worker is when it is killed.

/// What happens, and where the worker is when it is killed: in this activity, at this write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::redelivered::killed) enum Flow {
    /// `ap.remove_expired`: a batch is past its period.
    Retention,
    /// `ap.record_matches`: a payment is allocated.
    Allocation,
    /// `ap.read_statement`.
    Statement,
    /// `ap.take_batch_items`: a chunk of an archive.
    Chunk,
    /// `ap.decide`: a person rejects.
    Decision,
    /// `ap.reconcile`: an order gives its goods.
    Comparison,
    /// `ap.extract_and_validate`.
    Extraction,
    /// `ap.attempt_delivery`: a receiver was told.
    Delivery,
    /// `ap.import_statements`: a file of a folder.
    Import,
}

impl Flow {
    pub(in crate::redelivered::killed) const ALL: [Self; 9] = [
        Self::Retention,
        Self::Allocation,
        Self::Statement,
        Self::Chunk,
        Self::Decision,
        Self::Comparison,
        Self::Extraction,
        Self::Delivery,
        Self::Import,
    ];

    /// The write in the middle of its transaction.
    pub(super) fn point(self) -> &'static str {
        match self {
            Self::Retention => "INSERT ON removed",
            Self::Allocation => "INSERT ON payment_row",
            Self::Statement => "INSERT ON bank_statement_entry",
            Self::Chunk => "UPDATE ON batch_item",
            Self::Decision => "INSERT ON decision",
            Self::Comparison => "INSERT ON allocation",
            Self::Extraction => "INSERT ON extraction",
            Self::Delivery => "UPDATE ON webhook_delivery",
            Self::Import => "INSERT ON bank_statement",
        }
    }
}
