//! Are two units of measure the same? (Handbook §6; conversion is not built yet.)

/// UN/ECE Rec 20 and 21 codes that all mean one piece.
const ONE_PIECE: [&str; 6] = ["C62", "H87", "EA", "PCE", "NAR", "XPP"];

/// A side that says nothing means the other's unit.
pub(crate) fn same(one: Option<&str>, other: Option<&str>) -> bool {
    match (canonical(one), canonical(other)) {
        (Some(one), Some(other)) => one == other,
        _ => true,
    }
}

/// One code for each unit; none when nothing is said.
pub(crate) fn canonical(unit: Option<&str>) -> Option<String> {
    let unit = unit?.trim().to_ascii_uppercase();
    let piece = ONE_PIECE.contains(&unit.as_str());
    let unit = if piece { ONE_PIECE[0].to_owned() } else { unit };
    (!unit.is_empty()).then_some(unit)
}

#[cfg(test)]
mod tests {
    use super::same;

    #[test]
    fn codes_are_equal_by_text_or_as_one_piece() {
        for (one, other, equal) in [
            (Some("KGM"), Some("KGM"), true),
            (Some("KGM"), Some(" kgm"), true),
            (Some("C62"), Some("XPP"), true),
            (Some("EA"), Some("H87"), true),
            (Some("C62"), Some("DZN"), false),
            (Some("KGM"), Some("GRM"), false),
            (None, Some("KGM"), true),
            (Some(""), Some("KGM"), true),
            (None, None, true),
        ] {
            assert_eq!(same(one, other), equal, "{one:?} {other:?}");
        }
    }
}
