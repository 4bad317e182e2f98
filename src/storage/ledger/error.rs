//! What can go wrong in the ledger, in words that lead somewhere.

/// Why the ledger could not do what was asked.
#[derive(Debug, Clone, thiserror::Error)]
pub enum LedgerError {
    /// The database cannot be reached, is busy, or is broken.
    #[error("ledger: {0}")]
    Unavailable(String),
    /// It was to be opened, and nobody answers where it should be.
    #[error("ledger: {0}")]
    Unreachable(String),
    /// A row holds what this version cannot read.
    #[error("ledger row {place}: {reason}")]
    Unreadable {
        /// Table and id.
        place: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The row that a change was meant for is not there.
    #[error("ledger: no {0}")]
    Missing(String),
    /// The key of the request was used for other content; the id of what that made.
    #[error("ledger: the key was used for {0}")]
    KeyReused(String),
}

impl From<sqlx::Error> for LedgerError {
    fn from(error: sqlx::Error) -> Self {
        match error {
            sqlx::Error::ColumnDecode { index, source } => {
                Self::Unreadable { place: format!("column {index}"), reason: source.to_string() }
            }
            other => Self::Unavailable(describe(&other)),
        }
    }
}

/// The error in our words where the database's own say too little. Neither ever holds a
/// credential: drivers name users and hosts, not passwords.
pub(super) fn describe(error: &sqlx::Error) -> String {
    match error {
        sqlx::Error::PoolTimedOut => "no connection was free in time; raise \
             AP_GATEWAY_LEDGER_CONNECTIONS, or look what keeps the database busy"
            .to_owned(),
        sqlx::Error::Database(refusal) => {
            let remedy = refusal.code().and_then(|code| remedy(&code));
            match remedy {
                Some(remedy) => format!("{}: {remedy}", refusal.message()),
                None => refusal.message().to_owned(),
            }
        }
        other => other.to_string(),
    }
}

/// SQLite's result codes are short numbers, PostgreSQL's have five characters.
fn remedy(code: &str) -> Option<&'static str> {
    if code.len() == 5 {
        return match code {
            "28P01" | "28000" => Some("check user and password in AP_GATEWAY_LEDGER_URL"),
            "3D000" => Some("make the database first, or name another in AP_GATEWAY_LEDGER_URL"),
            "42501" => Some("let this user make and change tables in the database"),
            "53300" => Some("lower AP_GATEWAY_LEDGER_CONNECTIONS, or let the server take more"),
            "55P03" | "57014" => Some("another transaction took too long; it may be tried again"),
            _ => None,
        };
    }
    // The low byte is the primary code; the rest only refines it.
    match code.parse::<u32>().ok()? & 0xff {
        5 | 6 => Some("another process holds the file; it may be tried again"),
        8 => Some("let this user write the file and its folder"),
        11 => Some(
            "the file is damaged; restore it from a backup, or move it away with its -wal and \
             -shm files to start empty",
        ),
        13 => Some("the disk is full; make room"),
        14 => Some("let this user read and write the file and its folder"),
        26 => Some("move the file away, or set AP_GATEWAY_LEDGER_URL to another one"),
        _ => None,
    }
}
