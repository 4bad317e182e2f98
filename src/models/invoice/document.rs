//! Texts and documents that an invoice refers to: BG-1, BG-3, BG-24.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use utoipa::ToSchema;

/// BG-1.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Note {
    /// BT-21, UNTDID 4451.
    pub subject_code: Option<String>,
    /// BT-22.
    pub text: Option<String>,
}

/// BG-3: an invoice that this one corrects or credits.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct PrecedingInvoice {
    /// BT-25.
    pub number: Option<String>,
    /// BT-26.
    pub issue_date: Option<NaiveDate>,
}

/// BG-24.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct SupportingDocument {
    /// BT-122.
    pub reference: Option<String>,
    /// BT-123.
    pub description: Option<String>,
    /// BT-124.
    pub url: Option<String>,
    /// BT-125.
    pub attachment: Option<Attachment>,
}

/// BT-125 without its content: that is kept apart, under its hash.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Attachment {
    /// As the sender says.
    pub media_type: Option<String>,
    /// A name to show; never a path.
    pub file_name: Option<String>,
    /// SHA-256 of the content, in hexadecimal.
    pub sha256: Option<String>,
    /// Length of the content.
    pub bytes: Option<u64>,
}
