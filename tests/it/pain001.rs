//! What the schema of pain.001.001.09 and the SEPA scheme ask of a file, as far as it can be said
//! without the schema: order and number of elements, lengths, patterns, sums.

use roxmltree::{Document, Node};
use rust_decimal::Decimal;

const NAMESPACE: &str = "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09";

/// A transfer of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Ordered {
    pub(crate) end_to_end: String,
    pub(crate) amount: Decimal,
    pub(crate) text: String,
}

/// The children that an element may have, in this order; those with `!` must be there.
const SEQUENCES: &[(&str, &[&str])] = &[
    ("Document", &["CstmrCdtTrfInitn!"]),
    ("CstmrCdtTrfInitn", &["GrpHdr!", "PmtInf!"]),
    ("GrpHdr", &["MsgId!", "CreDtTm!", "NbOfTxs!", "CtrlSum", "InitgPty!"]),
    (
        "PmtInf",
        &[
            "PmtInfId!",
            "PmtMtd!",
            "BtchBookg",
            "NbOfTxs",
            "CtrlSum",
            "PmtTpInf",
            "ReqdExctnDt!",
            "Dbtr!",
            "DbtrAcct!",
            "DbtrAgt!",
            "UltmtDbtr",
            "ChrgBr",
            "CdtTrfTxInf!",
        ],
    ),
    ("ReqdExctnDt", &["Dt!"]),
    (
        "CdtTrfTxInf",
        &[
            "PmtId!",
            "PmtTpInf",
            "Amt!",
            "ChrgBr",
            "UltmtDbtr",
            "CdtrAgt",
            "Cdtr!",
            "CdtrAcct!",
            "UltmtCdtr",
            "Purp",
            "RmtInf",
        ],
    ),
    ("PmtId", &["InstrId", "EndToEndId!"]),
    ("Amt", &["InstdAmt!"]),
    ("DbtrAcct", &["Id!", "Ccy"]),
    ("CdtrAcct", &["Id!"]),
];

/// Checks a file and answers its transfers.
pub(crate) fn checked(xml: &str) -> Vec<Ordered> {
    let document = Document::parse(xml).expect("well-formed");
    let root = document.root_element();
    for node in root.descendants().filter(Node::is_element) {
        assert_eq!(node.tag_name().namespace(), Some(NAMESPACE), "{node:?}");
        follows(node);
    }
    let group = child(child(root, "CstmrCdtTrfInitn"), "GrpHdr");
    for id in ["MsgId", "PmtInfId", "EndToEndId"] {
        for node in root.descendants().filter(|node| node.has_tag_name((NAMESPACE, id))) {
            let text = node.text().unwrap_or_default();
            let carried = |c: char| c.is_ascii_alphanumeric() || "/-?:().,'+ ".contains(c);
            assert!((1..=35).contains(&text.len()) && text.chars().all(carried), "{id} {text:?}");
        }
    }
    for node in root.descendants().filter(|node| node.has_tag_name((NAMESPACE, "IBAN"))) {
        let text = node.text().unwrap_or_default();
        assert!(ap_gateway::models::iban::is_registered(text), "{text}");
    }
    for node in root.descendants().filter(|node| node.has_tag_name((NAMESPACE, "Nm"))) {
        assert!((1..=70).contains(&node.text().unwrap_or_default().chars().count()));
    }
    let transfers: Vec<Ordered> = root
        .descendants()
        .filter(|node| node.has_tag_name((NAMESPACE, "CdtTrfTxInf")))
        .map(ordered)
        .collect();
    let sum: Decimal = transfers.iter().map(|one| one.amount).sum();
    assert_eq!(text(group, "NbOfTxs"), transfers.len().to_string());
    assert_eq!(text(group, "CtrlSum").parse::<Decimal>().expect("a sum"), sum);
    let mut ids: Vec<_> = transfers.iter().map(|one| &one.end_to_end).collect();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), transfers.len(), "each transfer has an id of its own");
    transfers
}

fn follows(node: Node<'_, '_>) {
    let Some((_, order)) = SEQUENCES.iter().find(|(name, _)| *name == node.tag_name().name())
    else {
        return;
    };
    let mut least = 0;
    for child in node.children().filter(Node::is_element) {
        let name = child.tag_name().name();
        let place = order.iter().position(|known| known.trim_end_matches('!') == name);
        let place = place.unwrap_or_else(|| panic!("{name} in {}", node.tag_name().name()));
        assert!(place >= least, "{name} comes too late in {}", node.tag_name().name());
        least = place;
    }
    for wanted in order.iter().filter_map(|name| name.strip_suffix('!')) {
        let there = node.children().any(|child| child.has_tag_name((NAMESPACE, wanted)));
        assert!(there, "{wanted} is missing in {}", node.tag_name().name());
    }
}

fn ordered(node: Node<'_, '_>) -> Ordered {
    let amount = child(child(node, "Amt"), "InstdAmt");
    assert_eq!(amount.attribute("Ccy"), Some("EUR"));
    let written = amount.text().expect("an amount");
    let digits = written.split('.').nth(1).map_or(0, str::len);
    assert!(digits <= 2, "{written}");
    let information = node.children().find(|child| child.has_tag_name((NAMESPACE, "RmtInf")));
    let text = information.and_then(|node| {
        node.descendants().find(|node| node.has_tag_name((NAMESPACE, "Ustrd")))?.text()
    });
    Ordered {
        end_to_end: child(child(node, "PmtId"), "EndToEndId").text().expect("an id").to_owned(),
        amount: written.parse().expect("a decimal"),
        text: text.unwrap_or_default().to_owned(),
    }
}

fn child<'a, 'i>(node: Node<'a, 'i>, name: &str) -> Node<'a, 'i> {
    let found = node.children().find(|child| child.has_tag_name((NAMESPACE, name)));
    found.unwrap_or_else(|| panic!("no {name}"))
}

fn text<'a>(node: Node<'a, '_>, name: &str) -> &'a str {
    child(node, name).text().unwrap_or_default()
}
