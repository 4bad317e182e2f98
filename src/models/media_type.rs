//! Media types of documents, and what their first bytes must look like.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A document type that the gateway reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub enum MediaType {
    /// `application/xml`, also said as `text/xml`.
    #[serde(rename = "application/xml")]
    Xml,
    /// `application/pdf`.
    #[serde(rename = "application/pdf")]
    Pdf,
    /// `application/json`.
    #[serde(rename = "application/json")]
    Json,
    /// `text/csv`.
    #[serde(rename = "text/csv")]
    Csv,
    /// A spreadsheet of Excel since 2007.
    #[serde(rename = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")]
    Xlsx,
    /// A spreadsheet of older Excel.
    #[serde(rename = "application/vnd.ms-excel")]
    Xls,
    /// An OpenDocument spreadsheet.
    #[serde(rename = "application/vnd.oasis.opendocument.spreadsheet")]
    Ods,
    /// An archive with one document in it; also said as `application/x-zip-compressed`.
    #[serde(rename = "application/zip")]
    Zip,
    /// `image/png`.
    #[serde(rename = "image/png")]
    Png,
    /// `image/jpeg`.
    #[serde(rename = "image/jpeg")]
    Jpeg,
    /// `image/tiff`.
    #[serde(rename = "image/tiff")]
    Tiff,
    /// `application/octet-stream`: the sender does not know, and the content says it.
    #[serde(rename = "application/octet-stream")]
    Unknown,
}

/// What begins with these bytes is surely of these types, the most likely first.
const MAGIC: [(&[u8], &[MediaType], &str); 9] = [
    (b"%PDF-", &[MediaType::Pdf], "application/pdf"),
    (b"PK\x03\x04", &[MediaType::Xlsx, MediaType::Ods, MediaType::Zip], "application/zip"),
    // Excel before 2007, and newer files behind a password.
    (
        b"\xd0\xcf\x11\xe0",
        &[MediaType::Xls, MediaType::Xlsx, MediaType::Ods],
        "application/x-ole-storage",
    ),
    (b"\x89PNG", &[MediaType::Png], "image/png"),
    (b"\xff\xd8\xff", &[MediaType::Jpeg], "image/jpeg"),
    (b"II*\x00", &[MediaType::Tiff], "image/tiff"),
    (b"MM\x00*", &[MediaType::Tiff], "image/tiff"),
    (b"\x1f\x8b", &[], "application/gzip"),
    (b"GIF8", &[], "image/gif"),
];

impl MediaType {
    /// All of them, for `Accept` headers and problem documents.
    pub const ALL: [Self; 12] = [
        Self::Xml,
        Self::Pdf,
        Self::Json,
        Self::Csv,
        Self::Xlsx,
        Self::Xls,
        Self::Ods,
        Self::Zip,
        Self::Png,
        Self::Jpeg,
        Self::Tiff,
        Self::Unknown,
    ];

    /// The name that we write.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Xml => "application/xml",
            Self::Pdf => "application/pdf",
            Self::Json => "application/json",
            Self::Csv => "text/csv",
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            Self::Xls => "application/vnd.ms-excel",
            Self::Ods => "application/vnd.oasis.opendocument.spreadsheet",
            Self::Zip => "application/zip",
            Self::Png => "image/png",
            Self::Jpeg => "image/jpeg",
            Self::Tiff => "image/tiff",
            Self::Unknown => "application/octet-stream",
        }
    }

    /// How names of such files end, without the dot.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Xml => "xml",
            Self::Pdf => "pdf",
            Self::Json => "json",
            Self::Csv => "csv",
            Self::Xlsx => "xlsx",
            Self::Xls => "xls",
            Self::Ods => "ods",
            Self::Zip => "zip",
            Self::Png => "png",
            Self::Jpeg => "jpg",
            Self::Tiff => "tif",
            Self::Unknown => "bin",
        }
    }

    /// Reads the essence of a `Content-Type`, without parameters; case does not count.
    pub fn parse(essence: &str) -> Option<Self> {
        let essence = essence.trim().to_ascii_lowercase();
        match essence.as_str() {
            "text/xml" => Some(Self::Xml),
            "application/x-zip-compressed" => Some(Self::Zip),
            essence => Self::ALL.into_iter().find(|kind| kind.as_str() == essence),
        }
    }

    /// What the first bytes say, when it is not this type: for the `detected` of a 415.
    /// Only what is surely something else is named; a damaged document is the reader's matter.
    pub fn contradicted_by(self, first: &[u8]) -> Option<&'static str> {
        if self == Self::Unknown {
            return None;
        }
        let magic = MAGIC.iter().find(|(magic, ..)| first.starts_with(magic));
        if let Some((_, kinds, name)) = magic {
            return (!kinds.contains(&self)).then_some(*name);
        }
        match text(first).first() {
            Some(b'{')
                if matches!(self, Self::Xml | Self::Pdf | Self::Zip) || self.is_picture() =>
            {
                Some("application/json")
            }
            Some(b'<')
                if self.is_picture() || matches!(self, Self::Json | Self::Pdf | Self::Zip) =>
            {
                Some("application/xml")
            }
            _ => None,
        }
    }

    /// The type that the first bytes surely are of; what the sender said where they say nothing.
    pub fn or_by(self, first: &[u8]) -> Self {
        if self != Self::Unknown {
            return self;
        }
        let magic = MAGIC.iter().find(|(magic, ..)| first.starts_with(magic));
        // An archive may be a spreadsheet and may be none: that is seen when it is opened.
        let by_magic = match magic {
            Some((_, [kind], _)) => Some(*kind),
            Some(_) => Some(self),
            None => None,
        };
        by_magic.unwrap_or(match text(first).first() {
            Some(b'<') => Self::Xml,
            Some(b'{') => Self::Json,
            _ => self,
        })
    }

    fn is_picture(self) -> bool {
        matches!(self, Self::Png | Self::Jpeg | Self::Tiff)
    }
}

/// The bytes without a byte order mark and blanks before them.
fn text(first: &[u8]) -> &[u8] {
    first.strip_prefix(b"\xef\xbb\xbf").unwrap_or(first).trim_ascii_start()
}

#[cfg(test)]
mod tests {
    use super::MediaType;

    #[test]
    fn a_type_is_contradicted_only_by_what_is_surely_another() {
        let table: [(MediaType, &[u8], Option<&str>); 17] = [
            (MediaType::Xml, b"<Invoice", None),
            (MediaType::Xml, b"%PDF-1.4", Some("application/pdf")),
            (MediaType::Xml, b" {", Some("application/json")),
            (MediaType::Xml, b"garbage", None),
            (MediaType::Pdf, b"%PDF-1.4", None),
            // Some printers write blanks or a banner before the header.
            (MediaType::Pdf, b"\r\n%PDF-1.4", None),
            (MediaType::Pdf, b"<html>", Some("application/xml")),
            (MediaType::Json, b"\xef\xbb\xbf<a/>", Some("application/xml")),
            (MediaType::Csv, b"a;b", None),
            (MediaType::Csv, b"PK\x03\x04", Some("application/zip")),
            (MediaType::Xlsx, b"PK\x03\x04", None),
            (MediaType::Xlsx, b"\xd0\xcf\x11\xe0", None),
            (MediaType::Zip, b"PK\x03\x04", None),
            (MediaType::Zip, b"%PDF-1.4", Some("application/pdf")),
            (MediaType::Zip, b"<a/>", Some("application/xml")),
            (MediaType::Png, b"\xff\xd8\xff\xe0", Some("image/jpeg")),
            (MediaType::Unknown, b"%PDF-1.4", None),
        ];
        for (kind, first, said) in table {
            assert_eq!(kind.contradicted_by(first), said, "{kind:?} {first:?}");
        }
    }

    #[test]
    fn names_are_read_as_they_are_written() {
        for kind in MediaType::ALL {
            assert_eq!(MediaType::parse(&kind.as_str().to_uppercase()), Some(kind));
            let json = serde_json::to_string(&kind).expect("JSON");
            assert_eq!(json, format!("\"{}\"", kind.as_str()));
        }
        assert_eq!(MediaType::parse("text/xml"), Some(MediaType::Xml));
        let zipped = MediaType::parse("Application/X-Zip-Compressed");
        assert_eq!(zipped, Some(MediaType::Zip));
        assert_eq!(MediaType::parse("application/gzip"), None);
        assert_eq!(MediaType::Unknown.or_by(b"%PDF-1.4"), MediaType::Pdf);
        assert_eq!(MediaType::Unknown.or_by(b"\xef\xbb\xbf <a/>"), MediaType::Xml);
        assert_eq!(MediaType::Unknown.or_by(b"a;b"), MediaType::Unknown);
        assert_eq!(MediaType::Csv.or_by(b"<a/>"), MediaType::Csv);
    }
}
