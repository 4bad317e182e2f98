//! What is done again and again.

use serde::{Deserialize, Serialize};

/// One of the things that a schedule has done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Chore {
    /// Bank statements are taken in from a folder.
    ImportStatements,
    /// What failed because a store or service was away is tried again.
    RetryAttention,
    /// What is past its period is removed.
    RemoveExpired,
}

impl Chore {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::ImportStatements, Self::RetryAttention, Self::RemoveExpired];

    /// Its word: on the command line, in the ids of schedules, in the trail.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ImportStatements => "import-statements",
            Self::RetryAttention => "retry-attention",
            Self::RemoveExpired => "remove-expired",
        }
    }

    /// The chore of that word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|chore| chore.as_str() == word)
    }

    /// Who does it, in decisions and in the trail.
    pub fn subject(self) -> String {
        format!("schedule:{}", self.as_str())
    }
}
