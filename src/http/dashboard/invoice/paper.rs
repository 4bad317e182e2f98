//! The document of an invoice as paper: its pages, and where on them the fields stand.

use crate::http::Edge;
use crate::http::dashboard::drawings::has_pages;
use crate::http::dashboard::invoices::moment;
use crate::http::dashboard::places::{self, Sketch};
use crate::http::error::ApiError;
use crate::models::evidence::Evidence;
use crate::storage::ledger::invoices::InvoiceRow;

/// The pages.
pub struct Paper {
    /// With the boxes of fields; empty paper where they are not drawn.
    pub sketches: Vec<Sketch>,
    /// Why they are not drawn; empty where they are, or where the document has no pages.
    pub undrawn: String,
}

impl Paper {
    /// The paper of an invoice. What cannot be drawn keeps nobody from the rest of the page.
    ///
    /// # Errors
    /// Those of the ledger.
    pub async fn of(
        edge: &Edge,
        row: &InvoiceRow,
        evidence: &[Evidence],
    ) -> Result<Self, ApiError> {
        let sizes = sizes(edge, row).await?;
        let sketches = places::sketches(evidence, sizes.as_deref().unwrap_or_default());
        Ok(Self { sketches, undrawn: sizes.err().unwrap_or_default() })
    }

    /// Whether there is anything to show.
    pub fn is_there(&self) -> bool {
        !self.sketches.is_empty() || !self.undrawn.is_empty()
    }
}

/// The sizes of the pages, or in words why they are not drawn.
async fn sizes(edge: &Edge, row: &InvoiceRow) -> Result<Result<Vec<(f32, f32)>, String>, ApiError> {
    if !has_pages(row.media_type) {
        return Ok(Ok(Vec::new()));
    }
    if let Some(at) = edge.parts.ledger.removed(&row.id).await?.document {
        let text = format!("the document was removed at the end of its period, {}", moment(at));
        return Ok(Err(text));
    }
    let sheets = edge.parts.drawings.sheets(&edge.parts.artifacts, &row.sha256).await;
    let sizes = sheets.map(|all| all.iter().map(|one| (one.width, one.height)).collect());
    Ok(sizes.map_err(|undrawn| undrawn.to_string()))
}
