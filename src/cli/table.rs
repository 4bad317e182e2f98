//! Tables in the terminal: columns without lines, so that they can be cut and searched.

use comfy_table::{ContentArrangement, Table, presets};

use crate::cli::say::shown;

/// An empty table under this header.
pub(super) fn with_header<const N: usize>(header: [&str; N]) -> Table {
    with_headers(header.into_iter().map(str::to_owned))
}

/// The same for a header that is chosen at run time.
pub(super) fn with_headers(header: impl Iterator<Item = String>) -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    table.set_content_arrangement(ContentArrangement::Dynamic); // only where the width is known
    table.set_header(header);
    table
}

/// The cells of a row whose words are a stranger's: nothing in them breaks the row or moves the
/// cursor.
pub(super) fn row(cells: impl IntoIterator<Item = impl AsRef<str>>) -> Vec<String> {
    cells.into_iter().map(|cell| shown(cell.as_ref())).collect()
}
