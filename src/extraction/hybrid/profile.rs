//! What the metadata of the PDF say of the invoice, against what the invoice says of itself.

use crate::extraction::content::Profile;
use crate::extraction::hybrid::finding;
use crate::models::finding::{Finding, Severity};
use crate::models::invoice::Invoice;

/// A difference between `ConformanceLevel` of the metadata and BT-24: a warning, for the invoice
/// is read by what it says itself.
pub fn profile_differs(profile: Option<&Profile>, invoice: &Invoice) -> Option<Finding> {
    let claimed = profile?.conformance_level.as_deref()?;
    let specification = invoice.specification.as_deref()?;
    let level = level_of(specification)?;
    if agree(&folded(claimed), level) {
        return None;
    }
    let message = format!(
        "the metadata of the PDF call the invoice {claimed:?}, and the invoice itself says {level}"
    );
    let mut finding = finding("PDF_PROFILE_DIFFERS", Severity::Warning, &["BT-24"], message);
    finding.actual = Some(claimed.to_owned());
    finding.expected = Some(specification.to_owned());
    finding.remedy = Some("tell the supplier: their software fills in one of the two".to_owned());
    Some(finding)
}

/// The level that a BT-24 means; none for what is no profile of a hybrid invoice.
fn level_of(specification: &str) -> Option<&'static str> {
    let specification = specification.trim().to_ascii_lowercase();
    let last = specification.rsplit(['#', ':']).next().unwrap_or_default();
    match last {
        "minimum" => Some("MINIMUM"),
        "basicwl" => Some("BASIC WL"),
        "basic" => Some("BASIC"),
        "comfort" => Some("COMFORT"),
        "extended" => Some("EXTENDED"),
        _ if specification == "urn:cen.eu:en16931:2017" => Some("EN 16931"),
        _ if specification.contains("xrechnung") => Some("XRECHNUNG"),
        _ => None,
    }
}

/// COMFORT is the older word for EN 16931; an XRechnung is one too.
fn agree(claimed: &str, level: &str) -> bool {
    let broad = |level: &str| matches!(level, "EN16931" | "COMFORT");
    let level = folded(level);
    claimed == level || broad(claimed) && (broad(&level) || level == "XRECHNUNG")
}

/// Letters and digits in upper case: writers disagree on blanks.
fn folded(level: &str) -> String {
    level.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_uppercase()
}

#[cfg(test)]
mod tests {
    use super::profile_differs;
    use crate::extraction::content::Profile;
    use crate::models::invoice::Invoice;

    #[test]
    fn a_difference_is_told_and_another_spelling_is_none() {
        for (claimed, specification, differs) in [
            ("EN 16931", "urn:cen.eu:en16931:2017", false),
            ("COMFORT", "urn:cen.eu:en16931:2017", false),
            ("BASIC WL", "urn:factur-x.eu:1p0:basicwl", false),
            ("BASIC_WL", "urn:factur-x.eu:1p0:basicwl", false),
            ("BASIC", "urn:cen.eu:en16931:2017#compliant#urn:factur-x.eu:1p0:basic", false),
            ("EXTENDED", "urn:cen.eu:en16931:2017#conformant#urn:factur-x.eu:1p0:extended", false),
            ("COMFORT", "urn:ferd:CrossIndustryDocument:invoice:1p0:comfort", false),
            (
                "XRECHNUNG",
                "urn:cen.eu:en16931:2017#compliant#urn:xoev-de:kosit:standard:xrechnung_2.3",
                false,
            ),
            (
                "EN 16931",
                "urn:cen.eu:en16931:2017#compliant#urn:xeinkauf.de:kosit:xrechnung_3.0",
                false,
            ),
            ("BASIC", "urn:cen.eu:en16931:2017", true),
            ("MINIMUM", "urn:factur-x.eu:1p0:basicwl", true),
            ("EN 16931", "urn:cen.eu:en16931:2017#conformant#urn:factur-x.eu:1p0:extended", true),
            ("EN 16931", "something of their own", false),
        ] {
            let profile =
                Profile { conformance_level: Some(claimed.to_owned()), ..Profile::default() };
            let specification = Some(specification.to_owned());
            let invoice = Invoice { specification, ..Invoice::default() };
            let finding = profile_differs(Some(&profile), &invoice);
            assert_eq!(finding.is_some(), differs, "{claimed} {:?}", invoice.specification);
        }
        assert_eq!(profile_differs(None, &Invoice::default()), None);
    }
}
