//! An identifier, and the scheme that it is from.

use serde::{Deserialize, Serialize};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

/// A value that means something within a scheme: an ISO 6523 ICD, an EAS code, a UNTDID 1153 code.
/// On the wire it is a text when it has no scheme, else an object.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(from = "Written", into = "Written")]
pub struct Identifier {
    /// The identifier itself.
    pub value: String,
    /// The scheme's code, when it is said.
    pub scheme: Option<String>,
}

/// How an identifier is written in JSON.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(untagged)]
enum Written {
    /// Without a scheme.
    Plain(String),
    /// With its scheme.
    #[serde(rename_all = "snake_case")]
    OfScheme {
        /// The identifier itself.
        value: String,
        /// The scheme's code.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        scheme: Option<String>,
    },
}

impl PartialSchema for Identifier {
    fn schema() -> RefOr<Schema> {
        Written::schema()
    }
}

impl ToSchema for Identifier {}

impl From<Written> for Identifier {
    fn from(written: Written) -> Self {
        match written {
            Written::Plain(value) => Self { value, scheme: None },
            Written::OfScheme { value, scheme } => Self { value, scheme },
        }
    }
}

impl From<Identifier> for Written {
    fn from(identifier: Identifier) -> Self {
        match identifier {
            Identifier { value, scheme: None } => Self::Plain(value),
            Identifier { value, scheme } => Self::OfScheme { value, scheme },
        }
    }
}

impl From<&str> for Identifier {
    fn from(value: &str) -> Self {
        Self { value: value.to_owned(), scheme: None }
    }
}

#[cfg(test)]
mod tests {
    use super::Identifier;

    #[test]
    fn one_without_a_scheme_is_a_text() {
        let plain = Identifier::from("4711");
        let of_scheme = Identifier { value: "4711".into(), scheme: Some("0088".into()) };
        for (id, json) in [(plain, r#""4711""#), (of_scheme, r#"{"value":"4711","scheme":"0088"}"#)]
        {
            assert_eq!(serde_json::to_string(&id).expect("JSON"), json);
            assert_eq!(serde_json::from_str::<Identifier>(json).expect("an identifier"), id);
        }
    }
}
