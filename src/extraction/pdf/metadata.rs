//! What the metadata (XMP) of a PDF say of the invoice inside.

use lopdf::Document;
use roxmltree::{Document as Xml, Node};

use crate::extraction::content::Profile;
use crate::extraction::guard;

/// Bytes of the metadata: writers pad them to some kilobytes.
const BYTES_MAX: usize = 1024 * 1024;

/// Characters of one value.
const VALUE_CHARACTERS_MAX: usize = 255;

/// The profile, from the properties that Factur-X (`fx:`) and ZUGFeRD (`zf:`) define. Writers use
/// various namespaces for them, so the local names count. None where nothing is said.
pub(super) fn profile(document: &Document) -> Option<Profile> {
    let metadata = document.catalog().ok()?.get_deref(b"Metadata", document).ok()?;
    let stream = metadata.as_stream().ok()?;
    let bytes = stream.get_plain_content_with_limit(BYTES_MAX).ok()?;
    read(&String::from_utf8_lossy(&bytes))
}

fn read(text: &str) -> Option<Profile> {
    // Writers pad with blanks and NUL, and some put bytes before the packet.
    let text = text.trim_start_matches('\u{feff}').trim_matches(|c: char| c == '\0' || c <= ' ');
    guard::check(text).ok()?;
    let xml = Xml::parse(text).ok()?;
    let value = |name: &str| {
        xml.descendants()
            .find_map(|node| property(node, name))
            .map(|value| value.trim().chars().take(VALUE_CHARACTERS_MAX).collect::<String>())
    };
    let profile = Profile {
        conformance_level: value("ConformanceLevel"),
        file_name: value("DocumentFileName"),
        document_type: value("DocumentType"),
        version: profile_version(&xml),
    };
    (profile.conformance_level.is_some() || profile.file_name.is_some()).then_some(profile)
}

/// A property is an element, or an attribute of `rdf:Description`.
fn property<'a>(node: Node<'a, '_>, name: &str) -> Option<&'a str> {
    if !node.is_element() {
        return None;
    }
    let element = (node.tag_name().name() == name).then(|| node.text()).flatten();
    let mut attributes = node.attributes();
    let attribute = || attributes.find(|found| found.name() == name).map(|found| found.value());
    element.or_else(attribute).filter(|value| !value.trim().is_empty())
}

/// `Version` is a common word: only the one beside `ConformanceLevel` counts.
fn profile_version(xml: &Xml<'_>) -> Option<String> {
    let has = |node: &Node<'_, '_>, name: &str| {
        node.children().chain([*node]).any(|child| property(child, name).is_some())
    };
    let group = xml.descendants().find(|node| has(node, "ConformanceLevel"))?;
    let version = group.children().chain([group]).find_map(|node| property(node, "Version"))?;
    Some(version.trim().chars().take(VALUE_CHARACTERS_MAX).collect())
}

#[cfg(test)]
mod tests {
    use super::read;

    #[test]
    fn the_profile_is_found_as_elements_and_as_attributes() {
        let elements = r#"<?xpacket begin="" id="x"?>
            <x:xmpmeta xmlns:x="adobe:ns:meta/"><r:RDF xmlns:r="r"><r:Description
             xmlns:fx="urn:factur-x:pdfa:CrossIndustryDocument:invoice:1p0#">
             <fx:DocumentType>INVOICE</fx:DocumentType><fx:Version>1.0</fx:Version>
             <fx:DocumentFileName>factur-x.xml</fx:DocumentFileName>
             <fx:ConformanceLevel> EN 16931 </fx:ConformanceLevel>
            </r:Description></r:RDF></x:xmpmeta><?xpacket end="w"?>"#;
        let attributes = r#"<x:xmpmeta xmlns:x="adobe:ns:meta/"><r:RDF xmlns:r="r">
            <r:Description xmlns:zf="urn:ferd:pdfa:CrossIndustryDocument:invoice:1p0#"
             zf:DocumentType="INVOICE" zf:Version="1.0" zf:DocumentFileName="factur-x.xml"
             zf:ConformanceLevel="EN 16931"/></r:RDF></x:xmpmeta>"#;
        for text in [elements, attributes] {
            let profile = read(text).expect("a profile");
            assert_eq!(profile.conformance_level.as_deref(), Some("EN 16931"));
            assert_eq!(profile.file_name.as_deref(), Some("factur-x.xml"));
            assert_eq!(profile.document_type.as_deref(), Some("INVOICE"));
            assert_eq!(profile.version.as_deref(), Some("1.0"));
        }
    }

    #[test]
    fn other_metadata_say_nothing() {
        for text in ["", "no xml", "<x:xmpmeta xmlns:x='a'/>", "<!DOCTYPE a><a/>"] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
