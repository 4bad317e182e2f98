//! Exit codes, and how a failure is told.

use std::process::ExitCode;

use crate::cli::say::tell;
use crate::storage::LedgerError;
use crate::temporal::GatewayError;

/// Shown below `--help`; the README repeats it, and a test compares.
pub const HELP: &str = "\
Exit codes:
  0   done
  1   not done: the message says why
  2   the command line is wrong
  64  the configuration is wrong
  69  a server that is needed cannot be reached
  70  stopped, but the deadline cut something off";

/// `EX_UNAVAILABLE` of sysexits.
const UNAVAILABLE: u8 = 69;

/// A failure with its exit code.
#[derive(Debug)]
pub struct Failure {
    code: u8,
    error: anyhow::Error,
}

impl Failure {
    /// Code 1: not done.
    pub fn failed(error: anyhow::Error) -> Self {
        Self { code: 1, error }
    }

    /// Code 2, as the parser of the command line: its parts do not go together.
    pub fn usage(error: anyhow::Error) -> Self {
        Self { code: 2, error }
    }

    /// Code 64 (`EX_USAGE` of sysexits): the configuration is wrong.
    pub fn configuration(error: anyhow::Error) -> Self {
        Self { code: 64, error }
    }

    /// Code 69 (`EX_UNAVAILABLE`): a server cannot be reached.
    pub fn unavailable(error: anyhow::Error) -> Self {
        Self { code: UNAVAILABLE, error }
    }

    /// Whether the other side may be there in a moment.
    pub fn may_pass(&self) -> bool {
        self.code == UNAVAILABLE
    }

    /// Tells the failure with its causes on standard error.
    pub fn report(&self) -> ExitCode {
        tell(format!("error: {self}"));
        ExitCode::from(self.code)
    }
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut text = self.error.to_string();
        for cause in self.error.chain().skip(1).map(ToString::to_string) {
            // Many an error tells its cause in its own words already.
            if !text.contains(&cause) {
                text = format!("{text}: {cause}");
            }
        }
        f.write_str(&text)
    }
}

impl From<anyhow::Error> for Failure {
    /// Whatever stands in between: a server that does not answer is one that cannot be reached.
    fn from(error: anyhow::Error) -> Self {
        let away = error.chain().any(is_away);
        if away { Self::unavailable(error) } else { Self::failed(error) }
    }
}

/// Whether a cause says of a server that is needed that it is not there.
fn is_away(cause: &(dyn std::error::Error + 'static)) -> bool {
    let ledger = cause.downcast_ref::<LedgerError>();
    let temporal = cause.downcast_ref::<GatewayError>();
    ledger.is_some_and(|error| matches!(error, LedgerError::Unreachable(_)))
        || temporal.is_some_and(|error| {
            matches!(
                error,
                GatewayError::NotConnected(_)
                    | GatewayError::Unavailable(_)
                    | GatewayError::Timeout
            )
        })
}

/// Code 70 (`EX_SOFTWARE`): the drain deadline cut something off.
pub const CUT_OFF: u8 = 70;

#[cfg(test)]
mod tests {
    use anyhow::Context;

    use super::Failure;
    use crate::storage::LedgerError;
    use crate::temporal::GatewayError;

    #[test]
    fn a_server_that_is_away_has_its_code_under_any_words() {
        let code = |error: anyhow::Error| Failure::from(error).code;
        let unreachable = LedgerError::Unreachable("db: refused".to_owned());
        let told = Err::<(), _>(unreachable).context("cannot open the ledger").context("serve");
        assert_eq!(code(told.expect_err("an error")), 69);
        let temporal = GatewayError::NotConnected("h:1".to_owned());
        let told = Err::<(), _>(temporal).context("a direct start was refused");
        assert_eq!(code(told.expect_err("an error")), 69);
        assert_eq!(code(GatewayError::Credentials.into()), 1);
        assert_eq!(code(LedgerError::Unavailable("damaged".to_owned()).into()), 1);
        assert_eq!(code(anyhow::anyhow!("something else")), 1);
    }
}
